from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esl_publisher.bridges import SETTLE_MS
from esl_publisher.calls import MAX_LEGS, Ended, Started
from esl_publisher.causes import Ending
from esl_publisher.extensions import Extensions
from esl_publisher.ledger import Ledger
from esl_publisher.legs import heard
from support.legs import T0, leg


def ended(uuid: str) -> Ending:
    return Ending(uuid=uuid, originated=False, agent=False, answered=True, cause="NORMAL_CLEARING")


def talking() -> Ledger:
    ledger = Ledger()
    ledger.add(leg("a", user="1000"), T0)
    ledger.add(leg("b", user="1001", originator="a", outbound=True), T0)
    for uuid in "ba":
        ledger.update(heard(ledger.legs[uuid], "ACTIVE", T0, T0), T0, T0)
    ledger.bridge("a", "b", T0, T0)
    return ledger


def test_it_notes_what_changed_once() -> None:
    ledger = Ledger()
    ledger.add(leg("a", user="1000"), T0)

    changes = ledger.changes.take()
    assert ([type(fact) for fact in changes.facts], changes.calls, changes.users) == ([Started], {"a"}, {"1000"})
    assert ledger.changes.take().calls == set()


def test_the_counts_are_those_of_the_calls() -> None:
    ledger = talking()
    ledger.add(leg("c"), T0)
    assert ledger.counts == {"ringing": 1, "waiting": 0, "active": 1, "held": 0}

    for uuid in "abc":
        ledger.hang_up(ended(uuid), T0, T0)
    assert set(ledger.counts.values()) == {0}
    assert (len(ledger.calls), len(ledger.legs)) == (0, 0)


def test_a_leg_that_goes_looking_for_another_leaves_its_bridge_at_once() -> None:
    ledger = talking()

    ledger.update(heard(ledger.legs["b"], "RING_WAIT", T0, T0), T0, T0)

    assert (ledger.legs["b"].talking, ledger.legs["a"].talking, ledger.legs["a"].loose) == (False, True, True)
    assert ledger.due() == T0 + SETTLE_MS
    ledger.tick(T0 + SETTLE_MS)
    assert (ledger.legs["a"].talking, ledger.due()) == (False, None)


@pytest.mark.parametrize(("apart", "partner"), [(None, "a"), (("a", "b"), None), (("b", "a"), None), (("b", ""), None)])
def test_a_leg_that_looked_in_vain_is_back_unless_its_bridge_came_apart(
    apart: tuple[str, str] | None, partner: str | None
) -> None:
    ledger = talking()
    ledger.update(heard(ledger.legs["b"], "RING_WAIT", T0, T0), T0, T0)
    if apart:
        ledger.unbridge(*apart, T0)
    ledger.tick(T0 + SETTLE_MS)
    ledger.update(heard(ledger.legs["b"], "ACTIVE", T0, T0), T0, T0)

    assert (ledger.legs["b"].partner, ledger.legs["b"].talking) == (partner, partner is not None)


def test_a_leg_that_has_found_another_does_not_go_back() -> None:
    ledger = talking()
    ledger.add(leg("c", stage="answered", answered_at=T0), T0)
    ledger.update(heard(ledger.legs["b"], "RING_WAIT", T0, T0), T0, T0)
    ledger.bridge("b", "c", T0, T0)
    ledger.tick(T0 + SETTLE_MS)
    ledger.update(heard(ledger.legs["b"], "ACTIVE", T0, T0), T0, T0)

    assert ledger.legs["b"].partner == "c"


def test_a_bridge_with_a_third_leg_ends_the_former_one() -> None:
    ledger = talking()
    ledger.add(leg("c", stage="answered", answered_at=T0), T0)

    ledger.bridge("a", "c", T0, T0)

    assert ledger.legs["a"].partner == "c"
    assert (ledger.legs["b"].partner, ledger.legs["b"].talking) == (None, False)


def test_an_unbridge_that_names_one_leg_means_both() -> None:
    ledger = talking()

    ledger.unbridge("a", "", T0)

    assert (ledger.legs["a"].loose, ledger.legs["b"].loose) == (True, True)


