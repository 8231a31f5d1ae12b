"""What a page can show. Pure: a widget draws a view at an instant, and says when its picture changes by itself."""

from collections.abc import Callable
from typing import Final

from led_renderer.view import View
from led_renderer.widgets import calls, clock, lamps, text
from led_renderer.widgets.base import Drawn, Options, Size

__all__ = ["WIDGETS", "Drawn", "Options", "Size", "Widget"]

Widget = Callable[[View, Size, int, Options], Drawn]

WIDGETS: Final[dict[str, Widget]] = {
    "calls": calls.draw,
    "lamps": lamps.draw,
    "clock": clock.draw,
    "text": text.draw,
}
