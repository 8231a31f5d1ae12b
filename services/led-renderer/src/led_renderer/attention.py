"""Which notification shows when. A pure machine: instants are arguments, a stepped clock is told to it.

Order: critical, then what the display shows of itself (identify, test), warning, info; within one, `first` (the verb
`text`) before the others, then by start, then as they came. Who is pre-empted resumes where it was. One that brings no
`at` starts at the next whole second of the wall clock, so that the tiles of a wall agree. One that is held shows until
it is dismissed, but lets others of its rank go first.

    waiting for its start ──▶ ready ──▶ showing ──▶ over
                                ▲          │
                                └──────────┘  pre-empted, or a breather

The promise about the page: what is below critical covers it for at most `max_hide_ms` at a stretch; then one full page
shows. A critical one in between neither counts as a stretch nor ends it: only a page that was seen does.

None is shown for less than SHORTEST_MS, so that however many come, their changes do not flicker.
"""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from msgspec import structs

from led_renderer.commands import Notification

__all__ = ["BOUND", "CRITICAL_BOUND", "Attention", "Showing"]

BOUND: Final = 32  # waiting and showing, below critical; a full queue drops its last for a newcomer of higher rank
CRITICAL_BOUND: Final = 64  # critical ones have room of their own; when that is full a newcomer is refused

SECOND: Final = 1_000
SHORTEST_MS: Final = 500
LONGER_MS: Final = 120_000  # by which a breather is longer at most, because the rotation changed meanwhile

_RANK: Final = {"critical": 0, "warning": 2, "info": 3}
_OF_ITSELF: Final = 1


def _rank(notification: Notification) -> int:
    if notification.priority != "critical" and notification.kind != "text":
        return _OF_ITSELF
    return _RANK[notification.priority]


class Showing(NamedTuple):
    """What is on the panel. `since`: from when its scroll and blink count, so that a resumed one goes on mid-word."""

    notification: Notification
    since: int


class _Entry:
    """One notification in the queue. `left`: how long it still has to show, None for ever."""

    __slots__ = ("left", "notification", "number", "own_start", "shown", "start")

    def __init__(self, notification: Notification, number: int, start: int, left: int | None) -> None:
        self.notification = notification
        self.number = number
        self.start = start
        self.own_start = notification.at is None  # stamped by us, so a stepped clock moves it
        self.left = left
        self.shown = 0  # how long it has been on the panel, all stretches together

    def catch_up(self, late: int) -> None:
        """It should have begun `late` ms ago: it joins the other displays in the middle, unless it would be over."""
        if late > 0 and (self.left is None or late < self.left):
            self.shown = late
            self.left = None if self.left is None else self.left - late

    def rest(self, duration: int) -> None:
        """Its turn came in the middle of a second: it shows at once, but counts from the next whole one."""
        self.shown -= duration
        self.left = None if self.left is None else self.left + duration

    @property
    def critical(self) -> bool:
        return self.notification.priority == "critical"

    @property
    def rank(self) -> tuple[int, bool, bool, int, int]:
        """Smaller goes first."""
        known = self.notification
        return (_rank(known), known.hold, not known.first, self.start, self.number)


