"""How long an answer is waited for, by what comes meanwhile.

Pure: whoever has a clock asks STEPS times in the time of a limit. A limit is over when nothing has come for all of it.
Answers come in the stream of events, so while bytes come the one that is waited for may be among them; but not for
ever: LONGEST limits. Asking counts, not the clock: a process that got no time for a minute has asked once, and reads
what came in that minute before it asks again.
"""

from typing import Final

__all__ = ["LONGEST", "STEPS", "Patience"]

STEPS: Final = 10
LONGEST: Final = 6


class Patience:
    """One limit, from when so many bytes had been received."""

    def __init__(self, received: int) -> None:
        self._received = received
        self._quiet = 0
        self._asked = 0

    def is_over(self, received: int) -> bool:
        """Whether to give up, so many bytes having been received until now."""
        self._asked += 1
        self._quiet = self._quiet + 1 if received == self._received else 0
        self._received = received
        return self._quiet >= STEPS or self._asked >= STEPS * LONGEST
