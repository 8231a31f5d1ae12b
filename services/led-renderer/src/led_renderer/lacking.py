"""Whether a reading of retained state was whole, and when to ask for another. A pure machine.

A publisher tells how many topics it has. Who holds fewer for long reads again: a broker with a short queue drops some
silently. If that does not help, it is asked ever more rarely.
"""

from typing import Final

__all__ = ["FEWER_MS", "LONGEST_RETRY_MS", "Lacking"]

FEWER_MS: Final = 10_000
LONGEST_RETRY_MS: Final = 600_000


class Lacking:
    """One display's."""

    def __init__(self) -> None:
        self._since: int | None = None
        self._retry_ms = FEWER_MS
        self._wants = False

    def look(self, now: int, *, linked: bool, fewer: bool) -> None:
        """How it is at `now`."""
        if not (linked and fewer):
            self._since = None
            if linked:
                self._retry_ms = FEWER_MS
        elif self._since is None:
            self._since = now
        elif now - self._since >= self._retry_ms:
            self._wants = True
            self._since = None
            self._retry_ms = min(self._retry_ms * 2, LONGEST_RETRY_MS)

    def read(self) -> None:
        """A reading has ended."""
        self._since = None

    def wants_reading(self) -> bool:
        """Whether it is time for a reading: each call asks once."""
        wanted, self._wants = self._wants, False
        return wanted

    def due(self) -> int | None:
        """When to look again."""
        return None if self._since is None else self._since + self._retry_ms

    def shift(self, delta_ms: int) -> None:
        """The wall clock was stepped."""
        self._since = None if self._since is None else self._since + delta_ms
