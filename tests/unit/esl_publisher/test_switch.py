import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esl_publisher import decode as d
from esl_publisher import facts as f
from esl_publisher.bridges import SETTLE_MS
from esl_publisher.legacy import WITHHOLD_MS
from esl_publisher.snapshot import RegistrationRow
from esl_publisher.tables import UserRow
from support.legs import T0, bridge, created, hangup, pair, row, state, unbridge, us
from support.queue import QUEUE, cc
from support.switchboard import COUNTERS, DOMAIN, Switchboard, replay

S = 1_000
DAY = 86_400_000


def talking(board: Switchboard, a: str = "a", b: str = "b", at: int = T0) -> Switchboard:
    """1000 talks with 1001."""
    for event in (
        created(a, at, user="1000"),
        created(b, at, user="1001", by=a),
        state(b, "RINGING", at),
        state(b, "ACTIVE", at + S),
        state(a, "ACTIVE", at + S),
        bridge(a, b, at + S),
    ):
        board.event(event, at + S)
    return board


def retained_of(board: Switchboard) -> f.RetainedRead:
    return f.RetainedRead(dict(board.retained))


def health(**changes: Any) -> f.HealthDue:
    return f.HealthDue(**{"uptime_ms": 1, "queue": 0, "dropped": 0, "topics": 0, "rss_bytes": 0, **changes})


# --- what a call's state is ------------------------------------------------------------------------------------------


def test_a_call_that_only_the_switch_has_answered_waits() -> None:
    board = Switchboard()
    for event in (created("a", user="1000"), state("a", "RINGING"), state("a", "ACTIVE")):
        board.event(event, T0)

    assert board.counts == ["ringing=1", "waiting=1"]
    assert board.read("extension/1000")["state"] == "waiting"
    assert board.read("call/a")["answered_at"] is None


def test_early_media_is_no_conversation() -> None:
    board = Switchboard()
    for event in (
        created("a", user="1000"),
        created("b", by="a", outbound_gateway="carrier", destination="0555123456"),
        state("b", "EARLY"),
        bridge("a", "b", T0 + S),
    ):
        board.event(event, T0)
    assert board.counts == ["ringing=1"]

    board.event(state("b", "ACTIVE", T0 + 5 * S), T0)
    board.event(state("a", "ACTIVE", T0 + 5 * S), T0)

    assert board.counts == ["ringing=1", "active=1"]
    told = board.read("call/a")
    assert (told["direction"], told["gateway"]) == ("outbound", "carrier")
    assert told["answered_at"] == board.told("event/call/answered")[0]["at"]


def test_a_caller_who_stays_alone_waits_after_a_while() -> None:
    board = talking(Switchboard())
    board.event(hangup("b", at=T0 + 2 * S), T0 + 2 * S)
    assert board.counts[-1] == "active=1"
    assert board.switch.due() == T0 + 2 * S + SETTLE_MS

    board.tick(T0 + 2 * S + SETTLE_MS - 1)
    assert board.counts[-1] == "active=1"

    board.tick(T0 + 2 * S + SETTLE_MS)
    assert board.counts[-1] == "waiting=1"


def test_a_clock_that_steps_does_not_change_how_long_that_while_is() -> None:
    board = talking(Switchboard())
    board.event(unbridge("a", "b", T0 + 2 * S), T0 + 2 * S)

    board.receive(f.ClockStepped(3600 * S), T0 + 3600 * S + 2 * S)

    assert board.switch.due() == T0 + 3602 * S + SETTLE_MS


def test_a_bridge_that_is_made_again_in_time_was_never_apart() -> None:
    board = talking(Switchboard())
    board.event(unbridge("a", "b"), T0 + 2 * S)
    board.event(bridge("a", "b"), T0 + 3 * S)
    board.tick(T0 + 60 * S)

    assert board.counts == ["ringing=1", "active=1"]


