"""What an earlier run left on the broker: until when it stays as it is, and when it is cleared.

Pure. What was said of calls and extensions stays until the first snapshot, so that no lamp goes dark only because the
publisher restarted; where none can be taken, for WITHHOLD_MS after the link is there. What no second snapshot confirms
is over. Instants are ms, our clock.
"""

from typing import Final

__all__ = ["WITHHOLD_MS", "Legacy"]

WITHHOLD_MS: Final = 10_000  # for a first snapshot; it takes a second on a bad day
SNAPSHOTS: Final = 2


class Legacy:
    """`withheld`: calls and extensions are not told for now."""

    def __init__(self) -> None:
        self.withheld = False
        self._give_up_at: int | None = None
        self._snapshots_left = 0
        self._uncleared = False

    def begin(self, *, anything: bool) -> None:
        """The broker was read, and whether there was anything."""
        self._snapshots_left, self._uncleared, self.withheld = SNAPSHOTS, True, anything

    def linked(self, at: int) -> None:
        """FreeSWITCH is there: a snapshot should be, soon."""
        self._give_up_at = at + WITHHOLD_MS if self.withheld else None

    def tick(self, at: int) -> None:
        """Time has passed."""
        if self._give_up_at is not None and at >= self._give_up_at:
            self._release()

    def due(self) -> int | None:
        """When `tick` has something to do."""
        return self._give_up_at

    def shift(self, delta: int) -> None:
        """Our clock stepped."""
        self._give_up_at = None if self._give_up_at is None else self._give_up_at + delta

    def confirm(self) -> bool:
        """A snapshot was taken in; whether it was the last one that what was left had to be found by."""
        self._release()
        self._snapshots_left -= self._snapshots_left > 0
        return self._uncleared and not self._snapshots_left

    def take_uncleared(self) -> bool:
        """Whether what was not found is to be deleted now; told once."""
        clear = self._uncleared and not self._snapshots_left
        self._uncleared &= not clear
        return clear

    def _release(self) -> None:
        self.withheld, self._give_up_at = False, None
