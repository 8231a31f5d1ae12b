"""The picture of this moment: a pure function of the board and the wall clock, and when it will change next.

Overlays, in this order: power off, identify and test, a notification, trouble, the page. Everything is drawn on the
canvas (the wall, where there is one) and cut to this panel; the pixel that says "may be stale" is each panel's own.
"""

from typing import Final

from led_renderer import line, notice
from led_renderer.board import Board, Overlay, Trouble
from led_renderer.config import Panel
from led_renderer.frame import Frame
from led_renderer.pages import Page, Turn, turn
from led_renderer.widgets import WIDGETS, Drawn, Options, Size
from led_renderer.widgets.base import phase

__all__ = ["scene"]

ALTERNATE_MS: Final = 2_000  # trouble too wide for the panel: what, then since when
ALL_LIT_MS: Final = 2_000
CHECK_MS: Final = 500
HOURS_FROM: Final = 100 * 60  # seconds from which on ages read h:mm


def scene(board: Board, panel: Panel, now: int) -> Drawn:
    """The frame of `now`, and the instant (ms since the epoch) at which it changes by itself; None: it does not."""
    if not board.power:
        return Frame(panel.width, panel.height), None
    frame, change = _canvas(board, panel, now)
    x, y = panel.corner
    frame = frame.crop(x, y, panel.width, panel.height)
    changes = [change, board.due(), *(edge for edge in board.edges() if edge > now)]
    if board.overlay is None and board.trouble(now) is None and board.stale(now):
        frame, blink = _stale_pixel(frame, now)
        changes.append(blink)
    return frame, min((instant for instant in changes if instant is not None), default=None)


def _canvas(board: Board, panel: Panel, now: int) -> Drawn:
    size = panel.canvas
    if board.overlay is not None:
        return _overlay(board.overlay, panel, now)
    showing = board.showing(now)
    if showing is not None:
        return notice.drawn(showing.notification, size, showing.since, now)
    trouble = board.trouble(now)
    if trouble is not None:
        return _trouble(trouble, size, now)
    return _page(board, panel, size, now)


def _page(board: Board, panel: Panel, size: Size, now: int) -> Drawn:
    present = turn(board.turns(now), now, board.stay)
    page = present.page
    frame, change = (
        _lost(board, page, size, now) if page.widget == "trouble" else _widget(board, panel, present, size, now)
    )
    ends = [instant for instant in (change, present.ends) if instant is not None]
    return frame, min(ends, default=None)


def _widget(board: Board, panel: Panel, present: Turn, size: Size, now: int) -> Drawn:
    options = Options(timezone=panel.timezone, template=present.page.template, since=present.begins)
    return WIDGETS[present.page.widget].draw(board.view(now), size, now, options)


def _lost(board: Board, page: Page, size: Size, now: int) -> Drawn:
    for trouble in board.lost(now):
        if trouble.what == page.name:
            return _trouble(trouble, size, now)
    return Frame(*size), None


def _overlay(overlay: Overlay, panel: Panel, now: int) -> Drawn:
    width, height = panel.canvas
    if overlay.kind == "identify":
        # Each panel names itself, also as a tile of a wall.
        own, change = line.drawn(panel.display, (panel.width, panel.height), overlay.since, now, centred=True)
        return Frame(width, height).over(own, *panel.corner), change
    if now < overlay.since + ALL_LIT_MS:
        return Frame(width, height).inverted(), overlay.since + ALL_LIT_MS
    half = (now - overlay.since) // CHECK_MS
    even = int("10" * (width // 2 + 1), 2)
    rows = (even >> (y + half & 1) for y in range(height))
    return Frame(width, height, rows), overlay.since + (half + 1) * CHECK_MS


def _trouble(trouble: Trouble, size: Size, now: int) -> Drawn:
    width, height = size
    seconds = max(now - trouble.since, 0) // 1000
    changes_at = trouble.since + (seconds + 1) * 1000
    age = _age(seconds)
    whole = f"{trouble.what} {age}"
    apart = line.fits(trouble.what, size) and line.fits(age, size)
    lines = height // 2 - height // 2 % 8
    if apart and lines:
        above, _ = line.drawn(trouble.what, (width, lines), 0, now, centred=True)
        below, _ = line.drawn(age, (width, lines), 0, now, centred=True)
        return Frame(width, height).over(above).over(below, 0, height - lines), changes_at
    if apart and not line.fits(whole, size):
        turns, turn_ends = phase(now, 2 * ALTERNATE_MS)
        frame, _ = line.drawn(age if turns else trouble.what, size, 0, now, centred=True)
        return frame, min(changes_at, turn_ends)
    frame, change = line.drawn(whole, size, 0, now, centred=True)
    return frame, changes_at if change is None else min(changes_at, change)


def _age(seconds: int) -> str:
    """`mm:ss`, from 100 minutes on `h:mm`."""
    if seconds < HOURS_FROM:
        return f"{seconds // 60:02d}:{seconds % 60:02d}"
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}"


def _stale_pixel(frame: Frame, now: int) -> Drawn:
    """The lower right pixel, toggled once a second."""
    rows = list(frame.rows)
    toggled, following = phase(now, 1_000)
    if toggled:
        rows[-1] ^= 1
    return Frame(frame.width, frame.height, rows), following
