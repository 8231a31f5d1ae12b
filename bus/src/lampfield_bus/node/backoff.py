"""How long to wait before the next attempt. Pure: the caller brings the randomness and does the waiting."""

from collections.abc import Callable

__all__ = ["STEADY_SECONDS", "Backoff"]

FIRST_SECONDS = 0.25
LIMIT_SECONDS = 5.0
STEADY_SECONDS = 10.0  # a connection that lasted so long was a good one: begin anew


class Backoff:
    """Doubling delays up to `LIMIT_SECONDS`, each cut by up to half at random, so that a fleet does not
    come at once.
    """

    def __init__(self, random: Callable[[], float]) -> None:
        self._random = random
        self._failures = 0

    def next(self, *, lasted: float) -> float:
        """Seconds to wait after a connection that `lasted` this long (0 for an attempt that failed)."""
        if lasted >= STEADY_SECONDS:
            self._failures = 0
        delay = min(FIRST_SECONDS * (1 << min(self._failures, 16)), LIMIT_SECONDS)
        self._failures += 1
        return delay * (0.5 + 0.5 * self._random())