def test_a_fork_is_one_call_and_the_phone_that_answered_is_its_callee() -> None:
    board = Switchboard()
    for event in (
        created("a", user="1000"),
        created("b", user="1001", by="a"),
        created("c", user="1002", by="a"),
        state("b", "RINGING"),
        state("c", "RINGING"),
        state("c", "ACTIVE", T0 + S),
        hangup("b", "LOSE_RACE"),
        state("a", "ACTIVE", T0 + S),
        bridge("a", "c", T0 + S),
    ):
        board.event(event, T0 + S)

    assert board.counts == ["ringing=1", "active=1"]
    assert board.read("call/a")["callee"]["number"] == "1002"
    assert board.read("extension/1001")["state"] == "idle"


def test_calls_whose_legs_are_bridged_become_the_older_one() -> None:
    board = talking(Switchboard())
    talking(board, "c", "d", T0 + 5 * S)
    assert board.counts[-1] == "active=2"

    board.event(bridge("b", "d", T0 + 8 * S), T0 + 8 * S)

    assert board.counts[-1] == "active=1"
    (ended,) = board.told("event/call/ended")
    assert (ended["id"], ended["merged_into"], ended["outcome"]) == ("c", "a", "answered")
    assert board.live == ["switch/main/call/a"]
    for uuid in ("a", "c", "b", "d"):
        board.event(hangup(uuid, at=T0 + 9 * S), T0 + 9 * S)
    assert board.counts[-1] == "none"
    assert [message["id"] for message in board.told("event/call/ended")] == ["c", "a"]


def test_a_renamed_leg_stays_in_its_call() -> None:
    board = talking(Switchboard())

    board.event(d.Renamed(name="CHANNEL_UUID", timestamp=us(T0), uuid="new", old_uuid="b"), T0)
    board.event(state("new", "HELD"), T0)
    assert board.counts[-1] == "held=1"
    board.event(hangup("new"), T0)
    board.event(hangup("a"), T0)

    assert board.counts[-1] == "none"
    assert board.told("event/call/ended")[0]["legs"] == ["a", "new"]


def test_a_leg_whose_originator_was_not_heard_is_joined_by_it_later() -> None:
    board = Switchboard()
    board.event(created("b", user="1001", by="a", caller_number="1000"), T0)
    board.event(created("a", user="1000"), T0)

    assert board.counts == ["ringing=1"]
    told = board.read("call/a")
    assert (told["caller"]["number"], told["callee"]["number"]) == ("1000", "1001")


# --- who is at the ends ----------------------------------------------------------------------------------------------


def test_a_stranger_calls_in_and_never_becomes_a_lamp() -> None:
    board = Switchboard()
    board.event(created("a", presence_id=f"0555123456@{DOMAIN}", caller_number="0555123456"), T0)
    board.event(created("b", user="1000", by="a"), T0)
    board.event(state("b", "RINGING"), T0)

    told = board.read("call/a")
    assert (told["direction"], told["extensions"]) == ("inbound", ["1000"])
    assert board.read("extension/1000")["state"] == "ringing"
    assert board.read("extension/0555123456") is None


def test_an_extension_of_another_domain_keeps_it() -> None:
    board = Switchboard()
    board.event(created("a", user="1000", presence_id="1000@other.example"), T0)

    assert board.read("extension/1000@other.example")["state"] == "ringing"


def test_freeswitchs_own_domain_counts_where_none_is_set() -> None:
    board = Switchboard(domain=None)
    board.receive(f.EslChanged(state="connected", domain="pbx.example"), T0)
    board.event(created("a", user="1000", presence_id="1000@pbx.example"), T0)

    assert board.read("extension/1000")["state"] == "ringing"
    assert board.read("info")["domain"] == "pbx.example"


def test_listed_extensions_are_shown_from_the_start_and_no_others() -> None:
    board = Switchboard(extensions=("1000", "2001"))
    board.event(created("a", user="1000"), T0)
    board.event(created("b", user="1001", by="a"), T0)

    shown = [topic.rpartition("/")[2] for topic in board.retained if "/extension/" in topic]
    assert shown == ["1000", "2001"]
    assert board.read("call/a")["extensions"] == ["1000", "1001"]


def test_a_snapshots_registration_vouches_for_a_leg() -> None:
    board = Switchboard()
    board.snapshot(
        T0,
        channels=(row("a", user="1000"), row("b", user="0555123456")),
        registrations=(RegistrationRow(reg_user="1000", realm=DOMAIN, token="t"),),
    )

    assert board.read("call/a")["direction"] == "internal"
    assert board.read("call/b")["direction"] == "inbound"


