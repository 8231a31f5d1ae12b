import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esl_publisher import decode as d
from esl_publisher.facts import SnapshotTaken
from esl_publisher.snapshot import parse
from support.captures import answer
from support.legs import T0, bridge, conversation, created, hangup, pair, row, state, unbridge, us
from support.switchboard import COUNTERS, Switchboard

S = 1_000


def story(a: str, b: str, first: str, second: str) -> list[tuple[d.Event, dict[str, str], bool, set[str]]]:
    """A call, event by event: what happens, then the legs' callstates, whether they are bridged, the call's state."""
    now: dict[str, str] = {}
    told: list[tuple[d.Event, dict[str, str], bool, set[str]]] = []

    def then(event: d.Event, change: dict[str, str], states: set[str], *, bridged: bool = False) -> None:
        now.update(change)
        told.append((event, {uuid: stage for uuid, stage in now.items() if stage}, bridged, states))

    then(created(a, user=first), {a: "DOWN"}, {"ringing"})
    then(state(a, "RINGING"), {a: "RINGING"}, {"ringing"})
    then(created(b, user=second, by=a), {b: "DOWN"}, {"ringing"})
    then(state(b, "RINGING", direction="outbound", call_uuid=a), {b: "RINGING"}, {"ringing"})
    # For the milliseconds between answer and bridge the tables alone cannot tell whether the caller had waited.
    then(state(b, "ACTIVE", T0 + S, direction="outbound", call_uuid=a), {b: "ACTIVE"}, {"ringing"})
    then(state(a, "ACTIVE", T0 + S), {a: "ACTIVE"}, {"ringing", "waiting"})
    then(bridge(a, b, T0 + S), {}, {"active"}, bridged=True)
    then(state(a, "HELD", T0 + 2 * S), {a: "HELD"}, {"held"}, bridged=True)
    then(state(a, "UNHELD", T0 + 3 * S), {a: "UNHELD"}, {"active"}, bridged=True)
    then(state(a, "ACTIVE", T0 + 3 * S), {a: "ACTIVE"}, {"active"}, bridged=True)
    then(hangup(b, at=T0 + 4 * S), {b: ""}, {"waiting"})
    then(hangup(a, at=T0 + 4 * S), {a: ""}, set())
    return told


@st.composite
def mishaps(draw: st.DrawFn) -> tuple[list[d.Event], list[dict[str, Any]]]:
    """The events of some calls, some lost, some twice, some swapped with their neighbours; and the truth at the end."""
    events: list[d.Event] = []
    truths = []
    for number in range(draw(st.integers(1, 3))):
        a, b = f"a{number}", f"b{number}"
        users = f"{1000 + 2 * number}", f"{1001 + 2 * number}"
        told = story(a, b, *users)[: draw(st.integers(1, 12))]
        _, stages, bridged, states = told[-1]
        truths.append({"a": a, "b": b, "users": users, "stages": stages, "bridged": bridged, "states": states})
        for event, *_ in told:
            events += [event] * draw(st.sampled_from([1, 1, 1, 0, 2]))
    for place in draw(st.lists(st.integers(0, max(len(events) - 2, 0)), max_size=8)):
        events[place : place + 2] = events[place : place + 2][::-1]
    return events, truths


@given(mishaps())
def test_two_snapshots_later_the_machine_tells_what_is_true(case: tuple[list[d.Event], list[dict[str, Any]]]) -> None:
    events, truths = case
    board = Switchboard(extensions=tuple(str(user) for user in range(1000, 1006)))
    at = T0 + 5 * S
    for event in events:
        board.event(event, at)
    channels, pairs = [], []
    for truth in truths:
        a, b = truth["a"], truth["b"]
        users = dict(zip((a, b), truth["users"], strict=True))
        for uuid, stage in truth["stages"].items():
            channels.append(row(uuid, stage, user=users[uuid], by=a if uuid == b else ""))
        if truth["bridged"]:
            pairs.append(pair(a, b))
    for later in (3 * S, 6 * S):
        board.snapshot(at + later, channels=tuple(channels), pairs=tuple(pairs))
    board.tick(at + 9 * S)

    alive = [truth for truth in truths if truth["stages"]]
    legs = {uuid for truth in alive for uuid in truth["stages"]}
    assert set(board.switch._ledger.legs) == legs
    assert len(board.live) == len(alive)
    for truth in alive:
        told = board.read(f"call/{truth['a']}")
        assert told is not None or not truth["stages"].get(truth["a"])
        if told is not None:
            assert told["state"] in truth["states"]
    assert board.read("calls")["total"] == len(alive)
    told = board.snapshot(at + 20 * S, channels=tuple(channels), pairs=tuple(pairs))
    assert [publication.topic for publication in told if not publication.topic.endswith("/history")] == []
    ended = board.told("event/call/ended")
    assert len(board.told("event/call/started")) == len(ended) + len(alive)


