"""What is told to those who watch: the last changes, numbered, so that a watcher who was away gets what he missed.

Pure. A number is `<run>-<n>`: another run of this service numbers anew, and knows that an old number is not its own.
"""

from collections import deque
from typing import Final, NamedTuple

from call_control.web.facts import WebCall

__all__ = ["Change", "Feed"]

KEPT: Final = 512


class Change(NamedTuple):
    """One call as it stood after a change."""

    number: str
    call: WebCall


class Feed:
    """The last changes. `run` names this run."""

    def __init__(self, run: str, *, kept: int = KEPT) -> None:
        self._run = run
        self._changes: deque[Change] = deque(maxlen=kept)
        self._told = 0

    def add(self, call: WebCall) -> Change:
        """A call has changed."""
        self._told += 1
        change = Change(f"{self._run}-{self._told}", call)
        self._changes.append(change)
        return change

    @property
    def now(self) -> str:
        """The number of the last change."""
        return f"{self._run}-{self._told}"

    def since(self, number: str) -> list[Change] | None:
        """What came after the change of this number; None when that is not known any more."""
        run, _, text = number.rpartition("-")
        if run != self._run or not (text.isascii() and text.isdigit() and len(text) < 16):
            return None
        missed = self._told - int(text)
        if missed < 0 or missed > len(self._changes):
            return None
        return list(self._changes)[len(self._changes) - missed :]