# --- an earlier run --------------------------------------------------------------------------------------------------


def test_a_restarted_publisher_finds_the_call_again() -> None:
    before = talking(Switchboard())
    board = Switchboard()
    board.retained = dict(before.retained)
    board.receive(retained_of(before), T0 + 10 * S)
    legs = (row("a", user="1000"), row("b", user="1001", by="a"))

    board.snapshot(T0 + 20 * S, channels=legs, pairs=(pair("a", "b"),))

    assert board.read("call/a") == before.read("call/a")
    assert board.read("extension/1001") == before.read("extension/1001")
    assert board.told("event/call/started") == board.told("event/call/answered") == []
    board.event(hangup("a", at=T0 + 30 * S), T0 + 30 * S)
    board.event(hangup("b", at=T0 + 30 * S), T0 + 30 * S)
    (ended,) = board.told("event/call/ended")
    assert (ended["outcome"], ended["ring_seconds"], ended["talk_seconds"]) == ("answered", 1.0, 29.0)


def test_a_call_keeps_its_id_also_when_only_its_second_leg_is_left() -> None:
    before = talking(Switchboard())
    board = Switchboard()
    board.retained = dict(before.retained)
    board.receive(retained_of(before), T0)

    board.snapshot(T0 + 20 * S, channels=(row("b", user="1001", by="a"),))

    assert board.live == ["switch/main/call/a"]


def test_no_lamp_goes_dark_before_the_first_snapshot() -> None:
    before = talking(Switchboard())
    board = Switchboard()

    assert board.receive(retained_of(before), T0) == []
    assert board.receive(f.EslChanged(state="connected"), T0)[0].topic == "switch/main/info"


def test_what_an_earlier_run_left_is_cleared_with_the_second_snapshot() -> None:
    before = talking(Switchboard())
    before.retained |= {
        "switch/main/gateway/old": b"{}",
        "switch/main/call/broken": b"{",
        "switch/main/availability": b"online",
        "switch/other/call/x": b"{}",
    }
    board = Switchboard()
    board.retained = dict(before.retained)
    board.receive(retained_of(before), T0)

    board.snapshot(T0 + 20 * S)
    assert len(board.live) == 2
    board.snapshot(T0 + 22 * S)

    assert set(board.retained) == {
        "switch/main/availability",
        "switch/main/calls",
        "switch/main/extension/1000",
        "switch/main/extension/1001",
        "switch/other/call/x",
        *COUNTERS,
    }
    (ended,) = board.told("event/call/ended")
    assert (ended["id"], ended["outcome"], ended["cause"], ended["sip_status"]) == (
        "a",
        "answered",
        "NORMAL_UNSPECIFIED",
        None,
    )


@pytest.mark.parametrize(("later", "missed"), [(60 * S, 1), (DAY, 0)])
def test_missed_calls_are_restored_on_the_same_day_only(later: int, missed: int) -> None:
    before = replay("call_no_answer")
    before.receive(health(), T0)
    board = Switchboard()
    board.receive(retained_of(before), T0 + later)

    board.snapshot(T0 + later)

    told = board.read("extension/1001")
    assert told["missed_today"] == missed
    assert told["since"] == before.read("extension/1001")["since"]


def test_midnight_forgets_the_missed_calls() -> None:
    board = replay("call_no_answer")
    midnight = 1_795_392_000_000

    board.tick(midnight - 1)
    assert board.read("extension/1001")["missed_today"] == 1
    assert board.switch.due() == midnight
    board.tick(midnight)

    assert board.read("extension/1001")["missed_today"] == 0


# --- the link --------------------------------------------------------------------------------------------------------


