"""A notification on a canvas, and how long it wants to be seen. Pure. When it shows is `attention`'s to say."""

from typing import Final

from led_renderer import line
from led_renderer.commands import Notification
from led_renderer.frame import Frame
from led_renderer.icons import SIZE, icon

__all__ = ["BLINK_MS", "drawn", "length_ms"]

BLINK_MS: Final = 500  # half a period: 1 Hz, far below the 3 Hz that can harm
SHORTEST_MS: Final = 6_000  # of one that does not say how long
ICON_GAP: Final = 2


def drawn(shown: Notification, size: tuple[int, int], since: int, now: int) -> tuple[Frame, int | None]:
    """The frame of `now`, of a notification that began at `since`, and the instant at which it changes."""
    width, height = size
    grown = _grown(shown, size)
    taken = grown * (SIZE + ICON_GAP)
    room = (width - taken, height)
    left = (room[0] - line.columns(shown.text, room)) // 2  # icon and text stand together, in the middle
    text, change = line.drawn(shown.text, room, since, now)
    frame = Frame(width, height).over(text, left + taken)
    if grown and shown.icon is not None:
        frame = frame.over(icon(shown.icon).stretched(grown), left, (height - grown * SIZE) // 2)
    if shown.priority != "critical" and shown.effect != "blink":
        return (frame.inverted() if shown.effect == "invert" else frame), change
    half = (now - since) // BLINK_MS
    blink = since + (half + 1) * BLINK_MS
    if half % 2:
        # Flashing between the text and its negative: seen from the corner of an eye, and readable all the time.
        frame = frame.inverted() if shown.priority == "critical" else Frame(width, height)
    return frame, blink if change is None else min(change, blink)


def length_ms(shown: Notification, size: tuple[int, int]) -> int:
    """How long one that does not say so is seen: 6 s or one full scroll, the longer."""
    taken = _grown(shown, size) * (SIZE + ICON_GAP)
    return max(SHORTEST_MS, line.pass_ms(shown.text, (size[0] - taken, size[1])))


def _grown(shown: Notification, size: tuple[int, int]) -> int:
    """By how much its icon is grown: as its text is beside it. 0: there is none, or no room for the text would be left.

    A text that scrolls needs more room than its icon, so that stays as small as it can.
    """
    width, height = size
    if shown.icon is None or width < 2 * SIZE:
        return 0
    for grown in range(height // SIZE, 1, -1):
        room = (width - grown * (SIZE + ICON_GAP), height)
        if room[0] > 0 and line.fits(shown.text, room) and line.factor(shown.text, room) >= grown:
            return grown
    return 1
