"""What is too much for one turn of the machine, in portions: events that wait go first.

Pure. An event touches a few calls and extensions, which are told at once. A snapshot, midnight or a restart of
FreeSWITCH touches a thousand: in one go they would hold up the events behind them for a tenth of a second or two.
"""

from collections.abc import Iterator

__all__ = ["PORTION", "Touched", "Work"]

PORTION = 50  # legs, calls or lamps: some 5 ms
CROWD = 4  # portions: more than events that came together touch


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
    """What this turn has touched (`calls`, `users`), and what crowds before it have left."""

    def __init__(self, portion: int) -> None:
        self.calls: set[str] = set()
        self.users: set[str] = set()
        self._portion = portion
        self._left_calls: set[str] = set()
        self._left_users: set[str] = set()

    @property
    def left(self) -> bool:
        """Whether `recall` has something to give."""
        return bool(self._left_calls or self._left_users)

    def defer(self) -> None:
        """If this turn has touched a crowd, that is left."""
        if len(self.calls) + len(self.users) > CROWD * self._portion:
            self._left_calls |= self.calls
            self._left_users |= self.users
            self.calls, self.users = set(), set()

    def recall(self) -> None:
        """Of what was left a portion is this turn's; calls first, because lamps point at them."""
        calls = sorted(self._left_calls)[: self._portion]
        self.calls.update(calls)
        self.users.update(sorted(self._left_users)[: self._portion - len(calls)])
        self._left_calls -= self.calls
        self._left_users -= self.users

    def take_calls(self) -> Iterator[str]:
        """This turn's calls, sorted; one that raises stands here no more, and what comes after it does."""
        return self._take(self.calls, self._left_calls)

    def take_users(self) -> Iterator[str]:
        """This turn's extensions, as the calls."""
        return self._take(self.users, self._left_users)

    def _take(self, names: set[str], left: set[str]) -> Iterator[str]:
        for name in sorted(names):
            names.discard(name)
            left.discard(name)
            yield name
