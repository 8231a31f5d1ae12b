"""Brightness and power now: by hand, or by the schedule. Pure; one per display.

What was set by hand holds until the next edge of the schedule that sets the same. Since when it was set stands in
`state`, so a display that restarts knows whether an edge passed while it was down.
"""

from typing import Final, NamedTuple

from led_renderer.schedule import Schedule, Setting

__all__ = ["Dimmer", "Manual"]


class Manual(NamedTuple):
    """Set by hand at `since` (ms since the epoch)."""

    value: int
    since: int


class Dimmer:
    """`otherwise` is the brightness where neither a hand nor an edge says."""

    def __init__(self, schedule: Schedule, otherwise: int) -> None:
        self.schedule = schedule
        self._otherwise: Final = otherwise
        self._brightness: Manual | None = None
        self._power: Manual | None = None

    def set_brightness(self, level: int | None, now: int) -> None:
        """By hand, 0 to 15; None: by the schedule again."""
        self._brightness = None if level is None else Manual(level, now)

    def set_power(self, on: bool | None, now: int) -> None:  # noqa: FBT001 (it is the setting's value)
        """By hand; None: by the schedule again."""
        self._power = None if on is None else Manual(int(on), now)

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
        """The wall clock was stepped: what this clock stamped moves along."""
        self._brightness = _moved(self._brightness, delta_ms)
        self._power = _moved(self._power, delta_ms)


def _held(manual: Manual | None, scheduled: Setting) -> Manual | None:
    if manual is None or (scheduled.since is not None and manual.since < scheduled.since):
        return None
    return manual


def _moved(manual: Manual | None, delta_ms: int) -> Manual | None:
    return manual and Manual(manual.value, manual.since + delta_ms)
