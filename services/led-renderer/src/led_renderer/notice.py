"""A notification on a canvas, and how long it wants to be seen. Pure. When it shows is `attention`'s to say."""

from typing import Final

from led_renderer import label
from led_renderer.commands import Notification
from led_renderer.frame import Frame

__all__ = ["BLINK_MS", "drawn", "length_ms"]

BLINK_MS: Final = 500  # half a period: 1 Hz, far below the 3 Hz that can harm
SHORTEST_MS: Final = 6_000  # of one that does not say how long


def drawn(shown: Notification, size: tuple[int, int], since: int, now: int) -> tuple[Frame, int | None]:
    """The frame of `now`, of a notification that began at `since`, and the instant at which it changes."""
    width, height = size
    frame, change = label.drawn(shown.text, shown.icon, size, since, now)
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
    return max(SHORTEST_MS, label.pass_ms(shown.text, shown.icon, size))
