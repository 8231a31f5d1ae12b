"""The time of day, HH:MM, in the zone of `options.timezone`. Pure. Needs nothing of the view.

The colon blinks each half second. 8x8 has no room for four digits: it shows `HH:` and `:MM` in turn, two seconds each.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from led_renderer.digits import number
from led_renderer.frame import Frame
from led_renderer.text import strip
from led_renderer.view import View
from led_renderer.widgets.base import Drawn, Options, Size, phase

__all__ = ["draw"]

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def draw(view: View, size: Size, now: int, options: Options) -> Drawn:  # noqa: ARG001 - a clock needs no view
    """The time, as large as fits, with weekday and date where there is room."""
    local = (EPOCH + timedelta(milliseconds=now)).astimezone(options.timezone)
    off, following = phase(now, 1_000)
    frame = Frame(*size).over(strip(f"{local:%H:%M}" if not off else f"{local:%H %M}"))
    return frame, following
