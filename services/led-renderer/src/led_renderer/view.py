"""What widgets see of the switches: counts and lamps, merged over all switches that are heard. Pure values.

The board makes a new one when state changes, never per frame, so that a still page costs nothing.
"""

from typing import Literal

from msgspec import Struct

__all__ = ["CallCounts", "Lamp", "LampState", "View"]

LampState = Literal["idle", "ringing", "waiting", "active", "held"]


class CallCounts(Struct, frozen=True):
    """Calls as people count them; `total` is the sum of the four."""

    ringing: int = 0
    waiting: int = 0
    active: int = 0
    held: int = 0

    @property
    def total(self) -> int:
        """All live calls."""
        return self.ringing + self.waiting + self.active + self.held


class Lamp(Struct, frozen=True):
    """One extension's lamp."""

    extension: str
    state: LampState = "idle"
    registered: bool = True


class View(Struct, frozen=True):
    """Everything that a page may show. `lamps` are in the order of their extensions: 2 before 10, then by text."""

    calls: CallCounts = CallCounts()
    lamps: tuple[Lamp, ...] = ()
