"""The legs that hung up lately: nothing may bring them back.

Pure. A leg stays in `show channels` for a while after its hangup (longer when a call record is being posted), so a
grave is kept until a snapshot, asked for GRAVE_MS or more after the hangup, no longer has the leg.
"""

from collections.abc import Container
from typing import Final

__all__ = ["GRAVE_MS", "MAX_GRAVES", "Graves"]

GRAVE_MS: Final = 10_000
# Beyond, the oldest is forgotten: then only a row that is this late could bring it back. 50 calls a second leave 6 000
# legs between two resyncs.
MAX_GRAVES: Final = 10_000


class Graves:
    """Buried legs, by uuid."""

    def __init__(self) -> None:
        self._died_at: dict[str, int] = {}  # our clock

    def __contains__(self, uuid: object) -> bool:
        return uuid in self._died_at

    def bury(self, uuid: str, at: int) -> None:
        """This leg hung up."""
        self._died_at.setdefault(uuid, at)
        if len(self._died_at) > MAX_GRAVES:
            del self._died_at[next(iter(self._died_at))]

    def lift(self, uuid: str) -> None:
        """What was buried is back, for good reason."""
        self._died_at.pop(uuid, None)

    def close(self, asked_at: int, rows: Container[str]) -> None:
        """Forget the legs that a snapshot, asked for at `asked_at`, rightly does not have."""
        for uuid in [uuid for uuid, died in self._died_at.items() if died + GRAVE_MS <= asked_at and uuid not in rows]:
            del self._died_at[uuid]

    def shift(self, delta: int) -> None:
        """Our clock stepped."""
        self._died_at = {uuid: died + delta for uuid, died in self._died_at.items()}
