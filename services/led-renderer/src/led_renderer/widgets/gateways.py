"""The gateways that are down: which, and since when. Pure. Needs `view.gateways_down`, so that it is there only then.

Several take turns. Where name and age do not fit side by side, the name comes first. With none down (a page that was
told to stay), a check mark and how many there are.
"""

from led_renderer.values import age, next_second
from led_renderer.view import View
from led_renderer.widgets import cards
from led_renderer.widgets.base import Drawn, Options, Size, soonest
from led_renderer.widgets.cards import Card, Figure

__all__ = ["draw"]


def draw(view: View, size: Size, now: int, options: Options) -> Drawn:
    """Each that is down, in turn."""
    down = view.gateways_down
    if not down:
        return cards.drawn((Card((cards.counted("check", len(view.gateways)),)),), size, now, options)
    shown = tuple(
        Card((Figure("no-entry", age((now - gateway.since) // 1000), "00:00"),), gateway.name) for gateway in down
    )
    frame, change = cards.drawn(shown, size, now, options)
    return frame, soonest(change, *(next_second(gateway.since, now) for gateway in down))
