from esl_publisher.facts import EslChanged
from esl_publisher.identity import Identity
from support.legs import T0


def test_the_setting_beats_what_freeswitch_calls_its_domain() -> None:
    fixed, told = Identity("i", "a.example"), Identity("i", None)
    for identity in (fixed, told):
        identity.change(EslChanged(state="connected", domain="b.example"), T0)
        identity.change(EslChanged(state="lost"), T0)

    assert (fixed.domain, told.domain) == ("a.example", "b.example")


def test_another_core_is_a_restart_and_the_same_or_an_unknown_one_is_none() -> None:
    identity = Identity("i", None)

    assert not identity.change(EslChanged(state="connected", core_uuid="one"), T0)
    assert not identity.change(EslChanged(state="lost"), T0)
    assert not identity.change(EslChanged(state="connected", core_uuid="one"), T0)
    assert identity.change(EslChanged(state="connected", core_uuid="two"), T0)


def test_details_that_come_later_are_no_new_connection() -> None:
    identity = Identity("i", None)
    identity.change(EslChanged(state="connected"), T0)
    identity.change(EslChanged(state="connected", hostname="vm", version="1.11.1"), T0 + 5000)

    told = identity.message(T0 + 9000)
    assert (told.epoch, told.since, told.hostname) == (1, "2026-11-22T22:58:35.000Z", "vm")


def test_connected_is_told_when_a_snapshot_was_taken_in_and_not_before() -> None:
    identity = Identity("i", None)
    identity.change(EslChanged(state="connecting"), T0)
    identity.change(EslChanged(state="connected", core_uuid="one"), T0 + 1000)
    told = identity.message(T0 + 1000)
    assert (told.esl, told.since, told.epoch, told.core_uuid) == ("connecting", "2026-11-22T22:58:35.000Z", 1, "one")

    assert identity.confirm(T0 + 1500)
    assert not identity.confirm(T0 + 61_500)
    told = identity.message(T0 + 61_500)
    assert (told.esl, told.since, told.epoch) == ("connected", "2026-11-22T22:58:36.500Z", 1)

    identity.change(EslChanged(state="lost"), T0 + 70_000)
    assert not identity.confirm(T0 + 70_001), "a snapshot of the connection that is over"
    identity.change(EslChanged(state="connected", core_uuid="one"), T0 + 75_000)
    told = identity.message(T0 + 75_000)
    assert (told.esl, told.since, told.epoch) == ("lost", "2026-11-22T22:59:45.000Z", 2)


def test_an_earlier_runs_knowledge_is_taken_over_but_not_its_link() -> None:
    before = Identity("i", None)
    before.change(EslChanged(state="connected", core_uuid="one", domain="a.example"), T0)
    identity = Identity("j", None)

    identity.restore(before.message(T0))
    identity.lose_continuity()

    told = identity.message(T0 + 1000)
    assert (told.instance, told.esl, told.epoch, told.domain) == ("j", "connecting", 2, "a.example")
    assert identity.change(EslChanged(state="connected", core_uuid="two"), T0)