def test_a_late_unbridge_does_not_touch_the_next_bridge() -> None:
    ledger = talking()
    ledger.add(leg("c", stage="answered", answered_at=T0), T0)
    ledger.bridge("a", "c", T0, T0)

    ledger.unbridge("a", "b", T0)

    assert not ledger.legs["a"].loose


def test_a_call_that_takes_up_one_after_the_other_keeps_nothing_of_those_it_has_forgotten() -> None:
    ledger = Ledger()
    ledger.add(leg("agent", stage="answered", answered_at=T0), T0)
    for number in range(2 * MAX_LEGS):
        caller = f"caller {number}"
        ledger.add(leg(caller, started_at=T0 + 1, stage="answered", answered_at=T0), T0)
        ledger.bridge("agent", caller, T0, T0)
        ledger.hang_up(ended(caller), T0, T0)
    assert len(ledger._home) <= MAX_LEGS
    ledger.hang_up(ended("agent"), T0, T0)

    assert ledger._home == {}


def test_a_bridge_with_an_unknown_leg_is_left_to_a_snapshot() -> None:
    ledger = talking()

    ledger.bridge("a", "unknown", T0, T0)
    ledger.bridge("a", "a", T0, T0)

    assert ledger.legs["a"].partner == "b"


def test_a_renamed_partner_is_still_the_partner() -> None:
    ledger = talking()

    ledger.rename("b", "c", T0, T0)
    ledger.rename("unknown", "d", T0, T0)

    assert (ledger.legs["a"].partner, ledger.legs["c"].call) == ("c", "a")
    assert [each.uuid for each in ledger.legs_of("1001")] == ["c"]


def test_a_renamed_leg_that_waits_for_another_is_still_waited_for() -> None:
    ledger = talking()
    ledger.add(leg("c", originator="b", outbound=True, stage="answered", answered_at=T0), T0)
    ledger.bridge("b", "c", T0, T0)
    ledger.rename("a", "n", T0, T0)
    ledger.hang_up(ended("c"), T0, T0)
    ledger.tick(T0 + SETTLE_MS)

    assert (ledger.legs["b"].partner, ledger.legs["n"].partner) == ("n", "b")


def test_a_leg_that_no_event_told_of_was_not_heard_of_by_a_stepped_clock() -> None:
    ledger = talking()
    ledger.add(leg("c", heard_at=0), T0)
    before = {uuid: one.heard_at for uuid, one in ledger.legs.items()}

    ledger.shift(5)

    assert {uuid: one.heard_at for uuid, one in ledger.legs.items()} == {
        uuid: at + 5 if at else 0 for uuid, at in before.items()
    }


def test_when_a_call_ends_nothing_of_it_is_kept_but_graves() -> None:
    ledger = talking()
    for uuid in "ab":
        ledger.hang_up(ended(uuid), T0, T0)

    assert isinstance(ledger.changes.take().facts[-1], Ended)
    assert (ledger._home, ledger._by_user, ledger._bridges.loose) == ({}, {}, {})
    assert "a" in ledger.graves


def test_a_leg_that_leaves_a_conference_talks_until_it_is_settled() -> None:
    ledger = Ledger()
    ledger.add(leg("a", stage="answered"), T0)
    ledger.confer("a", T0, T0, meets=True)
    assert (ledger.counts["active"], ledger.calls["a"].talked) == (1, frozenset("a"))

    ledger.confer("a", T0, T0, meets=False)
    assert (ledger.counts["active"], ledger.due()) == (1, T0 + SETTLE_MS)
    ledger.tick(T0 + SETTLE_MS)
    assert ledger.counts["waiting"] == 1
    ledger.confer("a", T0, T0, meets=False)
    assert ledger.due() is None


def test_a_leg_that_comes_back_to_its_conference_in_time_never_left() -> None:
    ledger = Ledger()
    ledger.add(leg("a", stage="answered"), T0)
    for meets in (True, False, True):
        ledger.confer("a", T0, T0, meets=meets)
    ledger.tick(T0 + SETTLE_MS)

    assert ledger.counts["active"] == 1
    ledger.confer("gone", T0, T0, meets=True)


def test_a_leg_that_is_elsewhere_for_sure_leaves_its_bridge_at_once() -> None:
    ledger = talking()
    ledger.hang_up(ended("b"), T0, T0)
    ledger.settle("a", T0)
    ledger.settle("gone", T0)

    assert (ledger.counts["waiting"], ledger.due()) == (1, None)


