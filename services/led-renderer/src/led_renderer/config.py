"""What the pure side must know of its display. Built once by the shell from the settings; reads none itself."""

from zoneinfo import ZoneInfo

from msgspec import Struct

from lampfield_bus.messages import WallPlace

__all__ = ["Panel"]


class Panel(Struct, frozen=True, kw_only=True):
    """One display. `width` x `height` are the pixels of this panel as looked at (after rotation).

    `switches`: names of the switches that are shown, `("+",)` for all. `brightness` (0-15) is the one in force until a
    command says otherwise. `max_hide_ms`: how long anything below critical may cover the page at a stretch.
    `timezone` is for the clock page. `started_at`: when this process began, ms since the epoch.
    """

    display: str
    width: int
    height: int
    groups: tuple[str, ...] = ()
    wall: WallPlace | None = None
    switches: tuple[str, ...] = ("+",)
    brightness: int = 4
    max_hide_ms: int = 60_000
    timezone: ZoneInfo
    driver: str = "none"
    version: str = "0"
    started_at: int = 0

    @property
    def canvas(self) -> tuple[int, int]:
        """Width and height, in pixels, of what is drawn on: the wall, or this panel when it hangs alone."""
        return (self.width, self.height) if self.wall is None else (self.wall.width, self.wall.height)

    @property
    def corner(self) -> tuple[int, int]:
        """Column and row of this panel's upper left corner on the canvas."""
        return (0, 0) if self.wall is None else (self.wall.x, self.wall.y)

    @property
    def all_groups(self) -> tuple[str, ...]:
        """Every group that this display obeys: `all`, its wall's, and its own, each once."""
        wall = () if self.wall is None else (self.wall.name,)
        return tuple(dict.fromkeys(("all", *wall, *self.groups)))
