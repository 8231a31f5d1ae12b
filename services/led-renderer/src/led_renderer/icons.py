"""Pictures of 8x8 pixels, and small signs of 4x7. Pure, but for reading them from the package once, at import."""

from importlib.resources import files
from typing import Final

from led_renderer.frame import Frame

__all__ = ["ICONS", "SIZE", "icon", "sign"]

SIZE: Final = 8


def _pictures(name: str) -> dict[str, Frame]:
    """The pictures of art/<name>.txt by name."""
    art = files("led_renderer").joinpath(f"art/{name}.txt").read_text(encoding="utf-8")
    blocks = art.strip().split("\n\n")[1:]  # the first is the comment
    return {name: Frame.parse(rows + "\n") for name, rows in (block.split("\n", 1) for block in blocks)}


_ICONS: Final = _pictures("icons")
_SIGNS: Final = _pictures("signs")
ICONS: Final = tuple(_ICONS)


def icon(name: str) -> Frame:
    """The icon called `name`. ValueError names it, and those that there are, when there is none."""
    try:
        return _ICONS[name]
    except KeyError:
        raise ValueError(f"icon: {name!r}; allowed: {', '.join(ICONS)}") from None


def sign(name: str) -> Frame | None:
    """The small form of an icon; None where there is none."""
    return _SIGNS.get(name)
