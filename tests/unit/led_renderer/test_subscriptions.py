"""What a display hears of."""

from lampfield_bus.messages import WallPlace
from led_renderer.subscriptions import filters
from support.boards import panel


def test_it_subscribes_to_retained_state_and_to_its_own_commands() -> None:
    place = WallPlace(name="hall wall", width=64, height=8, x=32, y=0)
    state, orders, own = filters(panel(display="a/b", groups=("hall",), wall=place, switches=("main", "lab")))
    assert "switch/main/calls" in state
    assert "switch/lab/extension/+" in state
    assert {"display/a%2Fb/page/+", "group/all/page/+", "group/hall wall/page/+", "group/hall/page/+"} <= set(state)
    assert not any("raw" in item or "event" in item for item in state)
    assert orders == [
        "display/a%2Fb/cmd/+", "group/all/cmd/+", "group/hall wall/cmd/+", "group/hall/cmd/+",
    ]  # fmt: skip
    assert own == ["display/a%2Fb/state"]
