from esl_publisher.calls import Ended, Started
from esl_publisher.causes import Ending
from esl_publisher.ledger import SETTLE_MS, Ledger
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

    changes = ledger.take()
    assert ([type(fact) for fact in changes.facts], changes.calls, changes.users) == ([Started], {"a"}, {"1000"})
    assert ledger.take().calls == set()


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


def test_when_a_call_ends_nothing_of_it_is_kept_but_graves() -> None:
    ledger = talking()
    for uuid in "ab":
        ledger.hang_up(ended(uuid), T0, T0)

    assert isinstance(ledger.take().facts[-1], Ended)
    assert (ledger._home, ledger._by_user, ledger._loose) == ({}, {}, {})
    assert "a" in ledger.graves
