"""What a process counts of itself, in plain numbers that cost nothing until somebody asks. Pure.

A service makes families of these; `exposition` turns them into what Prometheus reads. One thread counts, another may
read at any moment: a number may be a moment old, never torn.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Final, Literal, NamedTuple

__all__ = ["SECONDS", "Family", "Histogram", "LinkCounts", "Measure", "link_measures"]

SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)


class Family(NamedTuple):
    """One metric at one moment. `values` are by the value of the label `label`; without a label by an empty string.

    Names and units are Prometheus': base units, and a counter's name without its `_total`.
    """

    name: str
    kind: Literal["counter", "gauge"]
    help: str
    values: Mapping[str, float]
    label: str = ""

    @classmethod
    def counter(cls, name: str, text: str, value: float) -> "Family":
        """A number that only grows while the process lives."""
        return cls(name, "counter", text, {"": value})

    @classmethod
    def gauge(cls, name: str, text: str, value: float) -> "Family":
        """A number that goes up and down."""
        return cls(name, "gauge", text, {"": value})


class Histogram:
    """How often something took how long, in seconds; `bounds` are the upper ends of the buckets, the last is open."""

    def __init__(self, name: str, text: str, bounds: Sequence[float] = SECONDS) -> None:
        self.name = name
        self.help = text
        self._bounds = tuple(bounds)
        self._counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def observe(self, seconds: float) -> None:
        """It took so long once more."""
        self._counts[bisect_left(self._bounds, seconds)] += 1
        self.sum += seconds

    @property
    def count(self) -> int:
        """How often it was observed."""
        return sum(self._counts)

    def buckets(self) -> list[tuple[float, int]]:
        """For each upper end how often it took at most so long; the last end is infinity."""
        return list(zip((*self._bounds, float("inf")), accumulate(self._counts[:]), strict=True))


Measure = Family | Histogram


class LinkCounts(NamedTuple):
    """What a link to the broker has done since its process began, and how it stands."""

    connected: bool
    connections: int
    received: int
    published: int
    dropped: int
    waiting: int
    under_way: int
    retained_topics: int


def link_measures(counts: LinkCounts) -> list[Measure]:
    """Every process's side of the broker."""
    messages = {"waiting": counts.waiting, "under_way": counts.under_way}
    return [
        Family.gauge("lampfield_mqtt_up", "Whether the broker has accepted this process.", counts.connected),
        Family.counter("lampfield_mqtt_connections", "Connections that the broker accepted.", counts.connections),
        Family.counter("lampfield_mqtt_messages_received", "Messages received from the broker.", counts.received),
        Family.counter("lampfield_mqtt_messages_published", "Messages that the broker took.", counts.published),
        Family.counter("lampfield_mqtt_messages_dropped", "Messages, either way, that found no room.", counts.dropped),
        Family("lampfield_mqtt_outbox_messages", "gauge", "Messages that the broker has not taken.", messages, "state"),
        Family.gauge(
            "lampfield_mqtt_retained_topics", "Retained topics that this process holds.", counts.retained_topics
        ),
    ]
