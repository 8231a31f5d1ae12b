"""What is too much for one turn of the machine, in portions: events that wait go first.

Pure. An event touches a few calls and extensions, which are told at once. A snapshot, midnight or a restart of
FreeSWITCH touches a thousand: in one go they would hold up the events behind them for a tenth of a second or two.
"""

from collections.abc import Iterator

__all__ = ["PORTION", "Touched", "Work"]

PORTION = 50  # legs, calls or lamps: some 5 ms


class Work:
    """Something that is done step by step; true while there is a next one."""

    def __init__(self) -> None:
        self._steps: Iterator[None] | None = None

    def __bool__(self) -> bool:
        return self._steps is not None

    def begin(self, steps: Iterator[None]) -> None:
        """Takes the first step of this; what was begun before is finished first."""
        while self:
            self.step()
        self._steps = steps
        self.step()

    def step(self) -> None:
        """One step. What raises is over."""
        steps, self._steps = self._steps, None
        if steps is not None and next(steps, self) is not self:
            self._steps = steps


class Touched:
    """What this turn has touched (`calls`, `users`), and what earlier ones have left."""

    def __init__(self, portion: int) -> None:
        self.calls: set[str] = set()
        self.users: set[str] = set()
        self._portion = portion
        self._left_calls: set[str] = set()
        self._left_users: set[str] = set()

    @property
    def left(self) -> bool:
        """Whether `portion` has something to give."""
        return bool(self._left_calls or self._left_users)

    def take(self) -> tuple[list[str], list[str]]:
        """What this turn has touched, sorted; nothing if that is more than a portion: then it is left."""
        calls, users = self.calls, self.users
        if not calls and not users:
            return [], []
        self.calls, self.users = set(), set()
        if len(calls) + len(users) > self._portion:
            self._left_calls |= calls
            self._left_users |= users
            return [], []
        self._left_calls -= calls
        self._left_users -= users
        return sorted(calls), sorted(users)

    def portion(self) -> tuple[list[str], list[str]]:
        """Of what was left as much as one turn may tell; calls first, because lamps point at them."""
        calls = sorted(self._left_calls)[: self._portion]
        users = sorted(self._left_users)[: self._portion - len(calls)]
        self._left_calls.difference_update(calls)
        self._left_users.difference_update(users)
        return calls, users
