"""Between a chain of modules and the panel that a person looks at, for any mounting. Pure.

A *chain picture* is 8 rows high: the modules side by side, the one next to the Pi leftmost, each as it stands at luma's
orientation 0. It needs no geometry to be sent, which is why a new panel can be asked about with it.
"""

from led_renderer.frame import Frame
from led_renderer.wire import Geometry

__all__ = ["SIDE", "hung", "laid", "turned"]

SIDE = 8  # pixels of a module


def turned(picture: Frame, degrees: int) -> Frame:
    """A square picture turned clockwise by a multiple of 90 degrees."""
    if picture.width != picture.height:
        raise ValueError(f"picture: {picture.width}x{picture.height} is not square")
    lines = str(picture).split()
    for _ in range(degrees // 90 % 4):
        lines = ["".join(column) for column in zip(*reversed(lines), strict=True)]
    return Frame.parse("\n".join(lines) + "\n")


def hung(chain: Frame, geometry: Geometry) -> Frame:
    """What a person sees when the modules, mounted like this, show a chain picture; what it lacks is dark."""
    seen = Frame(*geometry.frame_size)
    for number, (column, row) in enumerate(geometry.places()):
        module = chain.crop(number * SIDE, 0, SIDE, SIDE)
        seen = seen.over(turned(module, geometry.turn), column * SIDE, row * SIDE)
    return seen


def laid(seen: Frame, geometry: Geometry) -> Frame:
    """The chain picture of what a person shall see on modules that are mounted like this."""
    chain = Frame(geometry.modules * SIDE, SIDE)
    for number, (column, row) in enumerate(geometry.places()):
        module = seen.crop(column * SIDE, row * SIDE, SIDE, SIDE)
        chain = chain.over(turned(module, -geometry.turn), number * SIDE, 0)
    return chain
