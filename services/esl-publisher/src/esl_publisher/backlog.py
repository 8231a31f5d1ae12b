"""What the reader hands to the worker: a bounded queue that says what is missing.

Pure: no greenlet, no clock. Events are bodies as they came; when they find no room all of them are dropped at once,
because half a story is worth nothing: an `Overflow` stands in their place, and a snapshot tells the truth. Answers to
jobs are never dropped: somebody waits for each.
"""

from collections import deque
from typing import Final

from msgspec import Struct

from esl_publisher.answers import Answer

__all__ = ["MAX_BYTES", "MAX_EVENTS", "Backlog", "Overflow"]

MAX_EVENTS: Final = 20_000
MAX_BYTES: Final = 32 * 1024 * 1024  # of all bodies that wait; one larger event alone still passes


class Overflow(Struct, frozen=True):
    """Stands where `dropped` events are missing."""

    dropped: int


class Backlog:
    """Events, answers and overflows in the order in which they came."""

    def __init__(self, *, max_events: int = MAX_EVENTS, max_bytes: int = MAX_BYTES) -> None:
        self.dropped = 0  # events so far
        self._max_events = max_events
        self._max_bytes = max_bytes
        self._items: deque[bytes | Answer | Overflow] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: bytes | Answer) -> None:
        """Adds an event's body or an answer; never refuses."""
        if isinstance(item, bytes):
            if len(self._items) >= self._max_events or (self._bytes and self._bytes + len(item) > self._max_bytes):
                self._overflow()
            self._bytes += len(item)
        self._items.append(item)

    def take(self, limit: int) -> list[bytes] | Answer | Overflow | None:
        """The next events, at most `limit`; or the one thing that stands before them; None when nothing waits."""
        bodies: list[bytes] = []
        items = self._items
        while items and len(bodies) < limit:
            item = items.popleft()
            if isinstance(item, bytes):
                bodies.append(item)
            elif bodies:
                items.appendleft(item)
                break
            else:
                return item
        self._bytes -= sum(map(len, bodies))
        return bodies or None

    def clear(self) -> None:
        """Forgets all of it."""
        self._items.clear()
        self._bytes = 0

    def _overflow(self) -> None:
        items = list(self._items)
        lost = sum(isinstance(item, bytes) for item in items)
        told = sum(item.dropped for item in items if isinstance(item, Overflow))
        self.clear()
        self._items.extend(item for item in items if isinstance(item, Answer))
        self._items.append(Overflow(told + lost))
        self.dropped += lost
