"""A conference: how many take part, how many of them speak, and for how long it has been on. Pure.

Needs `view.conferences`. `options.name` says which; without, each that is on, in turn. A lock says that nobody more is
let in, a disc that it is recorded. The name is shown where there are several. One that is over has no members.
"""

from led_renderer.values import age, next_second
from led_renderer.view import Conference, View
from led_renderer.widgets import cards
from led_renderer.widgets.base import Drawn, Options, Size, soonest
from led_renderer.widgets.cards import Card, Figure

__all__ = ["draw"]


def draw(view: View, size: Size, now: int, options: Options) -> Drawn:
    """The conference, or all of them in turn."""
    shown = [conference for conference in view.conferences if options.name in (None, conference.name)]
    if not shown:
        return cards.drawn((Card((cards.counted("conference", 0),)),), size, now, options)
    several = len(view.conferences) > 1
    frame, change = cards.drawn(tuple(_card(one, now, titled=several) for one in shown), size, now, options)
    return frame, soonest(change, *(next_second(conference.since, now) for conference in shown))


def _card(conference: Conference, now: int, *, titled: bool) -> Card:
    figures = [cards.counted("conference", conference.members), cards.counted("talking", conference.talking)]
    figures.append(Figure("clock", age((now - conference.since) // 1000), "00:00", alone=True))
    flags = {"lock": conference.locked, "record": conference.recording}
    figures += [Figure(name) for name, raised in flags.items() if raised]
    return Card(tuple(figures), conference.name if titled else "")
