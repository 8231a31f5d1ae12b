"""What is counted since midnight: missed calls per extension.

Pure: folds what is told of calls, never headers. The day is the one of the given time zone; midnight there starts a
new one.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

__all__ = ["Today", "day_of"]


def day_of(at: int, tz: ZoneInfo) -> date:
    """The local day of an instant."""
    return datetime.fromtimestamp(at / 1000, tz).date()


class Today:
    """Missed calls by extension, for one day; the first `turn` says which."""

    def __init__(self, tz: ZoneInfo) -> None:
        self._tz = tz
        self._begins = 0
        self._ends = 0
        self._missed: dict[str, int] = {}

    def missed(self, user: str) -> int:
        """How many calls this extension has missed today."""
        return self._missed.get(user, 0)

    def miss(self, user: str) -> None:
        """A call rang at this extension, and nobody came."""
        self._missed[user] = self._missed.get(user, 0) + 1

    def restore(self, user: str, missed: int) -> None:
        """What an earlier run had counted on this same day."""
        if missed:
            self._missed[user] = missed

    def turn(self, at: int) -> list[str]:
        """Begin a new day if `at` is in one; the extensions whose count went back to nothing."""
        if self._begins <= at < self._ends:
            return []
        users = list(self._missed) if self._ends else []
        day = day_of(at, self._tz)
        self._begins, self._ends = self._midnight(day), self._midnight(day + timedelta(days=1))
        if users:
            self._missed.clear()
        return users

    def due(self) -> int | None:
        """When the next day begins, None before the first `turn`."""
        return self._ends or None

    def _midnight(self, day: date) -> int:
        return int(datetime.combine(day, time.min, self._tz).timestamp() * 1000)
