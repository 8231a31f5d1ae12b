"""The picture of this moment: a pure function of the board and the wall clock, and when it will change next.

Overlays, in this order: power off, a notification (identify and test among them), trouble, the page. Everything is
drawn on the canvas (the wall, where there is one) and cut to this panel; the pixel that says "may be stale" is each
panel's own.
"""

from typing import Final

from led_renderer import line, notice, page_picture
from led_renderer.attention import Showing
from led_renderer.board import Board
from led_renderer.config import Panel
from led_renderer.frame import Frame
from led_renderer.pages import Page, Transition, Turn, before
from led_renderer.programme import LOST
from led_renderer.trouble import Trouble
from led_renderer.widgets import Drawn, Size
from led_renderer.widgets.base import phase, soonest

__all__ = ["scene"]

ALTERNATE_MS: Final = 2_000  # trouble too wide for the panel: what, then since when
ALL_LIT_MS: Final = 2_000
CHECK_MS: Final = 500
HOURS_FROM: Final = 100 * 60  # seconds from which on ages read h:mm


def scene(board: Board, panel: Panel, now: int) -> Drawn:
    """The frame of `now`, and the instant (ms since the epoch) at which it changes by itself; None: it does not."""
    if not board.power:
        return Frame(panel.width, panel.height), board.dimmer.due(now)
    frame, change = _canvas(board, panel, now)
    x, y = panel.corner
    frame = frame.crop(x, y, panel.width, panel.height)
    changes = [change, board.due(), *(edge for edge in board.edges() if edge > now)]
    if board.trouble(now) is None and board.stale(now) and not _of_itself(board.showing(now)):
        frame, blink = _stale_pixel(frame, now)
        changes.append(blink)
    return frame, soonest(*changes)


def _of_itself(showing: Showing | None) -> bool:
    return showing is not None and showing.notification.kind != "text"


def _canvas(board: Board, panel: Panel, now: int) -> Drawn:
    size = panel.canvas
    showing = board.showing(now)
    if showing is not None:
        if _of_itself(showing):
            return _self_portrait(showing, panel, now)
        return notice.drawn(showing.notification, size, showing.since, now)
    trouble = board.trouble(now)
    if trouble is not None:
        return _trouble(trouble, size, now)
    return _page(board, panel, size, now)


def _page(board: Board, panel: Panel, size: Size, now: int) -> Drawn:
    present = board.turn(now)
    picture = _picture(board, panel, present, size, now)

    def replaced() -> Frame:
        return _picture(board, panel, before(board.rotation(now), present), size, now)[0]

    frame, change = page_picture.changed(_transition(board, present.page), present, picture, replaced, now)
    return frame, soonest(change, present.ends)


def _transition(board: Board, page: Page) -> Transition:
    """The page's own, else the file's; what is urgent comes at once unless its page says otherwise."""
    if page.transition is not None:
        return page.transition
    urgent = page.widget == LOST or page.name in board.levels
    return "cut" if urgent else board.plan.transition


def _picture(board: Board, panel: Panel, present: Turn, size: Size, now: int) -> Drawn:
    page = present.page
    if page.widget == LOST:
        return _lost(board, page, size, now)
    picture = page_picture.drawn(present, board.view(now), size, now, panel.timezone)
    return page_picture.levelled(picture, board.levels.get(page.name), now)


def _lost(board: Board, page: Page, size: Size, now: int) -> Drawn:
    for trouble in board.lost(now):
        if trouble.what == page.name:
            return _trouble(trouble, size, now)
    return Frame(*size), None


def _self_portrait(showing: Showing, panel: Panel, now: int) -> Drawn:
    """What `identify` and `test` show."""
    width, height = panel.canvas
    if showing.notification.kind == "identify":
        # Each panel names itself, also as a tile of a wall.
        own, change = line.drawn(panel.display, (panel.width, panel.height), showing.since, now, centred=True)
        return Frame(width, height).over(own, *panel.corner), change
    if now < showing.since + ALL_LIT_MS:
        return Frame(width, height).inverted(), showing.since + ALL_LIT_MS
    half = (now - showing.since) // CHECK_MS
    even = int("10" * (width // 2 + 1), 2)
    rows = (even >> (y + half & 1) for y in range(height))
    return Frame(width, height, rows), showing.since + (half + 1) * CHECK_MS


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
    return frame, soonest(changes_at, change)


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
