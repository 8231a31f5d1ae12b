"""What a page can show. Pure: a widget draws a view at an instant, and says when its picture changes by itself."""

from typing import Final

from led_renderer.widgets import calls, clock, lamps, text
from led_renderer.widgets.base import Drawn, Options, Size, Widget

__all__ = ["WIDGETS", "Drawn", "Options", "Size", "Widget"]

WIDGETS: Final[dict[str, Widget]] = {
    "calls": Widget(calls.draw),
    "lamps": Widget(lamps.draw, needs="lamps"),
    "clock": Widget(clock.draw),
    "text": Widget(text.draw, takes=("template", "speed"), requires=("template",)),
}
