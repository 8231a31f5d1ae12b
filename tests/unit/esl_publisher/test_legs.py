from typing import Any

import pytest

from esl_publisher.legs import adopt, born, from_row, heard, local_user, stage_of
from support.legs import T0, created, leg, row, state

OWN = "127.0.0.1"


def nobody(user: str) -> bool:
    return user == ""


def anybody(user: str) -> bool:
    return user != ""


@pytest.mark.parametrize(
    ("callstate", "stage"),
    [("DOWN", "down"), ("RINGING", "ringing"), ("EARLY", "ringing"), ("ACTIVE", "answered"), ("UNHELD", "answered"),
     ("HELD", "held"), ("RING_WAIT", "seeking"), ("", "down"), ("NEW ONE", "down")],
)  # fmt: skip
def test_a_callstate_is_a_stage(callstate: str, stage: str) -> None:
    assert stage_of(callstate) == stage


@pytest.mark.parametrize(
    ("presence_id", "domain", "user"),
    [
        ("1000@a.example", "a.example", "1000"),
        ("1000@b.example", "a.example", "1000@b.example"),
        ("1000@A.Example", "a.example", "1000"),
        ("1000@a.example", "A.Example", "1000"),
        ("1000", "a.example", "1000"),
        ("1000@a.example", None, "1000"),
        ("", "a.example", None),
        ("@a.example", "a.example", None),
        ("x" * 2000, None, None),
    ],
)
def test_an_extension_carries_its_domain_only_where_it_is_foreign(
    presence_id: str, domain: str | None, user: str | None
) -> None:
    assert local_user(presence_id, domain) == user


def test_a_caller_whom_the_directory_knew_is_an_extension_and_another_is_not() -> None:
    assert born(created("a", user="1000"), T0, T0, OWN, nobody).user == "1000"
    assert born(created("a", user="1000", user_name=""), T0, T0, OWN, nobody).user is None
    assert born(created("a", user="1000", user_name=""), T0, T0, OWN, anybody).user == "1000"


def test_a_leg_over_a_gateway_is_nobodys_whatever_it_claims() -> None:
    assert born(created("a", user="1000", inbound_gateway="carrier"), T0, T0, OWN, anybody).user is None
    assert born(created("b", user="1000", by="a", outbound_gateway="carrier"), T0, T0, OWN, anybody).user is None


def test_a_dialled_leg_knows_its_originator_and_its_far_end() -> None:
    b = born(created("b", user="1001", by="a", caller_number="1000", callee_name="Outbound Call"), T0, T0, OWN, nobody)

    assert (b.originator, b.user, b.number, b.name, b.outbound) == ("a", "1001", "1001", "", True)


def test_an_agents_leg_belongs_to_its_callers() -> None:
    b = born(created("b", user="1001", by="b", member_uuid="a"), T0, T0, OWN, nobody)

    assert (b.originator, b.agent) == ("a", True)


@pytest.mark.parametrize(("variable", "agent"), [("enterprise_caller", False), ("fifo_caller", True)])
def test_a_leg_that_is_dialled_without_being_joined_to_its_caller_belongs_to_it(variable: str, agent: bool) -> None:
    """FreeSWITCH originates these without a session: Channel-Call-UUID is the leg's own."""
    named: dict[str, Any] = {variable: "a"}
    b = born(created("b", user="1001", by="b", **named), T0, T0, OWN, anybody)
    assert (b.originator, b.agent, b.user) == ("a", agent, "1001")

    joined = born(created("b", user="1001", by="x", **named), T0, T0, OWN, anybody)
    assert joined.originator == "x", "it inherited the variable"


def test_a_leg_without_a_create_is_known_from_its_first_state() -> None:
    event = state("b", "ACTIVE", direction="outbound", call_uuid="a", presence_id=f"1001@{OWN}", destination="1001")
    b = adopt(event, T0 + 5, T0, OWN, anybody)

    assert (b.originator, b.user, b.stage, b.answered_at, b.seen_at) == ("a", "1001", "answered", T0, T0 + 5)


def test_the_first_answer_counts_and_only_a_dialled_leg_rings() -> None:
    ringing = heard(leg(outbound=True), "RINGING", T0, T0)
    held = heard(heard(ringing, "ACTIVE", T0, T0 + 1), "HELD", T0, T0 + 2)

    assert (held.rang, held.stage, held.answered_at) == (True, "held", T0 + 1)
    assert not heard(leg(), "RINGING", T0, T0).rang


def test_what_was_answered_does_not_ring_again() -> None:
    answered = heard(leg(outbound=True), "ACTIVE", T0, T0)

    assert heard(answered, "RINGING", T0, T0).stage == heard(answered, "DOWN", T0, T0).stage == "answered"
    assert heard(answered, "RING_WAIT", T0, T0).stage == "seeking"


def test_a_row_has_whole_seconds_and_was_not_heard_of() -> None:
    b = from_row(row("b", "RINGING", user="1001", by="a", created_epoch="1795388315"), T0 + 9, OWN, anybody)

    assert (b.started_at, b.seen_at, b.heard_at, b.originator) == (1_795_388_315_000, T0 + 9, 0, "a")
    assert from_row(row("b", created_epoch="soon"), T0 + 9, OWN, anybody).started_at == T0 + 9


def test_a_loopbacks_leg_is_nobodys_however_it_is_heard_of() -> None:
    halves = (
        born(created("la", user="1000", by="a", loopback_twin="lb"), T0, T0, OWN, anybody),
        adopt(state("lb", "RINGING", channel="loopback/1001-b", presence_id="1000"), T0, T0, OWN, anybody),
        from_row(row("lb", user="1000", name="loopback/1001-b"), T0, OWN, anybody),
    )
    assert [(half.loopback, half.user, half.rang) for half in halves] == [(True, None, False)] * 3


def test_the_half_of_a_loopback_that_runs_the_dialplan_belongs_to_the_one_that_was_dialled() -> None:
    half = born(created("lb", loopback_twin="la"), T0, T0, OWN, anybody)
    assert (half.originator, half.twin) == ("la", "la")
