"""Brightness and power now: by hand, or by the schedule. Pure; one per display.

What was set by hand holds until the next edge of the schedule that sets the same. Since when it was set stands in
`state`, so a display that restarts knows whether an edge passed while it was down.
"""

from typing import Final, NamedTuple

from led_renderer.schedule import Schedule, Setting

__all__ = ["Dimmer", "Manual"]


class Manual(NamedTuple):
    """Set by hand at `since` (ms since the epoch); `here`: as the clock of this run had it, so it moves with that."""

    value: int
    since: int
    here: bool = True


class Dimmer:
    """`otherwise` is the brightness where neither a hand nor an edge says."""

    def __init__(self, schedule: Schedule, otherwise: int) -> None:
        self.schedule = schedule
        self._otherwise: Final = otherwise
        self._brightness: Manual | None = None
        self._power: Manual | None = None

    def set_brightness(self, level: int | None, at: int, *, here: bool = True) -> None:
        """By hand, 0 to 15; None: by the schedule again. Not `here`: `at` was read back."""
        self._brightness = None if level is None else Manual(level, at, here)

    def set_power(self, on: bool | None, at: int, *, here: bool = True) -> None:  # noqa: FBT001 (it is the setting's value)
        """By hand; None: by the schedule again. Not `here`: `at` was read back."""
        self._power = None if on is None else Manual(int(on), at, here)

    def manual_brightness(self, now: int) -> Manual | None:
        """The one set by hand, while it holds."""
        return _held(self._brightness, self.schedule.brightness(now))

    def manual_power(self, now: int) -> Manual | None:
        """The one set by hand, while it holds."""
        return _held(self._power, self.schedule.power(now))

    def brightness(self, now: int) -> int:
        """0 to 15."""
        manual = self.manual_brightness(now)
        scheduled = self.schedule.brightness(now).value
        return manual.value if manual is not None else self._otherwise if scheduled is None else int(scheduled)

    def power(self, now: int) -> bool:
        """Whether the panel is lit."""
        manual = self.manual_power(now)
        scheduled = self.schedule.power(now).value
        return bool(manual.value) if manual is not None else scheduled is None or bool(scheduled)

    def tick(self, now: int) -> None:
        """What an edge ended stays ended, whatever edges a later file has."""
        self._brightness = self.manual_brightness(now)
        self._power = self.manual_power(now)

    def due(self, now: int) -> int | None:
        """When one of them changes on its own."""
        return self.schedule.due(now)

    def shift(self, delta_ms: int) -> None:
        """The wall clock was stepped: what it stamped in this run moves along, what was read back does not.

        A Pi boots without a clock: what an earlier run was told yesterday would else be taken for tomorrow's, and no
        edge would end it.
        """
        self._brightness = _moved(self._brightness, delta_ms)
        self._power = _moved(self._power, delta_ms)


def _held(manual: Manual | None, scheduled: Setting) -> Manual | None:
    if manual is None or (scheduled.since is not None and manual.since < scheduled.since):
        return None
    return manual


def _moved(manual: Manual | None, delta_ms: int) -> Manual | None:
    return manual if manual is None or not manual.here else manual._replace(since=manual.since + delta_ms)
