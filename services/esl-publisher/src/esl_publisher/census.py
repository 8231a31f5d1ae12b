"""The calls by state, since when there are so many, and the most that there were at once.

Pure. Looks at the ledger when it is told to; who knows when half of something would be counted does not have it looked.
"""

from esl_publisher.counters import Counters
from esl_publisher.ledger import Ledger
from esl_publisher.publish import Publisher

__all__ = ["Census"]


class Census:
    """The topic `calls`, and what `counters` make of how many there are. `total` is as it was noted last."""

    def __init__(self, ledger: Ledger, counters: Counters) -> None:
        self._ledger = ledger
        self._counters = counters
        self._counts = tuple(ledger.counts.values())
        self._since = 0  # FreeSWITCH's time, ms
        self._due = False
        self.total = 0

    def look(self, moment: int) -> None:
        """What the ledger holds is so since this moment, if it is not what it was."""
        counts = tuple(self._ledger.counts.values())
        if counts != self._counts:
            self._counts, self._since, self._due = counts, moment, True

    def look_again(self) -> None:
        """The next look tells, whatever it sees: the numbers were checked."""
        self._counts = ()

    def note(self) -> None:
        """So many there are at once."""
        total = len(self._ledger.calls)
        if total != self.total:
            self.total = total
            self._counters.note(total)

    def publish(self, publisher: Publisher) -> None:
        """If it changed."""
        if self._due:
            self._due = False
            publisher.counts(self._ledger.counts, self._since)