def test_a_connection_that_starts_in_mid_call_finds_the_call() -> None:
    board = Switchboard()
    texts = {name: answer(f"onhold.show_{name}_as_json") for name in ("channels", "calls")}
    registrations = answer("bridged.show_registrations_as_json")
    at = 1_795_388_470_000
    snapshot = parse(**texts, registrations=registrations, asked_at=at, answered_at=at + 10)

    board.receive(SnapshotTaken(snapshot), at + 10)
    board.settle(at + 10)

    (topic,) = board.live
    told = board.read(topic.removeprefix("switch/main/"))
    assert (told["state"], told["direction"], told["extensions"]) == ("held", "internal", ["1000", "1001"])
    assert (told["caller"]["number"], told["callee"]["number"]) == ("1000", "1001")
    assert told["started_at"] == "2026-11-22T23:00:59.000Z"
    assert told["answered_at"] == "2026-11-22T23:01:00.000Z"
    assert board.counts == ["held=1"]


@pytest.mark.parametrize(("name", "told"), [("ringing", "ringing"), ("bridged", "active")])
def test_the_captured_tables_are_understood(name: str, told: str) -> None:
    board = Switchboard()
    texts = {table: answer(f"{name}.show_{table}_as_json") for table in ("channels", "calls")}
    registrations = answer("bridged.show_registrations_as_json")
    at = 1_795_388_360_000

    board.receive(SnapshotTaken(parse(**texts, registrations=registrations, asked_at=at, answered_at=at)), at)
    board.settle(at)

    assert board.counts == [f"{told}=1"]
    assert board.read("extension/1001")["state"] == told
    assert board.read("extension/1002")["registered"] is True


def test_a_leg_is_removed_only_when_absent_from_two_snapshots() -> None:
    board = Switchboard()
    board.event(created("a", user="1000"), T0)

    board.snapshot(T0 + 5 * S)
    assert board.counts[-1] == "ringing=1"

    board.snapshot(T0 + 7 * S)
    assert board.counts[-1] == "none"
    assert board.told("event/call/ended")[0]["cause"] == "NORMAL_UNSPECIFIED"
    assert board.live == []


def test_a_leg_that_is_present_again_in_between_is_not_removed() -> None:
    board = Switchboard()
    board.event(created("a", user="1000"), T0)

    board.snapshot(T0 + 5 * S)
    board.snapshot(T0 + 7 * S, channels=(row("a", "RINGING", user="1000"),))
    board.snapshot(T0 + 9 * S)

    assert len(board.live) == 1


def test_a_leg_that_has_just_begun_is_not_suspect() -> None:
    board = Switchboard()
    board.event(created("a", user="1000"), T0)

    board.snapshot(T0 + 500)
    board.snapshot(T0 + 900)

    assert len(board.live) == 1


def test_a_leg_that_only_a_snapshot_told_of_goes_with_the_next_one() -> None:
    board = Switchboard()
    board.snapshot(T0, channels=(row("ghost", user="1000"),))
    assert len(board.live) == 1

    board.snapshot(T0 + 2 * S)

    assert board.live == []


def test_a_late_row_does_not_bring_a_leg_back() -> None:
    board = Switchboard()
    board.event(created("a", user="1000"), T0)
    board.event(hangup("a"), T0 + S)

    board.snapshot(T0 + 1_200, channels=(row("a", user="1000"),))
    board.snapshot(T0 + 60 * S, channels=(row("a", user="1000"),))

    assert board.counts == ["ringing=1", "none"]


def test_a_row_that_lags_behind_an_event_changes_nothing() -> None:
    board = Switchboard()
    board.event(created("a", user="1000"), T0)
    board.event(state("a", "ACTIVE", T0 + 5 * S), T0 + 5 * S)

    board.snapshot(T0 + 5_400, channels=(row("a", "RINGING", user="1000"),))

    assert board.counts[-1] == "waiting=1"


def test_a_row_in_its_last_states_is_no_leg() -> None:
    board = Switchboard()

    board.snapshot(T0, channels=(row("a", user="1000", state="CS_REPORTING"),))

    assert board.live == []


def test_a_lost_unbridge_is_made_up_for() -> None:
    board = Switchboard()
    for event in conversation():
        board.event(event, T0)
    legs = (row("a", user="1000"), row("b", user="1001", by="a"))

    board.snapshot(T0 + 10 * S, channels=legs)
    board.tick(T0 + 13 * S)

    assert board.counts[-1] == "waiting=1"


def test_a_late_pair_does_not_make_a_bridge_again() -> None:
    board = Switchboard()
    for event in conversation():
        board.event(event, T0)
    board.event(unbridge("a", "b", T0 + 10 * S), T0 + 10 * S)

    legs = (row("a", user="1000"), row("b", user="1001", by="a"))
    board.snapshot(T0 + 10_200, channels=legs, pairs=(pair("a", "b"),))
    board.tick(T0 + 13 * S)

    assert board.counts[-1] == "waiting=1"


