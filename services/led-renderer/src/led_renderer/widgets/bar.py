"""A value against a limit: the number, and a bar that is full at the limit. Pure.

Needs `options.value`, a path to a number (`led_renderer.values`), and `options.limit`, what is full scale. One row: the
number at the left in a field that is wide enough for the limit, the bar beside it; below 24 columns, and on walls, the
number stands above the bar. What is not zero has a pixel at least; only what has reached the limit fills the bar; what
is over it lets the bar blink (1 Hz). A value that is not there is a dash and an empty bar.
"""

from functools import lru_cache
from typing import Final

from led_renderer.digits import Face, number
from led_renderer.frame import Frame
from led_renderer.values import changes, path, value
from led_renderer.view import View
from led_renderer.widgets.base import Drawn, Options, Size, phase, soonest

__all__ = ["draw"]

BESIDE: Final = 24  # columns from which the number has room beside the bar
BLINK_MS: Final = 1_000
MOST: Final = 9_999_999  # a larger number is no number to be read from afar


def draw(view: View, size: Size, now: int, options: Options) -> Drawn:
    """Number and bar. ValueError for a path that is refused, and for a limit that is not above 0."""
    wanted = path(options.value)
    limit = options.limit or 0
    if not limit > 0:
        raise ValueError(f"limit: {options.limit!r}; wanted: a number above 0")
    found = value(view, wanted, now) if wanted.number else None
    assert not isinstance(found, str)  # noqa: S101 - for the type checker; the line above has seen to it
    over = found is not None and found > limit
    off, blinks = phase(now, BLINK_MS) if over else (0, None)
    text = "-" if found is None else str(min(max(int(found), 0), MOST))
    part = 0.0 if found is None or off else min(max(found / limit, 0.0), 1.0)
    picture = _picture(text, len(str(min(int(limit), MOST))), part, size)
    return picture, soonest(changes(view, wanted, now), blinks)


@lru_cache(maxsize=64)
def _picture(text: str, digits: int, part: float, size: Size) -> Frame:
    wide, high = size
    room = "0" * max(digits, len(text))
    if high < 16 and wide >= BESIDE:
        face: Face = "5x7" if number(room, "5x7").width <= wide // 3 else "3x7"
        field = number(room, face).width
        if field <= wide // 2:
            figure = number(text, face)
            frame = Frame(wide, high).over(figure, field - figure.width)
            return frame.over(_bar(part, (wide - field - 2, 8)), field + 2)
    below = 2 if high < 16 else max(8, high // 4)
    frame = Frame(wide, high).over(_bar(part, (wide, below)), 0, high - below)
    return frame.over(_figure(text, room, (wide, high - below)))


def _figure(text: str, room: str, size: Size) -> Frame:
    """The number, as large as `room` fits, in the middle; nothing where even the smallest has no room."""
    faces: tuple[Face, ...] = ("5x7", "3x7", "3x5")
    for factor in range(max(size[1] // 7, 1), 0, -1):
        for face in faces:
            if number(room, face, factor).width <= size[0] and number(room, face, factor).height <= size[1]:
                picture = number(text, face, factor)
                field = number(room, face, factor)
                top = (size[1] - field.height) // 2 if size[1] > 8 else 0
                return Frame(*size).over(picture, (size[0] + field.width) // 2 - picture.width, top)
    return Frame(*size)


def _bar(part: float, size: Size) -> Frame:
    """A bar of `part` (0 to 1) of its length: with an outline where it is high enough, else between its two ends."""
    wide, high = size
    outline = high > 2
    inside = wide - 2 * outline
    lit = inside if part >= 1 else min(max(round(part * inside), 1 if part > 0 else 0), inside - 1)
    fill = (1 << lit) - 1 << (inside - lit)
    if not outline:
        return Frame(wide, high, [fill] * (high - 1) + [fill | 1 << wide - 1 | 1])
    whole, ends = (1 << wide) - 1, 1 << wide - 1 | 1
    return Frame(wide, high, [whole, *[ends | fill << 1] * (high - 2), whole])
