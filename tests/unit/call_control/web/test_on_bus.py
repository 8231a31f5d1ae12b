import pytest

from call_control.web.facts import WebCall
from call_control.web.on_bus import restored, told
from lampfield_bus.messages import ControlCall

CALL = WebCall(
    id="a", kind="click", owner="reception", caller="1000", callee="1001", state="active", started_at=1_000,
    picked_up_at=2_000, answered_at=3_000, rang=True, seen=True,
)  # fmt: skip


def test_a_call_on_the_bus_and_back() -> None:
    message = told(CALL)
    assert (message.from_, message.state, message.answered_at) == ("1000", "active", "1970-01-01T00:00:03.000Z")
    back = restored(message)
    assert (back.state, back.answered_at, back.owner) == ("unknown", 3_000, "")


def test_a_call_that_has_begun_is_ringing_to_the_bus() -> None:
    call = WebCall(id="a", kind="click", owner="", caller="1", callee="2", state="starting", started_at=0)
    assert told(call).state == "ringing"


@pytest.mark.parametrize("changed", [{"kind": "ivr"}, {"started_at": "soon"}, {"answered_at": "then"}])
def test_what_is_none_of_ours_is_not_restored(changed: dict[str, str]) -> None:
    given = {"id": "a", "kind": "click", "from_": "1", "to": "2", "state": "active", "outcome": None}
    given |= {"started_at": "2026-11-22T23:11:53.341Z", "answered_at": None}
    with pytest.raises(ValueError, match=r"flow's call|instant"):
        restored(ControlCall(**{**given, **changed}))  # type: ignore[arg-type]  # as it may stand on the bus
