"""Which call of a switch a dialog is a leg of."""

from typing import Any

from msgspec.structs import replace

from lampfield_bus import messages as m
from lampfield_bus.examples import EXAMPLES
from sip_monitor.correlate import Correlation

CALL: Any = EXAMPLES[m.Call]


def test_by_call_ids_and_by_uuids_that_are_call_ids() -> None:
    known = Correlation()
    call = replace(CALL, legs=["u1", "u2"], sip_call_ids=["a@x"])
    assert list(known.learn(call)) == ["a@x", "u1", "u2"]
    assert list(known.learn(call)) == []
    assert list(known.learn(replace(call, sip_call_ids=["a@x", "b@x"]))) == ["b@x"]
    assert [known.call_of(leg) for leg in ("a@x", "b@x", "u2", "c@x")] == [CALL.id, CALL.id, CALL.id, None]


def test_a_leg_that_moved_to_another_call() -> None:
    known = Correlation()
    list(known.learn(replace(CALL, id="old", legs=["u"], sip_call_ids=[])))
    assert list(known.learn(replace(CALL, id="new", legs=["u"], sip_call_ids=[]))) == ["u"]
    assert known.call_of("u") == "new"


def test_the_oldest_are_forgotten() -> None:
    known = Correlation(bound=3)
    for number in range(5):
        list(known.learn(replace(CALL, id=str(number), legs=[f"u{number}"], sip_call_ids=[])))
    assert len(known) == 3
    assert [known.call_of(f"u{number}") for number in (1, 4)] == [None, "4"]
