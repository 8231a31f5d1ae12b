"""The time of day, HH:MM, in the zone of `options.timezone`. Pure. Needs nothing of the view.

What stands between hours and minutes blinks each half second: a colon, or a dot at the foot where there is no room for
a colon. 8x8 has no room for four digits: it shows hours and minutes in turn, two seconds each, the dot on the side
where the other pair belongs. Weekday and date stand beside the time, or below it on several rows, where they fit.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from led_renderer.digits import number
from led_renderer.frame import Frame
from led_renderer.text import strip, width
from led_renderer.view import View
from led_renderer.widgets.base import Drawn, Options, Size, phase

__all__ = ["draw"]

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
TIME: Final = 27  # columns of HH:MM in the 5x7 face
SMALL: Final = 16  # columns of HH.MM in the 3x7 face
APART: Final = 5  # columns between date and time, at least


def draw(view: View, size: Size, now: int, options: Options) -> Drawn:  # noqa: ARG001 - a clock needs no view
    """The time, as large as fits."""
    local = (EPOCH + timedelta(milliseconds=now)).astimezone(options.timezone)
    half, following = phase(now, 1_000)
    if size[0] < SMALL:
        pair, _ = phase(now, 4_000)
        return _pair(f"{local:%M}" if pair else f"{local:%H}", size, after=not pair, lit=not half), following
    return _whole(f"{local:%H%M}", dates(local), size, lit=not half), following


def dates(local: datetime) -> tuple[str, ...]:
    """The date, from long to short. In English: Python's own names would follow the process's locale."""
    weekday, month = WEEKDAYS[local.weekday()], MONTHS[local.month - 1]
    return (
        f"{weekday} {local.day} {month}",
        f"{weekday[:3]} {local.day} {month[:3]}",
        f"{weekday[:3]} {local.day}",
        weekday[:3],
    )


@lru_cache(maxsize=8)
def _whole(time: str, days: tuple[str, ...], size: Size, *, lit: bool) -> Frame:
    wide, high = size
    if wide < TIME:
        picture = _narrow(time, lit=lit)
        return Frame(wide, high).over(picture, (wide - SMALL) // 2, (high - 8) // 2)
    if high > 8:
        return _stacked(time, days, size, lit=lit)
    picture = _wide(time, 1, lit=lit)
    for day in days:
        room = wide - TIME - width(day)
        if room >= APART:
            margin = min(room - APART, 2 * (room // 3)) // 2 if room > 2 * APART else 0
            frame = Frame(wide, high).over(strip(day), margin)
            return frame.over(picture, wide - margin - TIME)
    return Frame(wide, high).over(picture, (wide - TIME) // 2)


def _stacked(time: str, days: tuple[str, ...], size: Size, *, lit: bool) -> Frame:
    """The time, and the date below it."""
    wide, high = size
    factor = max(1, min(wide // TIME, (high - 8) // 8))
    picture = _wide(time, factor, lit=lit)
    below = high - factor * 8
    grown = max(1, min(below // 8, factor))
    fitting = [day for day in days if width(day) * grown <= wide]
    date = strip(fitting[0]).stretched(grown)
    spare = high - picture.height - date.height
    frame = Frame(wide, high).over(picture, (wide - picture.width) // 2, spare // 3)
    return frame.over(date, (wide - date.width) // 2, high - date.height - spare // 3)


def _wide(time: str, factor: int, *, lit: bool) -> Frame:
    frame = Frame(TIME, 7).over(number(time[:2], "5x7")).over(number(time[2:], "5x7"), 16)
    if lit:
        frame = frame.over(Frame.parse("#\n.\n#\n"), 13, 2)
    return frame.stretched(factor)


def _narrow(time: str, *, lit: bool) -> Frame:
    frame = Frame(SMALL, 8).over(number(time[:2], "3x7")).over(number(time[2:], "3x7"), 9)
    return frame.over(Frame.parse("##\n"), 7, 7) if lit else frame


def _pair(digits: str, size: Size, *, after: bool, lit: bool) -> Frame:
    frame = Frame(8, 8).over(number(digits, "3x7"), 0 if after else 1)
    if lit:
        frame = frame.over(Frame.parse("#\n"), 7 if after else 0, 7)
    return Frame(*size).over(frame, (size[0] - 8) // 2, (size[1] - 8) // 2)
