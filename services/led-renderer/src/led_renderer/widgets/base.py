"""What all widgets share: their signature's types, and phases that are functions of the wall clock. Pure."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from msgspec import Struct

from led_renderer.frame import Frame
from led_renderer.scroll import SPEED
from led_renderer.view import View

__all__ = ["Drawn", "Options", "Size", "Widget", "phase", "soonest"]

Size = tuple[int, int]  # columns and rows of the canvas: multiples of 8
Drawn = tuple[Frame, int | None]  # a frame, and the instant (ms) at which it changes by itself; None: it never does


class Options(Struct, frozen=True, kw_only=True):
    """What a page says to its widget.

    `since`: when the page began (ms), from which what scrolls counts. `speed`: how many dots a second it scrolls, at
    least 1. `name`: which queue, conference or lot; None: the widget chooses or takes all together. `value`: a path
    (`led_renderer.values`) and `limit` what is full scale, for a bar. `icon`: an icon's name, before a text.
    """

    timezone: ZoneInfo
    template: str = ""
    since: int = 0
    name: str | None = None
    value: str = ""
    limit: float | None = None
    speed: int = SPEED
    icon: str | None = None


class Widget(Struct, frozen=True):
    """One kind of page.

    `needs`: a page is left out while this field of the view is empty. `takes`: the options that say something to it,
    apart from `since` and `timezone`, which every page has; `requires`: those of them that it cannot do without.
    """

    draw: Callable[[View, Size, int, Options], Drawn]
    needs: str | None = None
    takes: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()


def phase(now: int, period: int, parts: int = 2) -> tuple[int, int]:
    """Which of `parts` equal parts of a `period` (ms) it is at `now`, and when the next one begins.

    Counted from the epoch, so that all displays agree. `parts` must divide `period`.
    """
    part = period // parts
    number = now // part
    return number % parts, (number + 1) * part


def soonest(*instants: int | None) -> int | None:
    """The earliest of those that there are."""
    return min((instant for instant in instants if instant is not None), default=None)
