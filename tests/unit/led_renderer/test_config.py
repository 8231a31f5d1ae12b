"""What the pure side knows of its display."""

from zoneinfo import ZoneInfo

from lampfield_bus.messages import WallPlace
from led_renderer.config import Panel

UTC = ZoneInfo("UTC")
WALL = WallPlace(name="lobby", width=128, height=8, x=32, y=0)


def test_a_panel_alone_is_its_own_canvas() -> None:
    panel = Panel(display="desk", width=32, height=8, timezone=UTC)
    assert panel.canvas == (32, 8)
    assert panel.corner == (0, 0)


def test_a_tile_draws_on_the_wall_at_its_place() -> None:
    panel = Panel(display="desk", width=32, height=8, wall=WALL, timezone=UTC)
    assert panel.canvas == (128, 8)
    assert panel.corner == (32, 0)


def test_a_display_obeys_all_its_wall_and_its_own_groups_each_once() -> None:
    alone = Panel(display="desk", width=32, height=8, groups=("sales", "all"), timezone=UTC)
    assert alone.all_groups == ("all", "sales")
    tile = Panel(display="desk", width=32, height=8, groups=("sales",), wall=WALL, timezone=UTC)
    assert tile.all_groups == ("all", "lobby", "sales")
