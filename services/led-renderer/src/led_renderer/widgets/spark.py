"""The last hour: a column for each minute, as high as the most calls at once in it, the newest at the right. Pure.

Needs `view.history`. Where there are fewer columns than minutes, each stands for several and shows the most of them
(8 columns: 8 minutes each); where there are twice as many, a minute is two wide. Eight calls fill
the panel's height; if there were more, the highest column does. What is not zero has a pixel at least. An hour without
a call is a dotted line.
"""

from functools import lru_cache
from typing import Final

from led_renderer.frame import Frame
from led_renderer.view import View
from led_renderer.widgets.base import Drawn, Options, Size

__all__ = ["draw"]

MINUTES: Final = 60
FULL: Final = 8  # calls: the scale never fills the panel with fewer


def draw(view: View, size: Size, now: int, options: Options) -> Drawn:  # noqa: ARG001 - it has no options
    """The hour up to the last full minute."""
    return _picture(view.history.minutes if view.history else (0,) * MINUTES, size), None


@lru_cache(maxsize=32)
def _picture(minutes: tuple[int, ...], size: Size) -> Frame:
    wide, high = size
    each = -(-MINUTES // wide)  # minutes in a column
    columns = [max(minutes[max(end - each, 0) : end]) for end in range(len(minutes), 0, -each)]  # newest first
    if not any(columns):
        return Frame(wide, high).over(Frame(wide, 1, [int("01" * (wide // 2), 2)]), 0, high - 1)
    across = max(wide // MINUTES, 1)
    top = max(*columns, FULL)
    rows = [0] * high
    for place, count in enumerate(columns):
        bits = (1 << across) - 1 << place * across
        lit = min(max(count * high // top, 1), high) if count else 0
        for row in range(high - lit, high):
            rows[row] |= bits
    return Frame(wide, high, rows)
