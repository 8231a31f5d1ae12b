"""Idempotency keys: the same request sent twice starts one call.

Pure. A key belongs to a token; what it stood for is remembered for KEEP_MS, at most `max_keys` of them: then the oldest
is forgotten, which is why this does not stand alone against repetition (limits does). After a restart none is known.
"""

from typing import Final

from msgspec import Struct

__all__ = ["KEEP_MS", "KeyReused", "Keys"]

KEEP_MS: Final = 24 * 3_600_000
MAX_KEYS: Final = 4_096


class KeyReused(ValueError):  # noqa: N818 (it says what is the case)
    """The key was used for another request."""


class _Used(Struct, frozen=True):
    request: object
    call: str
    at: int


class Keys:
    """What every key stood for."""

    def __init__(self, *, max_keys: int = MAX_KEYS) -> None:
        self._max_keys = max_keys
        self._used: dict[tuple[str, str], _Used] = {}  # the oldest first

    def __len__(self) -> int:
        return len(self._used)

    def find(self, token: str, key: str, request: object, at: int) -> str | None:
        """The call that this request has started already. Raises KeyReused where it was another request."""
        used = self._used.get((token, key))
        if used is None or used.at + KEEP_MS <= at:
            return None
        if used.request != request:
            raise KeyReused("the key was used for another request")
        return used.call

    def remember(self, token: str, key: str, request: object, call: str, at: int) -> None:
        """This request has started this call."""
        self._used.pop((token, key), None)
        while self._used and (len(self._used) >= self._max_keys or self._oldest.at + KEEP_MS <= at):
            del self._used[next(iter(self._used))]
        self._used[token, key] = _Used(request, call, at)

    def forget(self, token: str, key: str) -> None:
        """It has started nothing after all."""
        self._used.pop((token, key), None)

    @property
    def _oldest(self) -> _Used:
        return next(iter(self._used.values()))
