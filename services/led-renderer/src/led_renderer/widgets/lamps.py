"""The busy lamp field: a lamp per extension. Pure. Needs `view.lamps`."""

from led_renderer.frame import Frame
from led_renderer.view import View
from led_renderer.widgets.base import Drawn, Options, Size, phase

__all__ = ["draw"]


def draw(view: View, size: Size, now: int, options: Options) -> Drawn:  # noqa: ARG001 - it has no options
    """Lamps."""
    _, following = phase(now, 500)
    return Frame(*size), following
