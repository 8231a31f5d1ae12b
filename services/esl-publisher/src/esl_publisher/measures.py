"""What the publisher counts of its own work, and how that is called. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct

from esl_publisher.calls import CallState
from esl_publisher.decode import Event
from lampfield_bus.node.measures import Family, Histogram, LinkCounts, Measure, link_measures

__all__ = ["OTHER", "Readings", "Tally", "measures"]

NAMES_BOUND: Final = 100  # names of events that are told apart; FreeSWITCH has 94, and ours are fewer
OTHER: Final = "other"
_LONG: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Tally:
    """Grows while the process lives; the greenlets count, batch by batch, and a scrape reads."""

    def __init__(self) -> None:
        self.events: dict[str, int] = {}  # by name; those of CUSTOM by their subclass
        self.undecodable = 0
        self.connections = 0
        self.failed_resyncs = 0
        self.decode = Histogram("lampfield_esl_decode_seconds", "Decoding one batch of at most 64 events.")
        self.turn = Histogram("lampfield_turn_seconds", "One turn of the machine, up to the hand-over to the link.")
        self.resync = Histogram("lampfield_resync_seconds", "Reading all of FreeSWITCH's tables once.", _LONG)

    def met(self, events: Iterable[Event]) -> None:
        """These events came. What nobody subscribed to makes no labels without end."""
        known = self.events
        for event in events:
            name = event.name
            if name == "CUSTOM":
                name = getattr(event, "subclass", "") or name
            if name in known:
                known[name] += 1
            else:
                name = name if len(known) < NAMES_BOUND else OTHER
                known[name] = known.get(name, 0) + 1


class Readings(Struct, frozen=True, kw_only=True):
    """What is read elsewhere at the moment of a scrape. `calls` are by state; `queue` are events that wait."""

    esl_up: bool
    queue: int
    dropped: int
    calls: Mapping[CallState, int]
    link: LinkCounts


def measures(tally: Tally, readings: Readings) -> list[Measure]:
    """All that is told."""
    calls: dict[str, float] = {str(state): count for state, count in readings.calls.items()}
    return [
        Family.gauge("lampfield_esl_up", "Whether FreeSWITCH has let this publisher in.", readings.esl_up),
        Family.counter("lampfield_esl_connections", "Connections that FreeSWITCH let in.", tally.connections),
        Family("lampfield_esl_events", "counter", "Events received, by name.", dict(tally.events), "name"),
        Family.counter("lampfield_esl_events_undecodable", "Events that could not be read.", tally.undecodable),
        Family.counter("lampfield_esl_events_dropped", "Events that found no room in the queue.", readings.dropped),
        Family.gauge("lampfield_esl_queue_events", "Events that wait to be worked on.", readings.queue),
        tally.decode,
        tally.turn,
        tally.resync,
        Family.counter("lampfield_resyncs_failed", "Snapshots whose tables could not be read.", tally.failed_resyncs),
        Family("lampfield_calls", "gauge", "Live calls, by state.", calls, "state"),
        *link_measures(readings.link),
    ]
