"""What is counted over time: the day, the last hour, the calls that ended last. Each with its topic.

Pure. Knows when each of them turns and what has changed since it was published.
"""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from esl_publisher.calls import CallFact
from esl_publisher.history import MINUTE_MS, History
from esl_publisher.publish import Publisher
from esl_publisher.restore import Restored
from esl_publisher.today import Recent, Today
from lampfield_bus import channels
from lampfield_bus import messages as m

__all__ = ["Counters"]


class Counters:
    """`today`, `history` and `recent`."""

    def __init__(self, tz: ZoneInfo) -> None:
        self.today = Today(tz)
        self._history = History()
        self._recent = Recent()
        self._history_due = False
        self._recent_due = True
        self._begins = self._ends = 0  # the minute that runs

    def is_over(self, at: int) -> bool:
        """Whether `turn` has something to do. Asked with every event, so it is cheap."""
        return not self._begins <= at < self._ends

    def turn(self, at: int, total: int) -> list[str] | None:
        """Time passed. The extensions whose count went back to nothing if a day begins, else None."""
        self._history_due |= self._history.turn(at)
        self._ends = self._history.due() or 0
        self._begins = self._ends - MINUTE_MS
        return self.today.turn(at, total)

    def due(self) -> int | None:
        """When `turn` has something to do next (midnight is a full minute too), None before the first."""
        return self._ends or None

    def fold(self, fact: CallFact, told: m.Call) -> None:
        """Something was told of a call, in these words."""
        self.today.fold(fact)
        if isinstance(told, m.CallEnded):
            self._recent.add(told)
            self._recent_due = True

    def note(self, total: int) -> None:
        """So many calls there are now."""
        self.today.note(total)
        self._history.note(total)

    def restore(self, restored: Restored, recent: Iterable[m.CallEnded]) -> None:
        """What an earlier run had published, and its `recent` as it may be told now; after the first `turn`."""
        if restored.today is not None:
            self.today.restore_calls(restored.today)
        if restored.history is not None:
            self._history.restore(restored.history)
        self._recent.restore(recent)
        self._history_due = self._recent_due = True

    def publish(self, publisher: Publisher) -> None:
        """Whatever changed."""
        if self.today.touched:
            self.today.touched = False
            publisher.put(channels.SWITCH_TODAY, self.today.message())
        if self._history_due:
            self._history_due = False
            publisher.put(channels.SWITCH_HISTORY, self._history.message())
        if self._recent_due:
            self._recent_due = False
            publisher.put(channels.SWITCH_RECENT, self._recent.message())