def test_the_epoch_grows_when_continuity_was_lost_and_goes_on_after_a_restart() -> None:
    board = Switchboard()
    epochs = []
    for fact in (
        f.EslChanged(state="connecting"),
        f.EslChanged(state="connected"),
        f.ContinuityLost("overflow"),
        f.EslChanged(state="lost"),
        f.EslChanged(state="connected"),
    ):
        board.receive(fact, T0)
        epochs.append(board.read("info")["epoch"])
    board.snapshot(T0)
    assert epochs == [0, 1, 2, 2, 3]
    assert board.read("info")["epoch"] == 3

    again = Switchboard(instance="j")
    again.receive(retained_of(board), T0)
    again.receive(f.EslChanged(state="connected"), T0)
    assert (again.read("info")["epoch"], again.read("info")["instance"]) == (4, "j")


def test_info_keeps_what_is_known_of_the_switch_while_the_link_is_lost() -> None:
    board = Switchboard()
    board.receive(f.EslChanged(state="connected", hostname="vm", version="1.11.1", core_uuid="c"), T0)
    board.receive(f.EslChanged(state="lost"), T0 + S)
    board.receive(f.EslChanged(state="lost"), T0 + 2 * S)

    told = board.read("info")
    assert (told["esl"], told["hostname"], told["core_uuid"]) == ("lost", "vm", "c")
    assert told["since"] == "2026-11-22T22:58:36.000Z"
    assert len(board.told("info")) == 2


def test_calls_stay_as_last_known_while_the_link_is_lost() -> None:
    board = talking(Switchboard())

    assert [p.topic for p in board.receive(f.EslChanged(state="lost"), T0 + 2 * S)] == ["switch/main/info"]


def test_a_restart_of_freeswitch_ends_all_calls() -> None:
    board = Switchboard()
    board.receive(f.EslChanged(state="connected", core_uuid="one"), T0)
    talking(board)
    board.receive(f.EslChanged(state="lost"), T0 + 2 * S)

    board.receive(f.EslChanged(state="connected", core_uuid="two"), T0 + 9 * S)

    assert board.live == []
    assert board.counts[-1] == "none"
    (ended,) = board.told("event/call/ended")
    assert (ended["outcome"], ended["cause"]) == ("answered", "SWITCH_RESTARTED")


def test_a_restart_of_both_ends_the_calls_of_the_earlier_run_too() -> None:
    before = Switchboard()
    before.receive(f.EslChanged(state="connected", core_uuid="one"), T0)
    talking(before)
    board = Switchboard()
    board.retained = dict(before.retained)
    board.receive(retained_of(before), T0)

    board.receive(f.EslChanged(state="connected", core_uuid="two"), T0)
    board.snapshot(T0)

    assert [message["cause"] for message in board.told("event/call/ended")] == ["SWITCH_RESTARTED"]
    assert board.live == []


def test_a_day_into_which_the_clock_was_set_is_not_complete() -> None:
    board = Switchboard()
    board.receive(f.EslChanged(state="connected"), T0)
    board.snapshot(T0)
    board.receive(f.ClockStepped(DAY), T0 + DAY)

    assert (board.read("today")["date"], board.read("today")["complete"]) == ("2026-11-23", False)
    board.receive(f.ClockStepped(S), T0 + DAY + S)
    board.tick(T0 + 2 * DAY)
    assert (board.read("today")["date"], board.read("today")["complete"]) == ("2026-11-24", True)
    board.receive(f.ClockStepped(S), T0 + 2 * DAY + S)
    assert board.read("today")["complete"] is True


def test_a_switch_that_comes_back_after_another_one_has_its_calls_still() -> None:
    board = Switchboard()
    board.receive(f.EslChanged(state="connected", core_uuid="one"), T0)
    talking(board)
    for core in ("two", "one"):
        board.receive(f.EslChanged(state="connected", core_uuid=core), T0 + 2 * S)
    legs = row("a", user="1000"), row("b", user="1001", by="a")
    board.snapshot(T0 + 3 * S, channels=legs, pairs=(pair("a", "b"),))
    board.receive(f.LegsAsked(gone=(), alive=("a", "b")), T0 + 3 * S)

    assert board.counts[-1] == "active=1"
    assert len(board.live) == 1


