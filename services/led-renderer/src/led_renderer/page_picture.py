"""One page of the rotation as a picture: its widget, its icon, its level, and the change from the page before. Pure.

A page that warns is inverted; a critical one goes between its picture and the negative once a second, by the wall
clock: 1 Hz, far below the 3 Hz that can harm.
"""

from collections.abc import Callable
from typing import Final
from zoneinfo import ZoneInfo

from led_renderer.frame import Frame
from led_renderer.icons import SIZE, icon
from led_renderer.pages import Transition, Turn
from led_renderer.scroll import SPEED
from led_renderer.thresholds import Level
from led_renderer.transitions import blended, step
from led_renderer.view import View
from led_renderer.widgets import WIDGETS, Drawn, Options, Size
from led_renderer.widgets.base import phase, soonest

__all__ = ["BLINK_MS", "changed", "drawn", "levelled"]

BLINK_MS: Final = 1_000  # a whole period


def drawn(present: Turn, view: View, size: Size, now: int, timezone: ZoneInfo) -> Drawn:
    """What the page's widget draws, beside its icon if it has one and the widget draws none itself."""
    page = present.page
    if page.icon is None or size[0] < 2 * SIZE or "icon" in WIDGETS[page.widget].takes:
        return _widget(present, view, size, now, timezone)
    beside, change = _widget(present, view, (size[0] - SIZE, size[1]), now, timezone)
    frame = Frame(*size).over(icon(page.icon), 0, (size[1] - SIZE) // 2)
    return frame.over(beside, SIZE), change


def _widget(present: Turn, view: View, size: Size, now: int, timezone: ZoneInfo) -> Drawn:
    page = present.page
    options = Options(
        timezone=timezone,
        template=page.template,
        since=present.begins,
        name=page.subject,
        value=page.value,
        limit=page.limit,
        icon=page.icon,
        speed=page.speed or SPEED,
    )
    return WIDGETS[page.widget].draw(view, size, now, options)


def levelled(picture: Drawn, level: Level | None, now: int) -> Drawn:
    """The picture as its level wants it."""
    frame, change = picture
    if level is None:
        return picture
    if level == "warn":
        return frame.inverted(), change
    lit, following = phase(now, BLINK_MS)
    return (frame.inverted() if lit else frame), soonest(change, following)


def changed(kind: Transition, present: Turn, picture: Drawn, before: Callable[[], Frame], now: int) -> Drawn:
    """The picture on its way in; `before` draws the page that it replaces, and is asked only while that is seen."""
    if kind == "cut" or present.ends is None:
        return picture
    frame, change = picture
    columns, following = step(frame.width, present.begins, now)
    if following is None:
        return picture
    return blended(kind, before(), frame, columns), soonest(change, following)
