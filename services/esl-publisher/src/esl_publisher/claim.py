"""Which of two publishers for one switch has to go, when both came to be: they kick each other off the broker in turn.

Pure. Both read `info.instance` after each connection. The older one stays: who reads again the instance that it had
read when it started, although it has written its own since, is the newcomer. Of two that started together the smaller
instance stays; that is tried later, because the older one of two cannot know that it is.
"""

from typing import Final

__all__ = ["OLDER_TIMES", "TOGETHER_SECONDS", "TOGETHER_TIMES", "Claim"]

TOGETHER_SECONDS: Final = 60.0
OLDER_TIMES: Final = 2  # once may be an older store of the broker's
TOGETHER_TIMES: Final = 5


class Claim:
    """One process's right to its name. `instance` is its own."""

    def __init__(self, instance: str) -> None:
        self._instance = instance
        self._predecessor = ""
        self._times = 0  # in a row on which another's instance was found

    def begin(self, predecessor: str) -> None:
        """What stood in `info` when it started; empty for nothing."""
        self._predecessor = predecessor

    def is_lost(self, found: str, uptime: float) -> bool:
        """Whether to give way, after a new connection on which `found` stood in `info`; `uptime` in seconds."""
        self._times = self._times + 1 if found and found != self._instance else 0
        if found == self._predecessor:
            return self._times >= OLDER_TIMES
        return self._times >= TOGETHER_TIMES and uptime < TOGETHER_SECONDS and found < self._instance