def test_what_begins_while_the_calls_of_the_former_core_are_ended_is_not_ended_with_them() -> None:
    board = Switchboard(portion=1)
    board.receive(f.EslChanged(state="connected", core_uuid="one"), T0)
    talking(board)
    board.receive(f.EslChanged(state="connected", core_uuid="two"), T0 + 2 * S)
    assert board.switch.busy
    for event in (
        created("c", T0 + 2 * S, user="1002"),
        state("c", "ACTIVE", T0 + 2 * S),
        cc("member-queue-start", T0 + 2 * S, caller="c"),
        d.Parked(name="CUSTOM", subclass="valet_parking::info", uuid="c", lot="lot", action="hold"),
        d.Meeting(name="CUSTOM", conference="3000", uuid="c", action="add-member"),
    ):
        board.event(event, T0 + 2 * S)
    board.settle(T0 + 2 * S)

    assert board.read(f"queue/{QUEUE}")["waiting"] == 1
    assert board.read("parking/lot")["parked"] == 1
    assert board.read("conference/3000")["members"] == 1


def test_calls_that_may_be_over_are_not_counted_to_a_peak_together_with_those_that_took_their_place() -> None:
    board = Switchboard()
    board.receive(f.EslChanged(state="connected", core_uuid="one"), T0)
    talking(board)
    board.receive(f.EslChanged(state="lost"), T0 + 9 * S)
    board.receive(f.EslChanged(state="connected", core_uuid="one"), T0 + 60 * S)
    board.snapshot(T0 + 60 * S, channels=(row("c", user="1002"),))
    board.receive(f.LegsAsked(gone=("a", "b"), alive=()), T0 + 61 * S)

    assert (board.read("calls")["total"], board.read("today")["peak"]) == (1, 1)
    board.event(created("d", T0 + 62 * S, user="1003"), T0 + 62 * S)
    assert board.read("today")["peak"] == 2


def test_a_call_whose_numbers_are_hidden_is_still_its_gateways_and_extensions_after_a_restart() -> None:
    before = Switchboard(hide_numbers=True)
    up = d.GatewayChanged(name="CUSTOM", subclass="sofia::gateway_state", gateway="49301234", state="REGED", ping="UP")
    for event in (
        up,
        created("a", user="1234567"),
        created("b", by="a", destination="05551234", outbound_gateway="49301234"),
    ):
        before.event(event, T0)
    assert before.read("gateway/49301234")["calls"] == 1
    board = Switchboard(hide_numbers=True)
    board.retained = dict(before.retained)
    board.receive(retained_of(before), T0 + S)
    legs = row("a", "RINGING", user="1234567"), row("b", "RINGING", by="a")
    board.snapshot(T0 + 2 * S, channels=legs)

    assert board.read("gateway/49301234")["calls"] == 1
    assert board.read("call/a")["extensions"] == before.read("call/a")["extensions"] == ["*****67"]


# --- what is published -----------------------------------------------------------------------------------------------


def test_the_first_snapshot_says_that_there_are_no_calls() -> None:
    board = Switchboard()
    board.snapshot(T0)
    board.snapshot(T0 + 60 * S)

    assert board.counts == ["none"]


def test_events_that_change_nothing_publish_nothing() -> None:
    board = talking(Switchboard())

    assert board.event(state("a", "ACTIVE", T0 + 2 * S), T0 + 2 * S) == []
    assert board.event(created("a", user="1000"), T0 + 2 * S) == []


def test_health_has_the_worst_lag_since_the_last_one() -> None:
    board = Switchboard()
    board.event(created("a", T0, user="1000"), T0 + 30)
    board.event(state("a", "RINGING", T0), T0 + 90)
    board.event(state("a", "ACTIVE", T0), T0 + 10)
    board.receive(health(uptime_ms=1500, queue=3, dropped=4, topics=5, rss_bytes=6), T0 + S)
    told = board.read("health")
    assert (told["lag_ms"], told["uptime"], told["queue"], told["dropped"]) == (90, 1.5, 3, 4)

    board.receive(health(), T0 + 2 * S)
    assert board.read("health")["lag_ms"] is None


def test_a_heartbeat_becomes_stats() -> None:
    board = replay("heartbeat")

    told = board.told("stats")[0]
    assert (told["sessions"], told["sessions_max"], told["uptime"]) == (1, 2000, 420.258)


