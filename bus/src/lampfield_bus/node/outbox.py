"""What is on its way to the broker. Pure: no lock, no clock, no client; the sender holds the lock around it.

Retained topics keep their last value for the life of the process, because brokers lose stores: after every connect all
of them are sent again. A deletion stays as a tombstone until the broker has acknowledged it, then it is forgotten.
Everything else is an event: it waits in a bounded queue, oldest dropped first.

                       take                     acknowledged
    put ──▶ waiting ─────────▶ under way ──────────────────────▶ done
               ▲                    │
               └──── lost ──────────┘      (the connection went: state and QoS 1 events wait again)
"""

from collections.abc import Iterable
from itertools import islice

from lampfield_bus.messages import Publication

__all__ = ["EVENT_BOUND", "RETAINED_BOUND", "Outbox", "Ticket"]

# Events waiting or under way; the oldest is dropped and counted. A broker that is away for a minute while 50 calls a
# second begin and end loses none; 6 MB at most.
EVENT_BOUND = 10_000
RETAINED_BOUND = 20_000  # retained topics and tombstones; beyond them the oldest tombstone goes, else the newcomer

Ticket = int
_Key = str | int  # a retained topic, or an event's number


class Outbox:
    """Publications by what may be sent next; `online` says whether QoS 0 events are worth keeping at all."""

    def __init__(self, *, event_bound: int = EVENT_BOUND, retained_bound: int = RETAINED_BOUND) -> None:
        self._event_bound = event_bound
        self._retained_bound = retained_bound
        self._latest: dict[str, Publication] = {}  # every retained topic, tombstones included
        self._tombstones: dict[str, None] = {}  # which of them are deletions, oldest first
        self._events: dict[int, Publication] = {}  # waiting and under way, oldest first
        self._waiting: dict[_Key, None] = {}  # in the order in which it will be sent
        self._under_way: dict[Ticket, tuple[_Key, Publication]] = {}
        self._number = 0
        self._online = False
        self.dropped = 0

    @property
    def retained_topics(self) -> int:
        """How many retained topics hold something now."""
        return len(self._latest) - len(self._tombstones)

    @property
    def under_way(self) -> int:
        """How many publications the broker has not acknowledged."""
        return len(self._under_way)

    @property
    def waiting(self) -> int:
        """How many publications could be sent now."""
        return len(self._waiting)

    @property
    def idle(self) -> bool:
        """Nothing waits and nothing is under way."""
        return not self._waiting and not self._under_way

    def put(self, publications: Iterable[Publication]) -> None:
        """Takes publications in: retained ones replace what their topic held, the others queue."""
        for publication in publications:
            if publication.retain:
                self._put_retained(publication)
            elif publication.qos or self._online:
                self._put_event(publication)
            else:
                self.dropped += 1  # QoS 0 and no connection: it would be stale when it arrived

    def take(self, limit: int) -> list[tuple[Ticket, Publication]]:
        """At most `limit` publications to send now; each stays under way until `done` or `lost`."""
        batch = []
        for key in list(islice(self._waiting, max(limit, 0))):
            del self._waiting[key]
            self._number += 1
            publication = self._latest[key] if isinstance(key, str) else self._events[key]
            self._under_way[self._number] = (key, publication)
            batch.append((self._number, publication))
        return batch

    def done(self, ticket: Ticket) -> None:
        """The broker has this one (or will never take it): a tombstone and an event are forgotten."""
        key, publication = self._under_way.pop(ticket, (None, None))
        if isinstance(key, int):
            self._events.pop(key, None)
        elif key is not None and publication is self._latest.get(key) and key in self._tombstones:
            self._forget(key)

    def connected(self) -> None:
        """A new connection: all retained state is to be sent again, then the events, in their order."""
        self.lost()
        self._online = True
        self._waiting = {**dict.fromkeys(self._latest), **dict.fromkeys(self._events)}

    def lost(self) -> None:
        """The connection went: what was under way waits again, QoS 0 events apart."""
        self._online = False
        self._under_way.clear()
        for number in [number for number, event in self._events.items() if not event.qos]:
            del self._events[number]
            self.dropped += 1
        self._waiting = {**dict.fromkeys(self._latest), **dict.fromkeys(self._events)}

    def _put_retained(self, publication: Publication) -> None:
        topic = publication.topic
        held = self._latest.get(topic)
        if held is None and len(self._latest) >= self._retained_bound and not self._make_room():
            self.dropped += 1
            return
        if publication.payload:
            self._tombstones.pop(topic, None)
            if held is not None:  # with the topic that is the key: ten thousand topics shall be in memory once
                publication = Publication(held.topic, publication.payload, publication.qos, True, publication.unpack)
        else:
            # QoS 0 is never acknowledged: a deletion always travels at QoS 1.
            publication = Publication(topic, b"", 1, True)
            self._tombstones[topic] = None
        self._latest[topic] = publication
        self._waiting.setdefault(topic)

    def _make_room(self) -> bool:
        oldest = next(iter(self._tombstones), None)
        if oldest is None:
            return False
        self._forget(oldest)
        self.dropped += 1
        return True

    def _forget(self, topic: str) -> None:
        del self._latest[topic]
        del self._tombstones[topic]
        self._waiting.pop(topic, None)

    def _put_event(self, publication: Publication) -> None:
        if len(self._events) >= self._event_bound:
            oldest = next(iter(self._events))
            del self._events[oldest]
            self._waiting.pop(oldest, None)
            self.dropped += 1
        self._number += 1
        self._events[self._number] = publication
        self._waiting[self._number] = None
