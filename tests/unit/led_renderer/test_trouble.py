"""Why numbers cannot be shown. `test_board` has what leads there."""

from led_renderer.switches import Switches
from led_renderer.trouble import Trouble, named, whole
from support.boards import NOW, switch


def heard(*names: str, lost: str = "") -> Switches:
    switches = Switches()
    for name in names:
        for message in switch(name, at=NOW, esl="lost" if name == lost else "connected"):
            switches.receive(message.topic, message.payload, fresh=False, now=NOW)
    return switches


def test_no_bus_goes_before_no_pbx() -> None:
    assert whole(heard("a"), NOW - 3, 0, NOW) == Trouble("NO BUS", NOW - 3)
    assert whole(heard("a", lost="a"), None, 0, NOW) == Trouble("NO PBX", NOW)
    assert whole(heard(), None, 7, NOW) == Trouble("NO PBX", 7)
    assert whole(heard("a", "b", lost="a"), None, 0, NOW) is None


def test_lost_ones_are_named_in_their_order_with_those_never_heard_of() -> None:
    assert named(heard("a", "b", lost="b"), ("b", "a", "c"), 7, NOW) == [Trouble("NO b", NOW), Trouble("NO c", 7)]
    assert named(heard("a"), ("+",), 7, NOW) == []