def test_raw_events_are_published_as_they_came() -> None:
    board = Switchboard(raw_events=("HEARTBEAT", "lab::hello"))
    body = b'{"Event-Name":"HEARTBEAT","X":"\xff"}'
    board.event(body, T0)
    custom = b'{"Event-Subclass":"lab::hello","Event-Name":"CUSTOM"}'
    board.event(custom, T0)
    board.event(b'{"Event-Name":"CHANNEL_PARK"}', T0)

    assert [(p.topic, p.payload, p.qos, p.retain) for _, p in board.published if "/raw/" in p.topic] == [
        ("switch/main/raw/HEARTBEAT", body, 0, False),
        ("switch/main/raw/CUSTOM/lab::hello", custom, 0, False),
    ]


@given(
    number=st.from_regex(r"\+?[0-9]{5,15}", fullmatch=True),
    name=st.sampled_from(["{}", "sip:{}@carrier.example", "Bell {}", '"{}" <{}>']),
)
def test_no_full_number_leaves_when_numbers_are_hidden(number: str, name: str) -> None:
    board = Switchboard(hide_numbers=True)
    shown = name.replace("{}", number)
    for event in (
        created("a", caller_number=number, caller_name=shown, destination=number),
        created("b", by="a", destination=number, callee_name=shown, outbound_gateway=number),
        state("b", "RINGING"),
        hangup("b", "USER_BUSY", term_status="486", failure_phrase=shown),
        hangup("a", "USER_BUSY"),
    ):
        board.event(event, T0)

    digits = number.lstrip("+")
    about = [p for _, p in board.published if "/call" in p.topic and p.payload]
    assert about
    for publication in about:
        message = json.loads(publication.payload)
        for instant in ("at", "started_at", "answered_at", "ended_at"):
            message.pop(instant, None)
        assert digits not in json.dumps(message)
    assert f'"{number}"' not in json.dumps(board.read("recent"))
    assert board.read("recent") == board.told("event/call/ended")


@pytest.mark.parametrize("uuid", ["", "x" * 2000, "\ud800"])
def test_a_leg_that_no_topic_can_name_is_refused_and_does_no_harm(uuid: str) -> None:
    board = Switchboard()
    for event in (created(uuid, user="1000"), state(uuid, "RINGING")):
        with pytest.raises(ValueError, match="name"):
            board.event(event, T0)
    board.event(created("a", user="1000"), T0)

    assert board.counts == ["ringing=1"]


def test_a_call_that_no_topic_can_name_does_not_stand_in_the_way_of_others() -> None:
    board = Switchboard()
    with pytest.raises(ValueError, match="at most"):  # the call is called after the leg that dialled
        board.event(created("b", user="1001", by="x" * 3_000), T0)

    board.event(created("a", user="1000"), T0)
    assert (board.live, board.read("extension/1000")["state"]) == (["switch/main/call/a"], "ringing")


def test_a_timestamp_out_of_this_world_is_replaced_by_ours() -> None:
    board = Switchboard()
    board.event(created("a", 999_999_999_999_999, user="1000"), T0)
    board.event(created("b", 0, user="1001"), T0)

    assert {board.read(f"call/{uuid}")["started_at"] for uuid in "ab"} == {"2026-11-22T22:58:35.000Z"}


def test_a_mailbox_is_told_of_extensions_only() -> None:
    board = Switchboard(extensions=("1000",))
    for account in ("sip:1000@127.0.0.1", "1001@127.0.0.1", ""):
        board.event(d.Mailbox(name="MESSAGE_WAITING", account=account, messages="2/1 (0/0)"), T0)

    assert board.read("extension/1000")["voicemail"] == {"new": 2, "saved": 1}
    assert board.read("extension/1001") is None


def pulse(sessions: str) -> d.Pulse:
    return d.Pulse(name="HEARTBEAT", sessions=sessions, timestamp=us(T0))


