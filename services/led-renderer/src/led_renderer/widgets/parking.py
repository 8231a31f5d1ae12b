"""Parked callers: how many, and how long the first of them has waited. Pure. Needs `view.parking`.

`options.name` says in which lot; without, in all of them together. Where both figures do not fit side by side they take
turns. An empty lot has a zero.
"""

from led_renderer.values import age, next_second
from led_renderer.view import View
from led_renderer.widgets import cards
from led_renderer.widgets.base import Drawn, Options, Size, soonest
from led_renderer.widgets.cards import Card, Figure

__all__ = ["draw"]


def draw(view: View, size: Size, now: int, options: Options) -> Drawn:
    """The lot, or all of them."""
    lots = [lot for lot in view.parking if options.name in (None, lot.name)]
    figures = [cards.counted("parking", sum(lot.parked for lot in lots))]
    since = min((lot.longest_since for lot in lots), default=None)
    if since is not None:
        figures.append(Figure("clock", age((now - since) // 1000), "00:00", alone=True))
    named = options.name is not None and len(view.parking) > 1
    card = Card(tuple(figures), options.name or "" if named else "")
    frame, change = cards.drawn((card,), size, now, options)
    return frame, soonest(change, next_second(since, now))
