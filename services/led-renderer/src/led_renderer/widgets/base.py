"""What all widgets share: their signature's types, and phases that are functions of the wall clock. Pure."""

from zoneinfo import ZoneInfo

from msgspec import Struct

from led_renderer.frame import Frame

__all__ = ["Drawn", "Options", "Size", "phase"]

Size = tuple[int, int]  # columns and rows of the canvas: multiples of 8
Drawn = tuple[Frame, int | None]  # a frame, and the instant (ms) at which it changes by itself; None: it never does


class Options(Struct, frozen=True, kw_only=True):
    """What a page says to its widget. `since`: when the page began (ms), from which a scrolling text counts."""

    timezone: ZoneInfo
    template: str = ""
    since: int = 0


def phase(now: int, period: int, parts: int = 2) -> tuple[int, int]:
    """Which of `parts` equal parts of a `period` (ms) it is at `now`, and when the next one begins.

    Counted from the epoch, so that all displays agree. `parts` must divide `period`.
    """
    part = period // parts
    number = now // part
    return number % parts, (number + 1) * part
