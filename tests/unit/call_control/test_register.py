"""The calls on the bus: told once, ended once, and what an earlier run left."""

import msgspec
import pytest

from call_control.register import Register
from lampfield_bus.channels import match
from lampfield_bus.messages import ControlCall, ControlCallEnded, encode
from lampfield_bus.node.arrivals import Arrival, Message, ReadingBegan, ReadingEnded

CALL = ControlCall(
    id="c-1", kind="ivr", from_="1000", to="5000", state="waiting", started_at="2026-11-22T23:11:53.341Z",
    answered_at=None, outcome=None,
)  # fmt: skip
TOPIC = "control/main/call/c-1"


def read(register: Register, *messages: Message, complete: bool = True) -> list[str]:
    """A reading of retained state; the topics that it deletes."""
    told = []
    arrivals: list[Arrival] = [ReadingBegan(), *messages, ReadingEnded(complete)]
    for arrival in arrivals:
        told += register.hear(arrival)
    assert all(each.payload == b"" and each.retain for each in told)
    return [each.topic for each in told]


def test_a_call_is_told_when_it_changes() -> None:
    register = Register("main")
    (told,) = register.tell(CALL)
    assert (told.topic, told.retain, told.qos) == (TOPIC, True, 1)
    assert msgspec.json.decode(told.payload)["from"] == "1000"
    assert register.tell(CALL) == []
    assert len(register.tell(msgspec.structs.replace(CALL, state="transferred"))) == 1
    assert list(register.live) == ["c-1"]


def test_a_call_ends_once_with_its_topic_gone_and_its_event_told() -> None:
    register = Register("main")
    register.tell(CALL)
    gone, event = register.end(msgspec.structs.replace(CALL, outcome="answered"), cause="NORMAL_CLEARING")
    assert (gone.topic, gone.payload, gone.retain) == (TOPIC, b"", True)
    assert (event.topic, event.retain) == ("control/main/event/call/ended", False)
    ended = msgspec.json.decode(event.payload, type=ControlCallEnded)
    assert (ended.state, ended.outcome, ended.cause, ended.sip_status) == ("ended", "answered", "NORMAL_CLEARING", None)
    assert register.end(CALL) == []
    assert register.live == {}


def test_what_an_earlier_run_left_is_handed_over_once_by_kind() -> None:
    register = Register("main")
    click = msgspec.structs.replace(CALL, id="c-2", kind="click")
    assert read(register, Message(TOPIC, encode(CALL)), Message("control/main/call/c-2", encode(click))) == []
    assert register.orphans("click", "guest") == [click]
    assert register.orphans("ivr") == [CALL]
    assert register.orphans("ivr", "click") == []
    assert len(register.end(CALL)) == 2


def test_a_call_that_lives_is_no_orphan_of_its_own_run() -> None:
    register = Register("main")
    register.tell(CALL)
    read(register, Message(TOPIC, encode(CALL)))
    assert register.orphans("ivr") == []


@pytest.mark.parametrize("payload", [b"{", b"[]", encode(msgspec.structs.replace(CALL, id="another"))])
def test_what_cannot_be_understood_is_deleted(payload: bytes) -> None:
    assert read(Register("main"), Message(TOPIC, payload)) == [TOPIC]


def test_another_node_s_call_is_none_of_ours() -> None:
    register = Register("main")
    assert read(register, Message("control/other/call/c-1", b"{"), Message("switch/main/calls", b"{")) == []
    assert register.orphans("ivr") == []


def test_half_a_reading_is_none() -> None:
    register = Register("main")
    read(register, Message(TOPIC, encode(CALL)), complete=False)
    assert register.orphans("ivr") == []
    read(register)
    assert register.orphans("ivr") == []


def test_after_its_first_reading_it_listens_no_more() -> None:
    register = Register("main")
    read(register)
    read(register, Message(TOPIC, encode(CALL)))
    assert register.orphans("ivr") == []


def test_every_topic_is_of_the_table() -> None:
    register = Register("a/b")
    told = [*register.tell(CALL), *register.end(CALL)]
    assert all(match(each.topic) for each in told)
