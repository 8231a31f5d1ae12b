"""The last hour: the highest number of calls in each of its minutes.

Pure. It turns at every full minute, also when nothing happened, because a wall draws the hour until now. A minute in
which no publisher ran counts as one without calls.
"""

from typing import Final

from lampfield_bus import instants
from lampfield_bus import messages as m

__all__ = ["MINUTE_MS", "History"]

_MINUTES: Final = 60
MINUTE_MS: Final = 60_000


class History:
    """Sixty finished minutes, and the one that runs."""

    def __init__(self) -> None:
        self._minutes = [0] * _MINUTES
        self._minute = -1  # the one that runs, since the epoch
        self._now = 0
        self._highest = 0

    def note(self, total: int) -> None:
        """So many calls there are now."""
        self._now = total
        self._highest = max(self._highest, total)

    def turn(self, at: int) -> bool:
        """Finish the minutes that are over by `at`; whether there is news. A clock that was set back finishes none."""
        minute = at // MINUTE_MS
        if minute == self._minute:
            return False
        if -1 < self._minute < minute:
            finished = [self._highest, *[self._now] * min(minute - self._minute - 1, _MINUTES)]
            self._minutes = [*self._minutes, *finished][-_MINUTES:]
            self._highest = self._now
        self._minute = minute
        return True

    def restore(self, message: m.History) -> None:
        """What an earlier run had published; after the first `turn`. Raises ValueError for an instant that is none."""
        gap = max(self._minute - instants.parse(message.until) // MINUTE_MS, 0)
        self._minutes = [*message.minutes, *[0] * min(gap, _MINUTES)][-_MINUTES:]

    def due(self) -> int | None:
        """The end of the minute that runs, None before the first `turn`."""
        return None if self._minute < 0 else (self._minute + 1) * MINUTE_MS

    def message(self) -> m.History:
        """What stands in `history`."""
        return m.History(until=instants.rfc3339(max(self._minute, 0) * MINUTE_MS), minutes=list(self._minutes))
