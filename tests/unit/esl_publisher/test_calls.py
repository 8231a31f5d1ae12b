import pytest
from msgspec.structs import replace

from esl_publisher.calls import MAX_LEGS, Call, CallState, connected, joined, opened, reopened, state_of
from lampfield_bus import messages as m
from support.legs import T0, leg


def call_of(*legs: str) -> Call:
    nobody = m.Party(number="", name="")
    return Call(id="a", legs=legs, live=legs, caller_leg=legs[0], caller=nobody, callee=nobody, started_at=T0)


A, B = leg("a", user="1000", number="1000"), leg("b", user="1001", number="1001", originator="a", outbound=True)


@pytest.mark.parametrize(
    ("a", "b", "told"),
    [
        ({}, {}, "ringing"),
        ({"stage": "ringing"}, {"stage": "ringing"}, "ringing"),
        ({"stage": "ringing"}, {"stage": "answered", "answered_at": 5}, "ringing"),
        ({"stage": "answered", "answered_at": 5}, {"stage": "answered", "answered_at": 5}, "ringing"),
        ({"stage": "answered", "answered_at": 4}, {"stage": "answered", "answered_at": 5}, "waiting"),
        ({"stage": "answered", "answered_at": 4}, {"stage": "ringing"}, "waiting"),
        ({"stage": "answered", "answered_at": 5}, {"stage": "answered", "answered_at": 5, "talked": True}, "waiting"),
        ({"stage": "answered", "talking": True}, {"stage": "answered", "talking": True}, "active"),
        ({"stage": "held", "talking": True}, {"stage": "answered", "talking": True}, "held"),
        ({"stage": "held"}, {"stage": "ringing"}, "waiting"),
        ({"stage": "answered", "conferring": True}, {"stage": "ringing"}, "active"),
        ({"stage": "held", "conferring": True}, {"stage": "ringing"}, "held"),
    ],
)
def test_the_state_is_a_function_of_the_live_legs(a: dict[str, object], b: dict[str, object], told: str) -> None:
    legs = {"a": replace(A, **a), "b": replace(B, **b)}

    assert state_of(call_of("a", "b"), list(legs.values()), legs) == told


@pytest.mark.parametrize(
    ("first", "second", "direction"),
    [
        (A, B, "internal"),
        (A, replace(B, user=None), "outbound"),
        (replace(A, user=None), B, "inbound"),
        (replace(A, user=None), replace(B, user=None), "inbound"),
        (replace(A, outbound=True), B, "internal"),
    ],
)
def test_the_direction_is_who_is_at_the_ends(first: object, second: object, direction: str) -> None:
    assert joined(opened("a", first), second).direction == direction  # type: ignore[arg-type]  # legs, by parameter


def test_the_first_target_is_the_callee_until_somebody_else_answers() -> None:
    call = opened("a", replace(A, dialled="7000"))
    assert call.callee.number == "7000"

    call = joined(joined(call, B), leg("c", number="1002", originator="a", outbound=True))
    assert call.callee.number == "1001"

    assert connected(call, A, leg("c", number="1002")).callee.number == "1002"


def test_a_caller_who_is_gone_is_replaced_by_who_talks_now() -> None:
    call = replace(call_of("b", "c"), caller_leg="a")

    told = connected(call, B, leg("c", number="1002"))

    assert (told.caller.number, told.callee.number, told.caller_leg) == ("1001", "1002", "b")


def test_the_first_leg_and_the_last_ones_are_remembered() -> None:
    call = opened("a", A)
    for number in range(2 * MAX_LEGS):
        call = joined(call, leg(f"b{number}", originator="a", outbound=True))

    assert len(call.legs) == MAX_LEGS
    assert (call.legs[0], call.legs[-1]) == ("a", f"b{2 * MAX_LEGS - 1}")


@pytest.mark.parametrize(
    ("history", "outcome"),
    [
        ({"answered_at": T0, "rang": True, "waited": True}, "answered"),
        ({"rang": True}, "missed"),
        ({"waited": True}, "missed"),
        ({}, "failed"),
    ],
)
def test_every_call_is_answered_missed_or_failed(history: dict[str, object], outcome: str) -> None:
    assert replace(call_of("a"), **history).outcome == outcome


def test_a_published_call_without_legs_cannot_be_found_again() -> None:
    nobody = m.Party(number="", name="")
    message = m.Call(
        id="a", state="active", direction="internal", caller=nobody, callee=nobody, gateway=None, queue=None,
        started_at="2026-11-22T22:58:35.000Z", answered_at=None, extensions=[], legs=[],
    )  # fmt: skip
    with pytest.raises(ValueError, match="legs"):
        reopened(message)


@pytest.mark.parametrize(
    ("twin", "before", "told"),
    [({"talking": True}, "ringing", "active"), ({"talking": False}, "ringing", "waiting"),
     (None, "active", "active"), (None, "waiting", "waiting")],
)  # fmt: skip
def test_behind_a_loopback_somebody_must_talk_too(twin: dict[str, bool] | None, before: CallState, told: str) -> None:
    legs = {
        "a": replace(A, stage="answered", answered_at=T0, talking=True, partner="la"),
        "la": leg(
            "la", originator="a", loopback=True, twin="lb", stage="answered", talking=True, talked=True, partner="a"
        ),
    }
    if twin is not None:
        legs["lb"] = leg("lb", originator="la", loopback=True, twin="la", stage="answered", **twin)

    assert state_of(replace(call_of(*legs), state=before), list(legs.values()), legs) == told
