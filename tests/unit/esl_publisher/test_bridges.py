"""How bridges come apart, leg by leg; what that makes of calls is in test_ledger.py and test_scenarios.py."""

import pytest

from esl_publisher.bridges import SETTLE_MS, Bridges
from esl_publisher.changes import Changes
from esl_publisher.legs import Leg, heard
from support.legs import T0, leg


class Bench:
    """`a` and `b` talk, `c` has answered; all three are extensions."""

    def __init__(self) -> None:
        users = {"a": "1000", "b": "1001", "c": "1002"}
        self.legs = {uuid: leg(uuid, user=user, stage="answered", answered_at=T0) for uuid, user in users.items()}
        self.changes = Changes()
        self.bridges = Bridges(self.legs, self.changes)
        self.join("a", "b")

    def join(self, a: str, b: str, at: int = T0) -> None:
        self.bridges.join(a, b, at)
        self.bridges.join(b, a, at)
        assert self.bridges.talk(a, b)

    def end(self, uuid: str, at: int) -> None:
        gone = self.legs.pop(uuid)
        self.bridges.loose.pop(uuid, None)
        self.bridges.loosen(gone.partner or "", at)

    def state(self, uuid: str, callstate: str) -> Leg:
        self.legs[uuid] = heard(self.legs[uuid], callstate, T0, T0)
        return self.legs[uuid]

    @property
    def talking(self) -> dict[str, str | None]:
        return {uuid: each.partner for uuid, each in self.legs.items() if each.talking}


def test_who_talks_has_another_lamp() -> None:
    bench = Bench()
    assert bench.changes.users == {"1000", "1001"}
    assert not bench.bridges.talk("a", "c"), "they are not bridged"


def test_an_early_bridge_is_no_talk() -> None:
    legs = {"a": leg("a", stage="answered"), "b": leg("b", stage="ringing")}
    bridges = Bridges(legs, Changes())
    bridges.join("a", "b", T0)
    bridges.join("b", "a", T0)

    assert not bridges.talk("a", "b")


def test_a_bridge_that_came_apart_is_over_after_a_while() -> None:
    bench = Bench()
    bench.bridges.unjoin("a", "b", T0, heard=True)
    assert bench.talking == {"a": "b", "b": "a"}
    assert bench.bridges.due() == T0 + SETTLE_MS

    assert bench.bridges.expire(T0 + SETTLE_MS - 1) == []
    assert sorted(bench.bridges.expire(T0 + SETTLE_MS)) == ["a", "b"]
    assert (bench.talking, bench.bridges.due()) == ({}, None)


def test_a_stepped_clock_does_not_change_how_long_that_is() -> None:
    bench = Bench()
    bench.bridges.unjoin("a", "b", T0, heard=True)
    bench.bridges.shift(-5_000)

    assert bench.bridges.due() == T0 - 5_000 + SETTLE_MS


@pytest.mark.parametrize("told", [True, False])
def test_a_second_bridge_over_the_first_is_over_and_the_first_goes_on(told: bool) -> None:
    bench = Bench()
    bench.join("b", "c")
    assert bench.talking == {"b": "c", "c": "b"}
    assert (bench.legs["b"].left, bench.legs["a"].partner) == ("a", None)

    bench.end("c", T0)
    if told:
        bench.bridges.unjoin("b", "c", T0, heard=True)
    assert bench.talking == {"b": "c"}, "until it settles, the call is not seen to wait"
    bench.bridges.expire(T0 + SETTLE_MS)
    assert bench.talking == {"a": "b", "b": "a"}
    assert bench.bridges.due() is None


def test_the_first_does_not_go_on_if_it_came_apart_too() -> None:
    bench = Bench()
    bench.join("b", "c")
    bench.bridges.unjoin("a", "b", T0, heard=True)
    bench.end("c", T0)
    bench.bridges.expire(T0 + SETTLE_MS)

    assert bench.talking == {}


@pytest.mark.parametrize("elsewhere", ["gone", "bridged", "conferring"])
def test_the_first_does_not_go_on_if_who_waited_does_not_wait_any_more(elsewhere: str) -> None:
    bench = Bench()
    bench.join("b", "c")
    if elsewhere == "gone":
        bench.end("a", T0)
    elif elsewhere == "bridged":
        bench.legs["d"] = leg("d", stage="answered")
        bench.join("a", "d")
    else:
        bench.legs["a"] = leg("a", talked=True, conferring=True)
    bench.end("c", T0)
    bench.bridges.expire(T0 + SETTLE_MS)

    assert "b" not in bench.talking


def test_a_bridge_that_came_apart_before_the_next_one_began_is_not_resumed() -> None:
    bench = Bench()
    bench.bridges.unjoin("a", "b", T0, heard=True)
    bench.join("b", "c")

    assert bench.legs["b"].left is None


def test_whoever_seeks_another_has_left_until_it_seeks_no_more() -> None:
    bench = Bench()
    bench.bridges.leave(bench.state("b", "RING_WAIT"), T0)
    assert (bench.talking, bench.legs["b"].left) == ({"a": "b"}, "a")
    bench.bridges.expire(T0 + SETTLE_MS)
    assert bench.talking == {}, "it is not back before it says so"

    bench.state("b", "ACTIVE")
    bench.bridges.resume("b")
    assert bench.talking == {"a": "b", "b": "a"}


def test_a_bridge_with_whom_it_had_left_leaves_nobody_behind() -> None:
    bench = Bench()
    bench.join("b", "c")
    bench.end("c", T0)
    bench.join("b", "a", T0 + 60)

    assert (bench.legs["b"].left, bench.talking) == (None, {"a": "b", "b": "a"})


def test_whoever_is_in_nothing_loses_nothing() -> None:
    bench = Bench()
    bench.bridges.loosen("c", T0)
    bench.bridges.loosen("unknown", T0)
    bench.bridges.resume("unknown")

    assert bench.bridges.due() is None
