"""One line of text on a canvas: as large as it fits, and scrolling where it does not. Pure.

Who draws a text and who must know how long it takes to read it both ask here, so that they agree.
"""

from functools import lru_cache
from typing import Final

from led_renderer.frame import MAX_SIDE, Frame
from led_renderer.scroll import SPEED, scroll_ms, scrolled
from led_renderer.text import HEIGHT, strip

__all__ = ["columns", "drawn", "factor", "fits", "pass_ms"]

READABLE: Final = 32  # columns of the font, some six letters, that are seen of a text that scrolls and has grown


def drawn(
    text: str, size: tuple[int, int], since: int, now: int, *, centred: bool = False, speed: int = SPEED
) -> tuple[Frame, int | None]:
    """`text` on a canvas of `size`, in the middle of its rows, and when that changes; a scroll counts from `since`."""
    wide, high = size
    dot = factor(text, size)
    picture = _grown(text, dot)
    shown, following = scrolled(picture, wide, since, now, dot=dot, speed=speed)
    left = max(wide - picture.width, 0) // 2 if centred else 0
    return Frame(wide, high).over(shown, left, (high - shown.height) // 2), following


def pass_ms(text: str, size: tuple[int, int], *, speed: int = SPEED) -> int:
    """How long one full scroll of `text` takes; 0 for one that fits."""
    dot = factor(text, size)
    return scroll_ms(_grown(text, dot).width, size[0], dot=dot, speed=speed)


def columns(text: str, size: tuple[int, int]) -> int:
    """How many columns of the canvas the text takes: all of them when it scrolls."""
    return min(_grown(text, factor(text, size)).width, size[0])


def fits(text: str, size: tuple[int, int]) -> bool:
    """Whether `text` need not scroll."""
    return strip(text).width <= size[0]


def factor(text: str, size: tuple[int, int]) -> int:
    """By how much a text grows: as long as it fits; one that scrolls, as long as enough of it is seen.

    None grows beyond what a frame can hold: a long one is smaller on a large wall, and not cut.
    """
    wide, high = size
    needed = strip(text).width
    return max(1, min(high // HEIGHT, wide // (needed if needed <= wide else READABLE), MAX_SIDE // needed))


@lru_cache(maxsize=32)
def _grown(text: str, dot: int) -> Frame:
    return strip(text).stretched(dot)
