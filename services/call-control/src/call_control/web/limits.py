"""How often: rates per token, per address and in all.

Pure. Each limit is a bucket that holds so many and refills by the minute (the generic cell rate algorithm: one instant
a key says how full it is). A bucket that is full again is forgotten, which loses nothing; `max_keys` bounds the rest,
and when as many are busy, whoever comes new waits.
"""

from collections.abc import Iterable
from typing import Final

__all__ = ["Limit", "taken"]

MINUTE_MS: Final = 60_000
MAX_KEYS: Final = 4_096


class Limit:
    """`per_minute` for each key; so many may come at once."""

    def __init__(self, per_minute: int, *, max_keys: int = MAX_KEYS) -> None:
        self._each = MINUTE_MS / per_minute  # ms that one costs
        self._max_keys = max_keys
        self._full_at: dict[str, float] = {}  # when the bucket will be full again

    def wait(self, key: str, at: int) -> int:
        """How many ms until one more may come; 0: now."""
        full_at = self._full_at.get(key)
        if full_at is None:
            return 0 if self._room(at) else int(self._each)
        if full_at > at + MINUTE_MS:  # the clock was set back: no bucket takes longer than a minute
            full_at = self._full_at[key] = at + MINUTE_MS
        # One is free when the bucket lacks at most all but one.
        return max(0, round(full_at - at - (MINUTE_MS - self._each)))

    def take(self, key: str, at: int) -> None:
        """One has come."""
        self._full_at[key] = max(self._full_at.get(key, at), at) + self._each

    def _room(self, at: int) -> bool:
        if len(self._full_at) < self._max_keys:
            return True
        self._full_at = {key: full_at for key, full_at in self._full_at.items() if full_at > at}
        return len(self._full_at) < self._max_keys


def taken(limits: Iterable[tuple[Limit, str]], at: int) -> int:
    """Takes one of each, or of none of them; then how many ms to wait."""
    every = list(limits)
    longest = max((limit.wait(key, at) for limit, key in every), default=0)
    if not longest:
        for limit, key in every:
            limit.take(key, at)
    return longest
