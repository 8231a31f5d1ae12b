"""What is counted since midnight: calls, missed calls per extension; and the calls that ended last.

Pure: folds what is told of calls, never headers. The day is the one of the given time zone; midnight there starts a
new one. Calls count on the day on which they begin, and again on the day on which they end. A day is complete only if
the publisher was there from its midnight on and lost nothing: so the day on which it starts never is.
"""

from collections import deque
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from esl_publisher.calls import CallFact, Ended, Outcome, Started
from lampfield_bus import messages as m

__all__ = ["RECENT", "Recent", "Today", "day_of"]

RECENT: Final = 20


def day_of(at: int, tz: ZoneInfo) -> date:
    """The local day of an instant."""
    return datetime.fromtimestamp(at / 1000, tz).date()


class Today:
    """One day's counts; the first `turn` says which day."""

    def __init__(self, tz: ZoneInfo) -> None:
        self._tz = tz
        self._begins = 0
        self._ends = 0
        self._watching = False
        self._missed: dict[str, int] = {}
        self.date = ""
        self.complete = False
        self.touched = False  # whether `message` has changed; whoever publishes it says no
        self._ended: dict[Outcome, int] = {}
        self._forget(0)

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

    def restore_calls(self, message: m.Today) -> None:
        """What an earlier run had published; its counts, if they are of this day."""
        if message.date == self.date:
            self._started, self._peak = message.started, message.peak
            self._ended = {"answered": message.answered, "missed": message.missed, "failed": message.failed}
            self._talk = round(message.talk_seconds * 1000)
            self.touched = True

    def fold(self, fact: CallFact) -> None:
        """Something was told of a call."""
        match fact:
            case Started():
                self.touched = True
                self._started += 1
            case Ended(call=call, at=at):
                self.touched = True
                self._ended[call.outcome] += 1
                if call.answered_at is not None:
                    self._talk += max(at - max(call.answered_at, call.started_at), 0)

    def note(self, total: int) -> None:
        """So many calls there are now."""
        if total > self._peak:
            self._peak = total
            self.touched = True

    def watch(self, watching: bool) -> bool:  # noqa: FBT001 (it is what the name says)
        """Whether FreeSWITCH is heard; whether that spoiled the day."""
        self._watching = watching
        return not watching and self.lose()

    def lose(self) -> bool:
        """Something was missed; whether that spoiled the day."""
        spoiled, self.complete = self.complete, False
        self.touched |= spoiled
        return spoiled

    def turn(self, at: int, total: int = 0) -> list[str] | None:
        """Begin a new day if `at` is in one (`total`: so many calls live on into it).

        The extensions whose count went back to nothing, or None if it is the same day.
        """
        if self._begins <= at < self._ends:
            return None
        users = list(self._missed) if self._ends else []
        self.complete = self._watching and bool(self._ends)
        day = day_of(at, self._tz)
        self.date = day.isoformat()
        self._begins, self._ends = self._midnight(day), self._midnight(day + timedelta(days=1))
        self._forget(total)
        return users

    def message(self) -> m.Today:
        """What stands in `today`."""
        return m.Today(
            date=self.date,
            complete=self.complete,
            started=self._started,
            **self._ended,
            talk_seconds=self._talk / 1000,
            peak=self._peak,
        )

    def _forget(self, total: int) -> None:
        self._missed.clear()
        self._started = self._talk = 0
        self._peak = total
        self.touched = True
        self._ended = {"answered": 0, "missed": 0, "failed": 0}

    def _midnight(self, day: date) -> int:
        return int(datetime.combine(day, time.min, self._tz).timestamp() * 1000)


class Recent:
    """The last ended calls, newest first."""

    def __init__(self) -> None:
        self._calls: deque[m.CallEnded] = deque(maxlen=RECENT)

    def add(self, call: m.CallEnded) -> None:
        """One more ended."""
        self._calls.appendleft(call)

    def restore(self, calls: Iterable[m.CallEnded]) -> None:
        """What an earlier run had published, newest first."""
        self._calls.extend(list(calls)[: RECENT - len(self._calls)])

    def message(self) -> list[m.CallEnded]:
        """What stands in `recent`."""
        return list(self._calls)
