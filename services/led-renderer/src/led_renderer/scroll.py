"""A strip that is wider than its window moves through it. Pure: where it is, is a function of its age alone.

One pass: the strip rests at its start for `pause_ms`, then moves left by one column at a time until its last column and
a short gap have left; the next pass begins with the strip at its start again. What rests is cut between two words, or
between two glyphs, so that no half glyph stands still. A strip that fits never moves and stands at the left.

A strip that was grown moves by whole dots of `dot` columns: as smooth, as long and as cheap as a small one.
"""

from typing import Final

from led_renderer.frame import Frame

__all__ = ["PAUSE_MS", "SPEED", "scroll_ms", "scrolled"]

SPEED: Final = 30  # dots a second
PAUSE_MS: Final = 1_000
GAP: Final = 8  # dark dots after the last one, a beat of darkness between two passes
WORDS: Final = 3  # this many dark dots stand between two words


def scroll_ms(strip_width: int, width: int, *, dot: int = 1, speed: int = SPEED, pause_ms: int = PAUSE_MS) -> int:
    """How long one pass takes. 0 for a strip that fits."""
    return 0 if strip_width <= width else pause_ms + _begins(-(-strip_width // dot) + GAP, speed)


def scrolled(
    strip: Frame,
    width: int,
    since: int,
    now: int,
    *,
    dot: int = 1,
    speed: int = SPEED,
    pause_ms: int = PAUSE_MS,
) -> tuple[Frame, int | None]:
    """What a window of `width` columns shows at `now` of a strip that began at `since`, and when that changes.

    Before `since` the strip rests at its start. `speed` is in dots a second, at least 1.
    """
    one = scroll_ms(strip.width, width, dot=dot, speed=speed, pause_ms=pause_ms)
    if one == 0:
        return strip.crop(0, 0, width, strip.height), None
    age = max(0, now - since)
    whole, within = divmod(age, one)
    moved = max(0, within - pause_ms) * speed // 1000
    shown = _resting(strip, width, dot) if moved == 0 else strip.crop(moved * dot, 0, width, strip.height)
    return shown, since + whole * one + pause_ms + _begins(moved + 1, speed)


def _begins(moved: int, speed: int) -> int:
    """The first whole millisecond of the movement in which the strip has moved by so many dots."""
    return -(-moved * 1000 // speed)


def _resting(strip: Frame, width: int, dot: int) -> Frame:
    """The start of a strip, without what the window would cut: the last word, or the last glyph of a long word."""
    columns = 0  # which columns of the window, and of one more at its right, have a lit pixel
    for row in strip.rows:
        columns |= row >> (strip.width - width - 1)
    cut = _cut(columns, width, WORDS * dot) or _cut(columns, width, 1) or 0
    return Frame(width, strip.height, (row >> (strip.width - width) & -1 << cut for row in strip.rows))


def _cut(columns: int, width: int, gap: int) -> int | None:
    """How many of the window's columns to leave out so that `gap` dark ones follow. None: over half of them."""
    dark = (1 << gap) - 1
    if gap == 1 and not columns & 1:
        return 0
    for cut in range(width // 2):
        if not columns >> cut + 1 & dark:
            return cut
    return None
