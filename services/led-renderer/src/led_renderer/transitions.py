"""From one page to the next: cut, slide, wipe. Pure: how far it is, is a function of the wall clock.

A transition lies in the first half second of a page's turn, so two displays are equally far, and after it nothing is
drawn for it. It moves in steps of FRAME_MS at most, by whole columns.
"""

from typing import Final, Literal

from led_renderer.frame import Frame

__all__ = ["TRANSITION_MS", "blended", "step"]

TRANSITION_MS: Final = 500
FRAME_MS: Final = 33  # between two steps: 30 a second


def step(width: int, since: int, now: int) -> tuple[int, int | None]:
    """How many of `width` columns the new page has at `now`, and when it has more; None: it has them all."""
    steps = min(width, TRANSITION_MS // FRAME_MS)
    done = max(now - since, 0) * steps // TRANSITION_MS
    if done >= steps:
        return width, None
    return width * done // steps, since + -(-(done + 1) * TRANSITION_MS // steps)


def blended(kind: Literal["slide", "wipe"], old: Frame, new: Frame, columns: int) -> Frame:
    """`new` with so many columns in: pushed in from the right, or uncovered from the left."""
    width, height = new.width, new.height
    if columns <= 0:
        return old
    if columns >= width:
        return new
    left = width - columns
    if kind == "slide":
        rows = ((was << columns | will >> left) for was, will in zip(old.rows, new.rows, strict=True))
    else:
        covered = (1 << left) - 1
        rows = ((will & ~covered | was & covered) for was, will in zip(old.rows, new.rows, strict=True))
    return Frame(width, height, rows)
