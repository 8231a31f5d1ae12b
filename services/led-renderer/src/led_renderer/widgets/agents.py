"""Who serves the callers: agents who are free, who talk with a caller, and who are on break. Pure.

Needs `view.queues`. `options.name` says which one's, and its name is shown where there are several; without, all
agents are counted, each once. What does not fit side by side takes turns. A queue that is gone has dashes.
"""

from led_renderer.view import Agent, Queue, View
from led_renderer.widgets import cards
from led_renderer.widgets.base import Drawn, Options, Size
from led_renderer.widgets.cards import Card, Figure

__all__ = ["draw", "tally", "title"]


def draw(view: View, size: Size, now: int, options: Options) -> Drawn:
    """Three counts."""
    counts: tuple[int | str, ...] = tally(view.agents)
    heading = ""
    if options.name is not None:
        queue = next((queue for queue in view.queues if queue.name == options.name), None)
        agents = None if queue is None else queue.agents
        counts = ("-",) * 3 if agents is None else (agents.available, agents.on_call, agents.on_break)
        heading = title(options.name, view.queues)
    figures = tuple(Figure(icon, str(count)) for icon, count in zip(("agent", "talking", "break"), counts, strict=True))
    return cards.drawn((Card(figures, heading),), size, now, options)


def tally(agents: tuple[Agent, ...]) -> tuple[int, int, int]:
    """How many are free, talk with a caller, and are on break: counted as the publisher does for a queue."""
    busy = [agent.state == "In a queue call" for agent in agents]
    away = [agent.status == "On Break" or agent.state == "Idle" for agent in agents]
    here = [agent.status != "Logged Out" for agent in agents]
    rows = list(zip(busy, away, here, strict=True))
    return (
        sum(here and not (busy or away) for busy, away, here in rows),
        sum(busy),
        sum(here and away and not busy for busy, away, here in rows),
    )


def title(name: str, queues: tuple[Queue, ...]) -> str:
    """A queue's name as people say it: `support` for `support@default` unless another is; none for the only one."""
    if [queue.name for queue in queues] == [name]:
        return ""
    short = name.partition("@")[0]
    alike = [queue for queue in queues if queue.name.partition("@")[0] == short]
    return short if short and len(alike) <= 1 else name
