"""A line of text with an icon before it, on a canvas. Pure. Texts scroll beside their icon, which stands still."""

from typing import Final

from led_renderer import line
from led_renderer.frame import Frame
from led_renderer.icons import SIZE, icon
from led_renderer.scroll import SPEED

__all__ = ["drawn", "pass_ms"]

ICON_GAP: Final = 2


def drawn(
    text: str, name: str | None, size: tuple[int, int], since: int, now: int, *, speed: int = SPEED
) -> tuple[Frame, int | None]:
    """`text` and the icon called `name` together in the middle, and when that changes. ValueError for no icon."""
    width, height = size
    grown = _grown(text, name, size)
    taken = grown * (SIZE + ICON_GAP)
    room = (width - taken, height)
    left = (room[0] - line.columns(text, room)) // 2
    shown, change = line.drawn(text, room, since, now, speed=speed)
    frame = Frame(width, height).over(shown, left + taken)
    if grown and name is not None:
        frame = frame.over(icon(name).stretched(grown), left, (height - grown * SIZE) // 2)
    return frame, change


def pass_ms(text: str, name: str | None, size: tuple[int, int]) -> int:
    """How long one full scroll takes; 0 for a text that fits beside its icon."""
    taken = _grown(text, name, size) * (SIZE + ICON_GAP)
    return line.pass_ms(text, (size[0] - taken, size[1]))


def _grown(text: str, name: str | None, size: tuple[int, int]) -> int:
    """By how much the icon is grown: as its text is beside it. 0: there is none, or no room for the text would be left.

    A text that scrolls needs more room than its icon, so that stays as small as it can.
    """
    width, height = size
    if name is None or width < 2 * SIZE:
        return 0
    if width < 4 * SIZE and line.fits(text, size) and not line.fits(text, (width - SIZE - ICON_GAP, height)):
        return 0  # a whole number says more than an icon with its first digit
    for grown in range(height // SIZE, 1, -1):
        room = (width - grown * (SIZE + ICON_GAP), height)
        if room[0] > 0 and line.fits(text, room) and line.factor(text, room) >= grown:
            return grown
    return 1
