"""A queue: how many wait, how long the first of them has waited, and how many agents are free. Pure.

Needs `view.queues`. `options.name` says which, and its name is shown where there are several: before the figures or
above them where there is room, else first. Without, all are taken together: the wait is the longest of all, and every
agent counts. The wait counts from `longest_wait_since`; nobody waits: a dash. A queue that is gone has dashes.
32x8 has no room for the agents; on smaller panels number and wait take turns.
"""

from typing import Final

from led_renderer.values import ABSENT, age, next_second
from led_renderer.view import View
from led_renderer.widgets import cards
from led_renderer.widgets.agents import tally, title
from led_renderer.widgets.base import Drawn, Options, Size, soonest
from led_renderer.widgets.cards import Card, Figure

__all__ = ["draw"]

FREE_FROM: Final = 48  # columns from which there is room for the agents, or two rows


def draw(view: View, size: Size, now: int, options: Options) -> Drawn:
    """The queue, or all of them."""
    chosen = [queue for queue in view.queues if options.name in (None, queue.name)]
    since = min((queue.longest_wait_since for queue in chosen if queue.longest_wait_since is not None), default=None)
    waiting = str(sum(queue.waiting for queue in chosen)) if chosen else ABSENT
    wait = ABSENT if since is None else age((now - since) // 1000)
    figures = [Figure("queue", waiting), Figure("clock", wait, "00:00", alone=True)]
    if size[0] >= FREE_FROM or size[1] > 8:
        staff = [queue.agents.available for queue in chosen] if options.name else [tally(view.agents)[0]]
        figures.append(Figure("agent", str(staff[0]) if staff else ABSENT))
    heading = "" if options.name is None else title(options.name, view.queues)
    frame, change = cards.drawn((Card(tuple(figures), heading),), size, now, options)
    return frame, soonest(change, next_second(since, now))
