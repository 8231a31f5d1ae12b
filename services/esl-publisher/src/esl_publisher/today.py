"""What is counted since midnight: missed calls per extension.

Pure: folds what is told of calls, never headers. The day is the one of the given time zone; midnight there starts a
new one.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

__all__ = ["Today", "day_of"]


def day_of(at: int, tz: ZoneInfo) -> date:
    """The local day of an instant."""
    return datetime.fromtimestamp(at / 1000, tz).date()


class Today:
    """Missed calls by extension, for one day; the first `turn` says which."""

    def __init__(self, tz: ZoneInfo) -> None:
        self._tz = tz
        self._day: date | None = None
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
        day = day_of(at, self._tz)
        if day == self._day:
            return []
        first, self._day = self._day is None, day
        users = [] if first else list(self._missed)
        if not first:
            self._missed.clear()
        return users

    def due(self) -> int | None:
        """When the next day begins, None before the first `turn`."""
        if self._day is None:
            return None
        midnight = datetime.combine(self._day + timedelta(days=1), time.min, self._tz)
        return int(midnight.astimezone(UTC).timestamp() * 1000)
