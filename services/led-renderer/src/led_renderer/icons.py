"""Pictures of 8x8 pixels. Pure, but for reading them from the package once, at import."""

from importlib.resources import files
from typing import Final

from led_renderer.frame import Frame

__all__ = ["ICONS", "SIZE", "icon"]

SIZE: Final = 8


def _icons() -> dict[str, Frame]:
    """The pictures of art/icons.txt by name."""
    art = files("led_renderer").joinpath("art/icons.txt").read_text(encoding="utf-8")
    blocks = art.strip().split("\n\n")[1:]  # the first is the comment
    return {name: Frame.parse(rows + "\n") for name, rows in (block.split("\n", 1) for block in blocks)}


_ICONS: Final = _icons()
ICONS: Final = tuple(_ICONS)


def icon(name: str) -> Frame:
    """The icon called `name`. ValueError names it, and those that there are, when there is none."""
    try:
        return _ICONS[name]
    except KeyError:
        raise ValueError(f"icon: {name!r}; allowed: {', '.join(ICONS)}") from None