def test_of_two_bridges_of_a_leg_the_later_one_counts_and_the_first_one_waits() -> None:
    """1001 asks 1002 before it sends 1000 there: `show calls` has both."""
    legs = row("a", user="1000"), row("b", user="1001", by="a"), row("c", user="1002", by="b")
    both = pair("a", "b", T0), pair("b", "c", T0 + 5 * S)
    board = Switchboard()
    for event in (*conversation(), created("c", user="1002", by="b"), state("c", "ACTIVE"), bridge("b", "c")):
        board.event(event, T0 + 5 * S)
    board.snapshot(T0 + 20 * S, channels=legs, pairs=both)
    board.snapshot(T0 + 80 * S, channels=legs, pairs=both[::-1])
    assert {uuid: each.partner for uuid, each in board.switch._ledger.legs.items()} == {"a": None, "b": "c", "c": "b"}
    assert board.read("call/a")["callee"]["number"] == "1002"

    newcomer = Switchboard()
    for order in (both, both[::-1]):
        newcomer.snapshot(T0 + 20 * S, channels=legs, pairs=order)
        assert newcomer.switch._ledger.legs["b"].partner == "c"


def test_whoever_is_in_a_bridge_that_waits_does_not_ring() -> None:
    """1000 asks 1002 before it sends 1001 there, and the publisher was started only now."""
    legs = row("a", user="1000"), row("b", user="1001", by="a"), row("c", user="1002", by="a")
    board = Switchboard(extensions=("1000", "1001", "1002"))
    board.snapshot(T0 + 20 * S, channels=legs, pairs=(pair("a", "b", T0), pair("a", "c", T0 + 5 * S)))

    assert [board.read(f"extension/{user}")["state"] for user in ("1000", "1001", "1002")] == ["active"] * 3


def test_whoever_is_in_a_bridge_that_waits_is_in_the_call_of_the_later_one() -> None:
    """Nothing else tells when their calls became one by uuid_bridge, before the publisher was started."""
    legs = row("a", user="1000"), row("b", user="1001"), row("c", user="1002", by="b")
    board = Switchboard()
    board.snapshot(T0 + 20 * S, channels=legs, pairs=(pair("a", "b", T0), pair("b", "c", T0 + 5 * S)))

    assert [sorted(call.live) for call in board.switch._ledger.calls.values()] == [["a", "b", "c"]]


def test_graves_are_closed_when_the_tables_have_forgotten_the_leg() -> None:
    board = Switchboard()
    board.event(created("a", user="1000"), T0)
    board.event(hangup("a"), T0)

    board.snapshot(T0 + 9 * S)
    assert "a" in board.switch._ledger.graves

    board.snapshot(T0 + 11 * S)
    assert "a" not in board.switch._ledger.graves


def test_a_resync_of_a_thousand_calls_is_short_and_says_nothing() -> None:
    board = Switchboard()
    channels, calls = [], []
    for number in range(1000):
        a, b = f"a{number}", f"b{number}"
        users = str(10_000 + 2 * number), str(10_001 + 2 * number)
        for event, *_ in story(a, b, *users)[:10]:
            board.event(event, T0 + 3 * S)
        columns = [row(a, user=users[0]), row(b, user=users[1], by=a)]
        channels += [{name: getattr(each, name) for name in each.__struct_fields__} for each in columns]
        calls.append({"uuid": a, "b_uuid": b, "call_created_epoch": str(T0 // 1000)})
    texts = {
        "channels": json.dumps({"row_count": 2000, "rows": channels}),
        "calls": json.dumps({"row_count": 1000, "rows": calls}),
        "registrations": '{"row_count": 0}',
    }
    spent = []
    for at in (T0 + 10 * S, T0 + 70 * S, T0 + 130 * S):
        before = time.process_time()  # of this process: the machine may have other things to do
        taken = SnapshotTaken(parse(**texts, asked_at=at, answered_at=at))
        told = [*board.receive(taken, at), *board.settle(at)]
        assert [one for one in told if one.topic not in COUNTERS] == []
        spent.append(time.process_time() - before)

    assert board.counts[-1] == "active=1000"
    assert min(spent) < 0.1


def test_a_leg_that_is_renamed_while_a_snapshot_is_taken_in_is_not_buried() -> None:
    """Only snapshots told of it, so that one absence would do; and a grave that a later row contradicts stays dug."""
    board = Switchboard(portion=1)
    legs = [row("a", "ACTIVE", user="1000"), row("b", "ACTIVE", user="1001", by="a")]
    board.snapshot(T0, channels=tuple(legs), pairs=(pair("a", "b"),))

    board.begin_snapshot(T0 + S, channels=(row("0", "RINGING", user="1002"), *legs), pairs=(pair("a", "b"),))
    board.event(d.Renamed(name="CHANNEL_UUID", timestamp=us(T0), uuid="z", old_uuid="a"), T0 + S + 6)
    board.settle(T0 + S + 7)

    assert set(board.switch._ledger.legs) == {"0", "b", "z"}
