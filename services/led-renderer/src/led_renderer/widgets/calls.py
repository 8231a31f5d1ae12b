"""The number of live calls beside a handset, which shakes while one rings. Pure. Needs `view.calls`."""

from led_renderer.digits import number
from led_renderer.frame import Frame
from led_renderer.icons import icon
from led_renderer.view import View
from led_renderer.widgets.base import Drawn, Options, Size, phase

__all__ = ["draw"]


def draw(view: View, size: Size, now: int, options: Options) -> Drawn:  # noqa: ARG001 - it has no options
    """Handset and number."""
    shake, following = phase(now, 250 * 2) if view.calls.ringing else (0, None)
    frame = Frame(*size).over(icon("handset"), shake)
    digits = number(str(view.calls.total), "5x7")
    return frame.over(digits, size[0] - digits.width, 0), following
