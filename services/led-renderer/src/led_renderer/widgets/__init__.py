"""What a page can show. Pure: a widget draws a view at an instant, and says when its picture changes by itself."""

from typing import Final

from led_renderer.widgets import (
    agents,
    bar,
    calls,
    clock,
    conference,
    gateways,
    lamps,
    parking,
    queue,
    spark,
    text,
    ticker,
    today,
)
from led_renderer.widgets.base import Drawn, Options, Size, Widget

__all__ = ["WIDGETS", "Drawn", "Options", "Size", "Widget"]

WIDGETS: Final[dict[str, Widget]] = {
    "calls": Widget(calls.draw),
    "lamps": Widget(lamps.draw, needs="lamps"),
    "queue": Widget(queue.draw, needs="queues", takes=("name", "speed")),
    "agents": Widget(agents.draw, needs="queues", takes=("name", "speed")),
    "gateways": Widget(gateways.draw, needs="gateways_down", takes=("speed",)),
    "clock": Widget(clock.draw),
    "today": Widget(today.draw, needs="today", takes=("speed",)),
    "conference": Widget(conference.draw, needs="conferences", takes=("name", "speed")),
    "parking": Widget(parking.draw, needs="parking", takes=("name", "speed")),
    "ticker": Widget(ticker.draw, needs="recent", takes=("speed",)),
    "spark": Widget(spark.draw, needs="history"),
    "text": Widget(text.draw, takes=("template", "icon", "speed"), requires=("template",)),
    "bar": Widget(bar.draw, takes=("value", "limit"), requires=("value", "limit")),
}