def test_a_session_count_that_disagrees_twice_running_wants_a_look_at_the_tables() -> None:
    board = Switchboard()
    board.event(created("a", user="1000"), T0)
    doubts = []
    for sessions in ("1", "2", "1", "0", "0", "0", "", "0", "0"):
        board.event(pulse(sessions), T0)
        doubts.append(board.switch.take_doubt())

    assert doubts == [False] * 4 + [True] + [False] * 3 + [True]
    assert board.switch.take_doubt() is False


def test_the_directory_s_users_are_extensions_with_their_names() -> None:
    board = Switchboard()
    users = (UserRow("1000", DOMAIN, "Reception"), UserRow("1000", "other.example", "Elsewhere"))
    board.snapshot(T0, users=users)

    assert board.read("extension/1000")["name"] == "Reception"
    assert board.read("extension/1000@other.example")["name"] == "Elsewhere"
    assert board.snapshot(T0 + 10 * S, users=users) == []


def test_a_setting_says_who_exists_and_the_directory_how_they_are_called() -> None:
    board = Switchboard(extensions=("1000",))
    board.snapshot(T0, users=(UserRow("1000", DOMAIN, "Reception"), UserRow("1001", DOMAIN, "Lobby")))

    assert board.read("extension/1000")["name"] == "Reception"
    assert board.read("extension/1001") is None


def test_every_subclass_that_is_asked_for_can_be_published_raw() -> None:
    body = b'{"Event-Subclass":"conference::maintenance","Event-Name":"CUSTOM","Conference-Name":"1","Action":"lock"}'
    board = Switchboard(raw_events=("conference::maintenance",))
    board.event(body, T0)
    (raw,) = board.event(body, T0)

    assert raw.topic == "switch/main/raw/CUSTOM/conference::maintenance"


# --- no snapshot can be taken ---------------------------------------------------------------------------------------


def left_by_an_earlier_run() -> Switchboard:
    before = talking(Switchboard())
    board = Switchboard(instance="j")
    board.retained = dict(before.retained)
    board.receive(retained_of(before), T0 + 5 * S)
    board.receive(f.EslChanged(state="connecting"), T0 + 5 * S)
    board.receive(f.EslChanged(state="connected", core_uuid="c"), T0 + 6 * S)
    return board


def test_until_a_snapshot_was_taken_the_link_is_not_told_to_be_connected() -> None:
    board = left_by_an_earlier_run()
    assert board.read("info")["esl"] == "connecting"

    board.snapshot(T0 + 7 * S, channels=(row("a", user="1000"), row("b", user="1001", by="a")), pairs=(pair("a", "b"),))
    board.receive(f.LegsAsked(gone=(), alive=("a", "b")), T0 + 7 * S)
    assert board.read("info")["esl"] == "connected"
    assert board.published[-1][1].topic == "switch/main/info", "it comes after what it vouches for"


def test_without_any_snapshot_events_are_told_after_a_while_and_the_link_still_is_not() -> None:
    board = left_by_an_earlier_run()
    board.event(created("x", T0 + 7 * S, user="1002"), T0 + 7 * S)
    assert board.read("call/x") is None

    assert board.switch.due() == T0 + 6 * S + WITHHOLD_MS
    board.run(T0 + 7 * S + WITHHOLD_MS)
    board.event(state("x", "RINGING", T0 + 20 * S), T0 + 20 * S)
    assert board.read("call/x")["state"] == "ringing"
    assert board.read("calls")["total"] == 1
    assert board.read("info")["esl"] == "connecting"
    assert board.read("today")["complete"] is False

    rows = (row("a", user="1000"), row("b", user="1001", by="a"), row("x", "RINGING", user="1002"))
    board.snapshot(T0 + 80 * S, channels=rows, pairs=(pair("a", "b"),))
    board.receive(f.LegsAsked(gone=(), alive=("a", "b", "x")), T0 + 80 * S)
    assert board.read("info")["esl"] == "connected"
    assert board.read("calls")["total"] == 2
    assert board.read("call/a")["state"] == "active", "the earlier call kept its id"


def test_a_clock_that_steps_does_not_make_it_wait_longer() -> None:
    board = left_by_an_earlier_run()
    board.receive(f.ClockStepped(DAY), T0 + 7 * S + DAY)
    assert (board.switch.due() or 0) <= T0 + 6 * S + WITHHOLD_MS + DAY
