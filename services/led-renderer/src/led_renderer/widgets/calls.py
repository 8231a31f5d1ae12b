"""The number of live calls beside a handset, which shakes while one rings. Pure. Needs `view.calls`.

Digits stand at the right end of a field of fixed width, so that numbers do not jump. From 64 columns on, and at the
foot of walls of three rows and more, stand those that ring, wait and are held, each with its sign, while there are
any. 8x8 shows the number alone; its last row blinks while a call rings. A number without room is `++`, one that nobody
has told a dash.
"""

from functools import lru_cache
from typing import Final, NamedTuple

from led_renderer.digits import Face, number
from led_renderer.frame import Frame
from led_renderer.icons import icon, sign
from led_renderer.values import ABSENT
from led_renderer.view import CallCounts, View
from led_renderer.widgets.base import Drawn, Options, Size, phase

__all__ = ["draw"]

SHAKE: Final = 500  # ms for there and back: 2 Hz
DETAILS: Final = 64  # columns from which the parts of the number stand beside it
FIELD: Final = 2  # digits that always have room, so that 9 and 10 calls look alike
ROOMY: Final = 96  # columns from which three large digits have room among the parts

_SIGNS: Final = tuple(icon(name) for name in ("ringing", "queue", "hold"))
_SMALL: Final = tuple(sign(name) or icon(name) for name in ("ringing", "queue", "hold"))


class Layout(NamedTuple):
    """How the number is written: its face, how much it and the handset are grown, whether there is a handset."""

    face: Face
    factor: int
    handset: bool


def draw(view: View, size: Size, now: int, options: Options) -> Drawn:  # noqa: ARG001 - it has no options
    """Handset and number, and its parts where there is room."""
    if view.calls is None or not view.calls.ringing:
        return _picture(view.calls, size, 0), None
    shaken, following = phase(now, SHAKE)
    return _picture(view.calls, size, shaken), following


@lru_cache(maxsize=64)
def _picture(told: CallCounts | None, size: Size, shaken: int) -> Frame:
    width, height = size
    frame = Frame(width, height)
    total = ABSENT if told is None else str(told.total)
    calls = told or CallCounts()
    if width == 8:
        return frame.over(_alone(total, shaken), 0, (height - 8) // 2)
    if height >= 24:
        frame = frame.over(_parts(calls, width, shaken), 0, height - 8)
        return frame.over(_headline(total, (width, height - 8), shaken))
    if width < DETAILS:
        return frame.over(_headline(total, size, shaken))
    left = (27 if width >= ROOMY else 20) * height // 8
    parts = _parts(calls, width - left, shaken)
    return frame.over(_headline(total, (left, height), shaken)).over(parts, left, (height - 8) // 2)


def _alone(total: str, shaken: int) -> Frame:
    digits = total if len(total) <= FIELD else "++"
    picture = number(digits, "5x7" if len(digits) == 1 else "3x7")
    frame = Frame(8, 8).over(picture, (9 - picture.width) // 2)
    return frame.over(Frame(8, 1, [0xFF]), 0, 7) if shaken else frame


def _headline(total: str, size: Size, shaken: int) -> Frame:
    width, height = size
    layout = _layout(len(total), size)
    digits = total if _needed(layout, len(total)) <= width else "++"
    picture = number(digits, layout.face, layout.factor)
    frame = Frame(width, height)
    top = (height - 8 * layout.factor) // 2
    if layout.handset:
        handset = icon("handset").stretched(layout.factor)
        step = shaken * layout.factor
        beside = width - picture.width - handset.width > layout.factor  # else it hops: its last row is dark
        frame = frame.over(handset, step if beside else 0, top if beside else top + step)
    elif shaken:
        frame = frame.over(Frame(width, 1, [-1]), 0, height - 1)
    return frame.over(picture, width - picture.width, top)


def _layout(digits: int, size: Size) -> Layout:
    """The largest way of writing so many digits that fits."""
    count = max(digits, FIELD)
    faces: tuple[Face, Face] = ("5x7", "3x7")
    for factor in range(size[1] // 8, 0, -1):
        for face in faces:
            layout = Layout(face, factor, handset=True)
            if _needed(layout, count) <= size[0]:
                return layout
    return Layout("3x7", 1, handset=False)


def _needed(layout: Layout, digits: int) -> int:
    """Columns of a handset, a gap and the digits."""
    wide = 6 if layout.face == "5x7" else 4
    return (digits * wide - 1 + (9 if layout.handset else 0)) * layout.factor


def _parts(calls: CallCounts, width: int, shaken: int) -> Frame:
    """Those that ring, wait and are held, each at the right end of a third of the width."""
    counts = (calls.ringing, calls.waiting, calls.held)
    frame = Frame(width, 8)
    field = width // 3
    face: Face = "5x7" if field >= 24 else "3x7"
    marks = _SIGNS if field >= 18 else _SMALL
    for place, (mark, count) in enumerate(zip(marks, counts, strict=True)):
        if not count:
            continue
        right = width - (2 - place) * field
        digits = number(str(count), face) if count < 100 else number("++", "3x7")
        frame = frame.over(digits, right - digits.width)
        if place or not shaken:  # the sign of those that ring blinks
            frame = frame.over(mark, right - number("00", face).width - 1 - mark.width)
    return frame