@pytest.mark.parametrize(
    ("call_goes_over", "ending", "told"),
    [
        (None, {"cause": "GATEWAY_DOWN", "gateway": "carrier"}, "carrier"),
        ("first", {"cause": "GATEWAY_DOWN", "gateway": "carrier"}, "first"),
        (None, {"cause": "NORMAL_CLEARING", "gateway": "carrier"}, "carrier"),
        (None, {"cause": "INVALID_GATEWAY"}, None),
    ],
)
def test_a_call_that_was_to_go_over_a_gateway_is_outbound(
    call_goes_over: str | None, ending: dict[str, Any], told: str | None
) -> None:
    ledger = Ledger()
    ledger.add(leg("a", user="1000", gateway=call_goes_over), T0)
    ledger.changes.take()
    ledger.hang_up(Ending(uuid="a", originated=False, agent=False, answered=False, **ending), T0, T0)

    (fact,) = ledger.changes.take().facts
    assert (fact.call.gateway, fact.call.direction) == (told, "outbound")


def test_a_leg_that_a_snapshot_knew_by_its_new_name_first_is_one_leg_and_one_call() -> None:
    ledger = talking()
    ledger.add(leg("z", user="1001", started_at=T0 + 1), T0)
    ledger.rename("b", "z", T0, T0)

    assert ledger.counts == {"ringing": 0, "waiting": 0, "active": 1, "held": 0}
    assert (ledger.calls["a"].live, ledger.calls["a"].legs) == (("a", "z"), ("a", "z"))
    assert [one.uuid for one in ledger.legs_of("1001")] == ["z"]


UUIDS = st.sampled_from("abcde")
STEPS = st.one_of(
    st.tuples(st.just("add"), UUIDS, UUIDS),
    st.tuples(st.just("RINGING"), UUIDS, UUIDS),
    st.tuples(st.just("ACTIVE"), UUIDS, UUIDS),
    st.tuples(st.just("HELD"), UUIDS, UUIDS),
    st.tuples(st.just("RING_WAIT"), UUIDS, UUIDS),
    st.tuples(st.just("bridge"), UUIDS, UUIDS),
    st.tuples(st.just("unbridge"), UUIDS, UUIDS),
    st.tuples(st.just("rename"), UUIDS, UUIDS),
    st.tuples(st.just("hangup"), UUIDS, UUIDS),
    st.tuples(st.just("later"), UUIDS, UUIDS),
)


def step(ledger: Ledger, what: str, uuid: str, other: str, at: int) -> None:
    live = uuid in ledger.legs
    if what == "add" and not live:
        dialled = other if other != uuid else None
        ledger.add(leg(uuid, user=f"100{uuid}", originator=dialled, outbound=dialled is not None, started_at=at), at)
    elif what == "bridge":
        ledger.bridge(uuid, other, at, at)
    elif what == "unbridge":
        ledger.unbridge(uuid, other, at)
    elif what == "rename":
        ledger.rename(uuid, other, at, at)
    elif what == "hangup":
        ledger.hang_up(ended(uuid), at, at)
    elif what == "later":
        ledger.tick(at + SETTLE_MS)
    elif live and what != "add":
        ledger.update(heard(ledger.legs[uuid], what, at, at), at, at)


@given(st.lists(STEPS, max_size=40))
def test_whoever_shows_something_else_now_is_named(steps: list[tuple[str, str, str]]) -> None:
    ledger, extensions = Ledger(), Extensions(None)
    users = [f"100{uuid}" for uuid in "abcde"]
    shown = {user: extensions.message(user, ledger, 0, 0, T0) for user in users}
    for number, (what, uuid, other) in enumerate(steps):
        step(ledger, what, uuid, other, T0 + number)
        shown.update((user, extensions.message(user, ledger, 0, 0, T0)) for user in ledger.changes.take().users)

        assert shown == {user: extensions.message(user, ledger, 0, 0, T0) for user in users}
        states = [call.state for call in ledger.calls.values()]
        assert ledger.counts == {state: states.count(state) for state in ledger.counts}
