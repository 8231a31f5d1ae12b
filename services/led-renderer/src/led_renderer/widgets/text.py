"""A line of text with values in it: `{calls.active} calls`. Pure. Needs `options.template`, and what that names.

`options.icon` stands before it. What is wider than the canvas scrolls at `options.speed`, counting from
`options.since`. On walls of several rows it grows. `led_renderer.values` says what may stand in a template.
"""

from led_renderer import label, line
from led_renderer.values import filled
from led_renderer.view import View
from led_renderer.widgets.base import Drawn, Options, Size, soonest

__all__ = ["draw"]


def draw(view: View, size: Size, now: int, options: Options) -> Drawn:
    """The filled template, scrolled where it is too wide. ValueError for a template that is refused."""
    text, ages = filled(options.template, view, now)
    if options.icon is None:
        frame, moves = line.drawn(text, size, options.since, now, speed=options.speed)
    else:
        frame, moves = label.drawn(text, options.icon, size, options.since, now, speed=options.speed)
    return frame, soonest(ages, moves)
