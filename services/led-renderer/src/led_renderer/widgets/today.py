"""The day so far: calls that people answered, that were missed, and that failed. Pure. Needs `view.today`.

What does not fit side by side takes turns. A day of which the publisher missed a part says so with a warning sign
behind its numbers, which are then too low.
"""

from led_renderer.values import ABSENT
from led_renderer.view import View
from led_renderer.widgets import cards
from led_renderer.widgets.base import Drawn, Options, Size
from led_renderer.widgets.cards import Card, Figure

__all__ = ["draw"]


def draw(view: View, size: Size, now: int, options: Options) -> Drawn:
    """Three counts, or dashes while nothing was told."""
    day = view.today
    counts = (ABSENT,) * 3 if day is None else (str(day.answered), str(day.missed), str(day.failed))
    rooms = ("000", "00", "00")
    icons = ("check", "missed", "no-entry")
    figures = tuple(Figure(icon, count, room) for icon, count, room in zip(icons, counts, rooms, strict=True))
    if day is not None and not day.complete:
        figures += (Figure("warning"),)
    return cards.drawn((Card(figures),), size, now, options)
