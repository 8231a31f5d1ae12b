"""Gateways, conferences and lots in the machine: what they mean for calls, and what stands in their topics."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esl_publisher import decode as d
from esl_publisher import facts as f
from esl_publisher.bridges import SETTLE_MS
from esl_publisher.facilities import gateway_of
from esl_publisher.tables import GatewayRow, MemberRow, ParkedRow, RoomRow
from lampfield_bus.instants import rfc3339
from support.legs import T0, bridge, conversation, created, hangup, row, state, us
from support.switchboard import Switchboard

S = 1_000


def meets(action: str, uuid: str = "", at: int = T0, **headers: Any) -> d.Meeting:
    given_ = {"subclass": "conference::maintenance", "conference": "3000", "instance": "i", **headers}
    return d.Meeting(name="CUSTOM", timestamp=us(at), action=action, uuid=uuid, **given_)


def parks(action: str, uuid: str, at: int = T0) -> d.Parked:
    return d.Parked(
        name="CUSTOM", subclass="valet_parking::info", timestamp=us(at), lot="park", action=action, uuid=uuid
    )


def gateway(name: str = "carrier", ping: str = "UP", at: int = T0) -> d.GatewayChanged:
    return d.GatewayChanged(
        name="CUSTOM", subclass="sofia::gateway_state", timestamp=us(at), gateway=name, state="NOREG", ping=ping
    )


def room(*legs: str) -> RoomRow:
    members = tuple(MemberRow(leg, False) for leg in legs)
    return RoomRow(name="3000", instance="i", run_seconds=4, locked=False, recording=False, members=members)


def dialled_in(board: Switchboard, uuid: str, user: str, at: int = T0) -> None:
    board.event(created(uuid, at, user=user), at)
    board.event(state(uuid, "ACTIVE", at), at)
    board.event(meets("add-member", uuid, at), at)


# --- conferences ------------------------------------------------------------------------------------------------------


def test_whoever_is_alone_in_a_conference_waits_and_two_talk() -> None:
    board = Switchboard()
    dialled_in(board, "a", "1000")
    assert board.counts[-1] == "waiting=1"
    assert board.read("conference/3000")["members"] == 1

    dialled_in(board, "b", "1001", T0 + 9 * S)

    assert board.counts[-1] == "active=2"
    assert board.read("call/a")["answered_at"] == rfc3339(T0 + 9 * S)
    assert board.read("extension/1000")["state"] == "active"
    assert [message["id"] for message in board.told("event/call/answered")] == ["a", "b"]


def test_whoever_stays_behind_waits_again_after_a_moment() -> None:
    board = Switchboard()
    dialled_in(board, "a", "1000")
    dialled_in(board, "b", "1001")
    board.event(hangup("b", at=T0 + S), T0 + S)
    assert board.counts[-1] == "active=1"
    board.tick(T0 + S + SETTLE_MS)
    assert board.counts[-1] == "waiting=1"

    dialled_in(board, "c", "1002", T0 + 60 * S)
    assert board.counts[-1] == "active=2"
    for uuid in ("a", "c"):
        board.event(hangup(uuid, at=T0 + 70 * S), T0 + 70 * S)

    assert {message["outcome"] for message in board.told("event/call/ended")} == {"answered"}
    board.event(meets("conference-destroy", at=T0 + 70 * S), T0 + 70 * S)
    assert board.read("conference/3000") is None


def test_a_conference_that_nobody_else_joined_was_no_conversation() -> None:
    board = Switchboard()
    dialled_in(board, "a", "1000")
    board.event(hangup("a", at=T0 + S), T0 + S)

    assert board.told("event/call/ended")[0]["outcome"] == "missed"


def test_a_bridged_pair_that_goes_into_a_conference_goes_on_talking() -> None:
    board = Switchboard()
    for event in conversation():
        board.event(event, T0)
    for uuid in ("a", "b"):
        board.event(meets("add-member", uuid, T0 + S), T0 + S)
    board.tick(T0 + 60 * S)

    assert board.counts == ["ringing=1", "active=1"]


def test_a_leg_that_leaves_a_conference_for_a_bridge_stays_active() -> None:
    board = Switchboard()
    dialled_in(board, "a", "1000")
    dialled_in(board, "b", "1001")
    for uuid in ("a", "b"):
        board.event(meets("del-member", uuid, T0 + S), T0 + S)
    board.event(bridge("a", "b", T0 + S), T0 + S)
    board.tick(T0 + 60 * S)

    assert board.counts[-1] == "active=1"


def test_a_late_add_member_does_not_bring_a_dead_leg_back() -> None:
    board = Switchboard()
    dialled_in(board, "a", "1000")
    board.event(created("b", user="1001"), T0)
    board.event(hangup("b"), T0)
    board.event(meets("add-member", "b"), T0)

    assert board.read("conference/3000")["members"] == 1


def test_a_conference_is_found_in_mid_air() -> None:
    board = Switchboard()
    legs = (row("a", user="1000"), row("b", user="1001"))
    board.snapshot(T0, channels=legs, conferences=(room("a", "b"),))

    assert board.counts[-1] == "active=2"
    assert board.read("conference/3000")["since"] == rfc3339(T0 - 4 * S)
    board.snapshot(T0 + 60 * S, channels=legs, conferences=())
    board.tick(T0 + 70 * S)
    assert board.counts[-1] == "waiting=2"
    assert board.read("conference/3000") is None


def test_a_table_that_was_not_told_changes_nothing() -> None:
    board = Switchboard()
    dialled_in(board, "a", "1000")
    board.snapshot(T0 + 60 * S, channels=(row("a", user="1000"),))

    assert board.read("conference/3000")["members"] == 1


# --- parking ----------------------------------------------------------------------------------------------------------


def test_a_parked_caller_waits_at_once() -> None:
    board = Switchboard()
    board.event(created("a", caller_number="030"), T0)
    board.event(created("b", user="1000", by="a"), T0)
    for event in (state("b", "ACTIVE"), state("a", "ACTIVE"), bridge("a", "b"), hangup("b")):
        board.event(event, T0)
    board.event(parks("hold", "a", T0 + S), T0 + S)

    assert board.counts[-1] == "waiting=1"
    assert board.read("parking/park") == {"parked": 1, "longest_since": rfc3339(T0 + S)}


@pytest.mark.parametrize(
    "end", [bridge("a", "c", T0 + 9 * S), hangup("a", at=T0 + 9 * S), parks("exit", "a", T0 + 9 * S)]
)
def test_a_lot_is_left_by_talking_by_hanging_up_and_by_leaving(end: d.Event) -> None:
    board = Switchboard()
    board.event(created("a"), T0)
    board.event(state("a", "ACTIVE"), T0)
    board.event(created("c", user="1001"), T0)
    board.event(parks("hold", "a"), T0)
    assert board.read("parking/park")["parked"] == 1
    board.event(end, T0 + 9 * S)

    assert board.read("parking/park") is None


def test_a_renamed_leg_is_still_parked() -> None:
    board = Switchboard()
    board.event(created("a"), T0)
    board.event(parks("hold", "a"), T0)
    board.event(d.Renamed(name="CHANNEL_UUID", old_uuid="a", uuid="z", timestamp=us(T0)), T0)
    assert board.read("parking/park")["parked"] == 1
    board.event(hangup("z"), T0)

    assert board.read("parking/park") is None


# --- gateways ---------------------------------------------------------------------------------------------------------


def test_calls_over_a_gateway_are_counted_while_they_live_and_when_they_fail() -> None:
    board = Switchboard()
    board.event(gateway(), T0)
    board.event(created("a", user="1000"), T0)
    board.event(created("b", by="a", outbound_gateway="carrier"), T0)
    assert board.read("gateway/carrier")["calls"] == 1
    for uuid in ("b", "a"):
        board.event(hangup(uuid, "NORMAL_TEMPORARY_FAILURE", T0 + S), T0 + S)

    assert (board.read("gateway/carrier")["calls"], board.read("gateway/carrier")["failed_today"]) == (0, 1)


def test_a_call_from_a_gateway_is_its_call_too() -> None:
    board = Switchboard()
    board.event(gateway(), T0)
    board.event(created("a", caller_number="030", inbound_gateway="carrier"), T0)

    assert board.read("call/a")["direction"] == "inbound"
    assert board.read("gateway/carrier")["calls"] == 1


def test_a_leg_whose_create_comes_late_tells_its_gateway_all_the_same() -> None:
    board = Switchboard()
    board.event(gateway(), T0)
    board.event(state("a", "RINGING", direction="inbound"), T0)
    board.event(created("a", caller_number="030", inbound_gateway="carrier"), T0)

    assert board.read("call/a")["gateway"] == "carrier"
    assert board.read("gateway/carrier")["calls"] == 1


def test_a_call_that_a_dead_gateway_refused_was_outbound_and_its_failure() -> None:
    board = Switchboard()
    board.event(gateway(), T0)
    board.event(created("a", user="1000"), T0)
    board.event(hangup("a", "GATEWAY_DOWN", application_data="sofia/gateway/carrier/5551234"), T0)
    ended = board.told("event/call/ended")[0]

    assert (ended["gateway"], ended["direction"], ended["outcome"]) == ("carrier", "outbound", "failed")
    assert board.read("gateway/carrier")["failed_today"] == 1


def test_midnight_begins_a_new_count_of_failures_whatever_wakes_the_machine() -> None:
    board = Switchboard()
    board.event(gateway(), T0)
    board.event(created("a", user="1000"), T0)
    board.event(hangup("a", "GATEWAY_DOWN", application_data="sofia/gateway/carrier/5551234"), T0)
    assert board.read("gateway/carrier")["failed_today"] == 1
    board.event(created("b", user="1000"), T0 + 86_400 * S)

    assert board.read("gateway/carrier")["failed_today"] == 0


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("sofia/gateway/carrier/5551234", "carrier"),
        ("{a=b,c=d}[x=y]sofia/gateway/external::carrier/5551234|user/1000", "carrier"),
        ("user/1000", None),
        ("", None),
    ],
)
def test_the_gateway_is_read_from_what_was_dialled(data: str, name: str | None) -> None:
    assert gateway_of(hangup("a", "GATEWAY_DOWN", application_data=data)) == name
    assert gateway_of(hangup("a", "USER_BUSY", application_data=data)) is None


def test_an_outage_is_told_when_the_grace_is_over() -> None:
    board = Switchboard(gateway_grace_ms=7 * S)
    board.event(gateway(), T0)
    board.event(gateway(ping="DOWN", at=T0 + S), T0 + S)
    assert board.switch.due() == T0 + 8 * S
    board.tick(T0 + 8 * S)

    assert board.read("gateway/carrier")["up"] is False
    assert board.read("gateway/carrier")["since"] == rfc3339(T0 + S)


def test_a_clock_that_was_set_moves_the_grace() -> None:
    board = Switchboard()
    board.event(gateway(ping="DOWN"), T0)
    board.receive(f.ClockStepped(3600 * S), T0)

    assert board.switch._facilities.due() == T0 + 3605 * S


# --- what an earlier run left -----------------------------------------------------------------------------------------


def test_what_an_earlier_run_left_goes_on_or_is_cleared() -> None:
    before = Switchboard()
    before.event(gateway(), T0)
    before.event(gateway("gone"), T0)
    for uuid, user in (("a", "1000"), ("b", "1001")):
        dialled_in(before, uuid, user)
    before.event(created("p"), T0)
    before.event(parks("hold", "p"), T0)
    after = Switchboard()
    after.retained = dict(before.retained)
    after.receive(f.RetainedRead(dict(before.retained)), T0 + 60 * S)
    tables = {
        "channels": (row("a", user="1000"), row("b", user="1001"), row("p")),
        "conferences": (room("a", "b"),),
        "gateways": (GatewayRow(name="carrier", state="NOREG", reachable=True),),
        "parked": (ParkedRow("park", "p"),),
    }
    for later in (60, 62):
        after.snapshot(T0 + later * S, **tables)

    for topic in ("conference/3000", "parking/park", "gateway/carrier"):
        assert after.read(topic) == before.read(topic)
    assert after.read("gateway/gone") is None
    assert after.snapshot(T0 + 64 * S, **tables) == []


def test_a_restart_of_freeswitch_ends_conferences_and_lots() -> None:
    board = Switchboard()
    board.receive(f.EslChanged(state="connected", core_uuid="one"), T0)
    for uuid, user in (("a", "1000"), ("b", "1001")):
        dialled_in(board, uuid, user)
    board.event(created("p"), T0)
    board.event(parks("hold", "p"), T0)
    board.receive(f.EslChanged(state="lost"), T0 + S)
    board.receive(f.EslChanged(state="connected", core_uuid="two"), T0 + 2 * S)

    assert board.read("conference/3000") is None
    assert board.read("parking/park") is None
    assert board.live == []


# --- whatever happens -------------------------------------------------------------------------------------------------

STORY = [
    created("a", user="1000"),
    state("a", "ACTIVE"),
    meets("conference-create"),
    meets("add-member", "a", talking="false"),
    created("b", user="1001"),
    state("b", "ACTIVE"),
    meets("add-member", "b", talking="false"),
    meets("start-talking", "b", talking="true"),
    gateway(),
    created("p", inbound_gateway="carrier"),
    state("p", "ACTIVE"),
    parks("hold", "p"),
    gateway(ping="DOWN"),
    meets("del-member", "b", talking="false"),
    hangup("b"),
    parks("exit", "p"),
    hangup("p"),
    meets("del-member", "a"),
    hangup("a"),
    meets("conference-destroy"),
    gateway(),
]


@st.composite
def mishaps(draw: st.DrawFn) -> list[d.Event]:
    """The story, some of it lost, some twice, some swapped with its neighbour."""
    told: list[d.Event] = []
    for event in STORY[: draw(st.integers(0, len(STORY)))]:
        told += [event] * draw(st.sampled_from([1, 1, 1, 0, 2]))
    for place in draw(st.lists(st.integers(0, max(len(told) - 2, 0)), max_size=8)):
        told[place : place + 2] = told[place : place + 2][::-1]
    return told


@given(mishaps(), st.sets(st.sampled_from("ab")), st.booleans(), st.booleans())
def test_two_snapshots_later_it_is_told_what_is_true(
    told: list[d.Event], members: set[str], parked: bool, reachable: bool
) -> None:
    board = Switchboard(extensions=("1000", "1001"))
    for event in told:
        board.event(event, T0)
    users = {"a": "1000", "b": "1001"}
    alive = [uuid for uuid in "abp" if uuid in (members | ({"p"} if parked else set()))]
    alive = [uuid for uuid in alive if uuid not in board.switch._ledger.graves]
    members &= set(alive)
    channels = tuple(row(uuid, user=users.get(uuid, "")) for uuid in alive)
    tables = {
        "channels": channels,
        "gateways": (GatewayRow(name="carrier", state="NOREG", reachable=reachable),),
        "conferences": (room(*sorted(members)),) if members else (),
        "parked": (ParkedRow("park", "p"),) if "p" in alive else (),
    }
    for later in (5, 8):
        board.snapshot(T0 + later * S, **tables)
    board.run(T0 + 30 * S)

    conference, lot = board.read("conference/3000"), board.read("parking/park")
    assert (conference["members"] if conference else 0) == len(members)
    assert (lot["parked"] if lot else 0) == ("p" in alive)
    assert board.read("gateway/carrier")["up"] is reachable
    counts = board.read("calls")
    assert counts["active"] == (2 if len(members) > 1 else 0)
    assert counts["total"] == len(alive)
    assert board.snapshot(T0 + 60 * S, **tables) == []
