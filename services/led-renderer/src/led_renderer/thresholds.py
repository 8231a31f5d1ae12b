"""When a page warns: a value against two thresholds, each with its hysteresis. Pure.

A threshold comes into force where the value reaches it and ends where the value comes back to `clear`; between the two
it stays as it was. That "was" is history, so the levels in force stand in `display/<d>/state` and a display reads its
own back (decision 14).
"""

from typing import Literal

from msgspec import Struct

__all__ = ["Level", "Threshold", "crossing", "level"]

Level = Literal["warn", "crit"]


class Threshold(Struct, frozen=True):
    """In force from `at` on until the value is back at `clear`; where `clear` is above `at`, small values are the bad
    ones."""

    at: float
    clear: float

    @property
    def rising(self) -> bool:
        """Whether large values are the bad ones."""
        return self.clear <= self.at

    def holds(self, value: float, *, before: bool) -> bool:
        """Whether it is in force at `value`; `before`: whether it was."""
        if self.rising:
            return value >= self.at or (before and value > self.clear)
        return value <= self.at or (before and value < self.clear)


def level(value: object, warn: Threshold | None, crit: Threshold | None, before: Level | None) -> Level | None:
    """The level in force at `value`, after `before`. A value that is not there, or is no number, has none."""
    if not isinstance(value, int | float):
        return None
    if crit is not None and crit.holds(value, before=before == "crit"):
        return "crit"
    if warn is not None and warn.holds(value, before=before is not None):
        return "warn"
    return None


def crossing(value: float, *thresholds: Threshold | None) -> float | None:
    """The next larger value at which a level may change: for values that grow by themselves, as ages do."""
    known = [each for each in thresholds if each is not None]
    edges = [each.at if each.rising else each.clear for each in known]
    return min((edge for edge in edges if edge > value), default=None)
