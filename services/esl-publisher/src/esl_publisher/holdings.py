"""What this process has retained on the broker, against what a reading says that the broker holds.

Pure. A broker that was killed may come back with a store from before: what it holds beyond ours are ghosts, of calls
that ended long ago. They are deleted; what it lacks the link has published again by itself.
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from lampfield_bus.messages import Publication
from lampfield_bus.node.arrivals import Arrival, Lost, Message, ReadingBegan, ReadingEnded

__all__ = ["Holdings", "Reading"]


class Reading(Struct, frozen=True):
    """The publisher's own retained topics, as the broker told them; not `complete`: some may be missing."""

    messages: dict[str, bytes]
    complete: bool


class Holdings:
    """Which retained topics are ours to have, and the reading that is under way."""

    def __init__(self) -> None:
        self._held: set[str] = set()
        self._reading: dict[str, bytes] | None = None

    def receive(self, arrival: Arrival) -> Reading | None:
        """Takes what the link tells; a reading when one has ended."""
        match arrival:
            case ReadingBegan():
                self._reading = {}
            case Lost():
                self._reading = None
            case Message(topic=topic, payload=payload) if self._reading is not None and payload:
                self._reading[topic] = payload
            case ReadingEnded(complete=complete) if self._reading is not None:
                messages, self._reading = self._reading, None
                return Reading(messages, complete)
        return None

    def note(self, publications: Iterable[Publication]) -> None:
        """What is on its way to the broker."""
        for publication in publications:
            if publication.retain:
                (self._held.add if publication.payload else self._held.discard)(publication.topic)

    def inherit(self, messages: Mapping[str, bytes]) -> None:
        """What an earlier run left is ours from now on; the machine decides what becomes of it."""
        self._held.update(messages)

    def ghosts(self, messages: Mapping[str, bytes]) -> list[Publication]:
        """The deletions of everything in a later reading that is not ours."""
        return [Publication(topic, b"", 1, True) for topic in messages if topic not in self._held]