class Attention:
    """The queue of notifications.

    `length_ms` gives one showing's length where the notification says none. `breather_ms` tells how long the page has
    to be seen from an instant on until one whole page was seen.
    """

    def __init__(
        self,
        *,
        max_hide_ms: int,
        breather_ms: Callable[[int], int],
        length_ms: Callable[[Notification], int],
        bound: int = BOUND,
        critical_bound: int = CRITICAL_BOUND,
    ) -> None:
        self._max_hide = max_hide_ms
        self._breather = breather_ms
        self._length = length_ms
        self._bound = bound
        self._critical_bound = critical_bound
        self._entries: dict[str, _Entry] = {}
        self._number = 0
        self._at: int | None = None  # the instant up to which everything below is true
        self._current: _Entry | None = None
        self._hidden = 0  # how long what is below critical has covered the page in this stretch
        self._seen_at: int | None = None  # when, if nothing comes between, one whole page will have been seen
        self._seen_by: int | None = None  # and when it is held to have been seen, however often the rotation changes

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def ids(self) -> list[str]:
        """Everything waiting and showing, in the order of showing."""
        return [entry.notification.id for entry in sorted(self._entries.values(), key=lambda entry: entry.rank)]

    def add(self, notification: Notification, now: int) -> str | None:
        """Takes a notification in; one with the same id is replaced and starts anew. Returns why not, if not."""
        self.tick(now)
        known = self._entries.get(notification.id)
        if known is None or known.critical != (notification.priority == "critical"):
            refusal = self._make_room(notification)
            if refusal is not None:
                return refusal
        start = -(-now // SECOND) * SECOND if notification.at is None else notification.at
        self._number += 1
        number = self._number if known is None else known.number
        if known is not None:
            self._remove(known)
        entry = _Entry(notification, number, start, self._whole(notification))
        entry.catch_up(now - start)
        self._entries[notification.id] = entry
        self._choose(now)
        return None

    def amend(self, notification: Notification) -> None:
        """Another text for the one with the same id, which goes on where it is; nothing if there is none."""
        known = self._entries.get(notification.id)
        if known is not None:
            known.notification = structs.replace(known.notification, text=notification.text)

    def rotation_changed(self, now: int) -> None:
        """Other pages take turns from `now` on: the full page that a breather waits for may be another."""
        self.tick(now)
        if self._seen_at is not None and self._seen_by is not None:
            self._seen_at = min(now + max(self._breather(now), 1), self._seen_by)

    def dismiss(self, which: str, now: int) -> bool:
        """Takes out an id, `*` all, or, empty, the one showing. Returns whether there was anything."""
        self.tick(now)
        if which == "*":
            gone = list(self._entries.values())
        elif which:
            gone = [entry for entry in (self._entries.get(which),) if entry is not None]
        else:
            gone = [] if self._current is None else [self._current]
        before = self._current
        for entry in gone:
            self._remove(entry)
        self._choose(now)
        if self._current is not None and self._current is not before:
            self._current.rest(-now % SECOND)
        return bool(gone)

    def showing(self, now: int) -> Showing | None:
        """What is on the panel at `now`."""
        self.tick(now)
        if self._current is None or self._at is None:
            return None
        return Showing(self._current.notification, self._at - self._current.shown)

    def due(self) -> int | None:
        """The next instant at which something may change on its own."""
        if self._at is None:
            return None
        return min(self._changes(), default=None)

    def tick(self, now: int) -> None:
        """Time has passed."""
        if self._at is None:
            self._at = now
        while (due := self.due()) is not None and due <= now and self._entries:
            self._pass(due)
            self._choose(due)
        self._pass(now)

    def shift(self, delta_ms: int) -> None:
        """The wall clock was stepped: what we stamped ourselves moves along, an `at` stays what it says."""
        if self._at is not None:
            self._at += delta_ms
            self._seen_at = None if self._seen_at is None else self._seen_at + delta_ms
            self._seen_by = None if self._seen_by is None else self._seen_by + delta_ms
        for entry in self._entries.values():
            if entry.own_start:
                entry.start += delta_ms
        if self._at is not None:
            self._choose(self._at)
            self.rotation_changed(self._at)  # pages turn by the clock: the one being seen is another now

    def _whole(self, notification: Notification) -> int | None:
        if notification.hold:
            return None
        one = self._length(notification) if notification.seconds is None else round(notification.seconds * SECOND)
        return max(one, SHORTEST_MS) * notification.repeat

    def _changes(self) -> Iterator[int]:
        """Instants, from `_at` on, at which the choice may be another."""
        at = self._at or 0
        current = self._current
        for entry in self._entries.values():
            if entry.start > at:
                yield entry.start
        if current is not None:
            if current.left is not None:
                yield at + current.left
            if not current.critical:
                yield at + max(self._max_hide - self._hidden, 0)
        elif self._seen_at is not None and any(entry.start <= at for entry in self._entries.values()):
            yield self._seen_at

    def _pass(self, now: int) -> None:
        """The present choice has been in force until `now`."""
        elapsed = max(now - (self._at or 0), 0)
        self._at = max(now, self._at or 0)
        current = self._current
        if current is None:
            if self._seen_at is not None and self._at >= self._seen_at:
                self._hidden, self._seen_at = 0, None
            return
        current.shown += elapsed
        if not current.critical:
            self._hidden += elapsed
        if current.left is not None:
            current.left -= elapsed
            if current.left <= 0:
                self._remove(current)

    def _choose(self, now: int) -> None:
        ready = [entry for entry in self._entries.values() if entry.start <= now]
        if self._hidden >= self._max_hide:
            ready = [entry for entry in ready if entry.critical]
        self._current = min(ready, key=lambda entry: entry.rank, default=None)
        if self._current is not None:
            self._seen_at = None
        elif self._seen_at is None and self._hidden:
            self._seen_at = now + max(self._breather(now), 1)
            self._seen_by = self._seen_at + LONGER_MS

    def _remove(self, entry: _Entry) -> None:
        self._entries.pop(entry.notification.id, None)
        if self._current is entry:
            self._current = None

    def _make_room(self, notification: Notification) -> str | None:
        """Lets a newcomer in, or says why it stays out."""
        critical = notification.priority == "critical"
        rivals = [entry for entry in self._entries.values() if entry.critical == critical]
        if len(rivals) < (self._critical_bound if critical else self._bound):
            return None
        last = max(rivals, key=lambda entry: entry.rank)
        if critical or _rank(last.notification) <= _rank(notification):
            return f"busy: {len(rivals)} notifications wait already"
        self._remove(last)
        return None
