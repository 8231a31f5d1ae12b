"""Captures of a real FreeSWITCH, replayed: what is told is what a person would tell."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esl_publisher.decode import decode
from esl_publisher.facts import EventReceived
from support.captures import CAPTURES, DATA, events
from support.switchboard import Switchboard, instant, replay, table

# As INDEX.md of the reference tells each scenario.
SCENARIOS = {
    "call_bridged": ["ringing=1", "active=1", "none"],
    "call_busy": ["ringing=1", "none"],
    "call_no_answer": ["ringing=1", "none"],
    "call_hold": ["ringing=1", "active=1", *["held=1", "active=1"] * 3, "none"],
    "shutdown_sigterm": ["ringing=1", "active=1", "none"],
    "voicemail_mwi": ["ringing=1", "waiting=1", "none"],
    "transfer_blind_refer": ["ringing=1", "active=1", "waiting=1", "active=1", "none"],
    "call_rejected": ["ringing=1", "none"] * 4,
    "gateway_down_up": ["ringing=1", "none"] * 2,
}
ENDINGS = {
    "call_bridged": [("answered", "NORMAL_CLEARING", 200, "OK", "wire")],
    "call_busy": [("failed", "USER_BUSY", 486, "Busy Here", "wire")],
    "call_no_answer": [("missed", "NO_ANSWER", 480, "Temporarily Unavailable", "mapped")],
    "call_hold": [("answered", "NORMAL_CLEARING", 200, "OK", "wire")],
    "call_rejected": [
        ("failed", "CALL_REJECTED", 603, "Decline", "wire"),
        ("failed", "NO_USER_RESPONSE", 480, "Code", "wire"),
        ("failed", "NORMAL_TEMPORARY_FAILURE", 503, "Code", "wire"),
        ("failed", "CALL_REJECTED", 603, "Decline", "mapped"),
    ],
    "gateway_down_up": [
        ("failed", "GATEWAY_DOWN", 503, "Service Unavailable", "mapped"),
        ("failed", "NORMAL_TEMPORARY_FAILURE", 503, "X", "wire"),
    ],
    "conference": [("answered", "NORMAL_CLEARING", 200, "OK", "wire")] * 3,
    "voicemail_mwi": [("missed", "NORMAL_CLEARING", 200, "OK", "wire")],
    "shutdown_sigterm": [("answered", "SYSTEM_SHUTDOWN", 200, "OK", "wire")],
    "transfer_blind_refer": [("answered", "NORMAL_CLEARING", 200, "OK", "wire")],
}


@pytest.mark.parametrize("name", CAPTURES)
def test_a_capture_is_told_as_written_down(name: str) -> None:
    expected = (DATA / "expected" / f"{name}.txt").read_text(encoding="utf-8").splitlines()

    assert table(replay(name), instant(events(name)[0])) == expected


@pytest.mark.parametrize(
    ("name", "call_ids"),
    [
        ("call_bridged", 2),
        ("call_busy", 2),
        ("call_rejected", 2),
        ("transfer_blind_refer", 3),
        ("voicemail_mwi", 1),
    ],
)
def test_an_ended_call_names_its_legs_by_their_sip_call_ids(name: str, call_ids: int) -> None:
    """As FreeSWITCH tells them: a caller's leg at its beginning, a dialled one's at its end."""
    hung_up = [headers for headers in map(json.loads, events(name)) if headers["Event-Name"] == "CHANNEL_HANGUP"]
    ended = replay(name).told("event/call/ended")
    assert {each for call in ended for each in call["sip_call_ids"]} == {e["variable_sip_call_id"] for e in hung_up}
    assert len(ended[0]["sip_call_ids"]) == call_ids


@pytest.mark.parametrize("pause", [0, 100, 333])
@pytest.mark.parametrize("name", SCENARIOS)
def test_the_calls_go_through_the_states_that_a_person_would_tell(name: str, pause: int) -> None:
    assert replay(name, pause=pause).counts == SCENARIOS[name]


@pytest.mark.parametrize("pause", [0, 100])
@pytest.mark.parametrize("name", ["call_bridged", "call_busy", "call_no_answer", "call_hold", "transfer_blind_refer"])
def test_it_is_one_call_with_one_id(name: str, pause: int) -> None:
    board = replay(name, pause=pause)
    told = [message for kind in ("started", "answered", "ended") for message in board.told(f"event/call/{kind}")]

    assert len({message["id"] for message in told}) == 1
    assert len(board.told("event/call/started")) == len(board.told("event/call/ended")) == 1


@pytest.mark.parametrize("name", ENDINGS)
def test_an_ended_call_has_the_cause_and_the_status_of_a_telephone_engineer(name: str) -> None:
    keys = ("outcome", "cause", "sip_status", "sip_reason", "sip_source")

    assert [tuple(message[key] for key in keys) for message in replay(name).told("event/call/ended")] == ENDINGS[name]


def test_seconds_are_those_of_the_events_not_of_their_arrival() -> None:
    ends = [replay("call_bridged", pause=pause).told("event/call/ended")[0] for pause in (0, 100)]

    assert [(end["ring_seconds"], end["talk_seconds"]) for end in ends] == [(0.538, 2.582)] * 2


@pytest.mark.parametrize("name", CAPTURES)
@pytest.mark.parametrize("pause", [0, 100])
def test_at_the_end_nothing_lives(name: str, pause: int) -> None:
    board = replay(name, pause=pause)

    assert board.live == []
    lamps = [board.read(topic.removeprefix("switch/main/")) for topic in board.retained if "/extension/" in topic]
    assert {(lamp["state"], len(lamp["calls"])) for lamp in lamps} <= {("idle", 0)}
    assert board.switch._ledger.legs == {}
    assert board.switch._ledger._home == {}


@pytest.mark.parametrize("user", ["1000", "1001"])
@pytest.mark.parametrize("pause", [0, 100])
def test_both_lamps_of_a_held_call_follow_it(user: str, pause: int) -> None:
    states = [message["state"] for message in replay("call_hold", pause=pause).told(f"extension/{user}")]

    assert states[-9:] == ["ringing", "active", *["held", "active"] * 3, "idle"]
    assert set(states[:-9]) <= {"idle"}


def test_a_transferred_call_tells_who_talks_now() -> None:
    board = replay("transfer_blind_refer")
    ended = board.told("event/call/ended")[0]

    assert (ended["caller"]["number"], ended["callee"]["number"]) == ("1001", "1002")
    assert ended["extensions"] == ["1000", "1001", "1002"]
    assert len(ended["legs"]) == 3


def test_a_missed_call_is_counted_where_it_rang() -> None:
    board = replay("call_no_answer")

    assert (board.read("extension/1001")["missed_today"], board.read("extension/1000")["missed_today"]) == (1, 0)


def test_a_busy_phone_never_rings() -> None:
    states = [message["state"] for message in replay("call_busy").told("extension/1001")]

    assert set(states) == {"idle"}


def test_a_call_over_a_gateway_is_outbound_and_its_far_end_no_extension() -> None:
    board = replay("gateway_down_up")
    ended = board.told("event/call/ended")[1]

    assert (ended["direction"], ended["gateway"], ended["extensions"]) == ("outbound", "gw-ping", ["1000"])
    assert [topic for topic in board.retained if "/extension/" in topic] == ["switch/main/extension/1000"]


def test_an_agents_leg_is_part_of_its_callers_call() -> None:
    board = replay("callcenter")

    assert [message["outcome"] for message in board.told("event/call/ended")] == ["answered", "missed", "missed"]
    assert board.counts == ["ringing=1", "waiting=1", "active=1", "none", *["ringing=1", "waiting=1", "none"] * 2]


def test_a_call_that_a_dead_gateway_refused_is_outbound_and_its() -> None:
    ended = replay("gateway_down_up").told("event/call/ended")[0]

    assert (ended["direction"], ended["gateway"], ended["extensions"]) == ("outbound", "gw-ping", ["1000"])


@pytest.mark.parametrize("pause", [0, 20])
def test_a_pinged_gateway_is_down_only_while_its_peer_is_silent(pause: int) -> None:
    told = replay("gateway_down_up", pause=pause).told("gateway/gw-ping")
    outages = [(message["up"], message["since"]) for message in told]

    assert list(dict.fromkeys(outages)) == [
        (True, "2026-11-22T23:09:23.830Z"),
        (False, "2026-11-22T23:09:44.101Z"),
        (True, "2026-11-22T23:10:24.601Z"),
    ]
    assert told[-1]["failed_today"] == 2
    assert (max(message["calls"] for message in told), told[-1]["calls"]) == (1, 0)


def test_a_registering_gateway_is_down_while_it_is_refused_and_gone_when_killed() -> None:
    board = replay("gateway_register")
    told = [message for message in board.told("gateway/gw-reg") if message is not None]

    assert list(dict.fromkeys((message["up"], message["since"]) for message in told)) == [
        (False, "2026-11-22T23:10:38.421Z"),  # 403 again and again
        (True, "2026-11-22T23:10:58.126Z"),
        (False, "2026-11-22T23:11:13.542Z"),  # 503 at a refresh
        (True, "2026-11-22T23:11:22.662Z"),
    ]
    assert board.read("gateway/gw-reg") is None
    assert board.read("gateway/gw-ping")["up"] is False


@pytest.mark.parametrize("grace", [10_000, 20_000])
def test_a_longer_grace_hides_a_shorter_outage(grace: int) -> None:
    board = replay("gateway_register", board=Switchboard(gateway_grace_ms=grace))
    told = [message for message in board.told("gateway/gw-reg") if message is not None]

    assert [message["up"] for message in told if message["since"] >= "2026-11-22T23:10:58"] == [True] * len(
        [message for message in told if message["since"] >= "2026-11-22T23:10:58"]
    )


@pytest.mark.parametrize("pause", [0, 20])
def test_who_is_alone_in_a_conference_waits_and_the_others_talk(pause: int) -> None:
    first, second, third = ["ringing=1", "waiting=1"], ["ringing=1 waiting=1", "waiting=2"], ["ringing=1 active=2"]
    ends = ["active=2", "active=1", "none"]

    told = replay("conference", pause=pause).counts
    assert told == [*first, *second, "active=2", *third, "waiting=1 active=2", "active=3", *ends]


def test_a_conference_counts_its_members_and_who_talks() -> None:
    told = replay("conference").told("conference/3000-127.0.0.1")
    seen = [(message["members"], message["talking"]) for message in told[:-1]]

    assert list(dict.fromkeys(members for members, _ in seen)) == [0, 1, 2, 3]
    assert seen[-3:] == [(2, 1), (1, 1), (0, 0)]
    assert told[-1] is None
    assert [message["locked"] for message in told[:-1]].count(True) == 1
    assert [message["recording"] for message in told[:-1]].count(True) == 1
    assert {message["since"] for message in told[:-1]} == {"2026-11-22T23:11:32.981Z"}


@pytest.mark.parametrize(("name", "last"), [("register", 0), ("register_expire", 0)])
def test_a_phone_is_registered_until_it_leaves_or_expires(name: str, last: int) -> None:
    contacts = [message["contacts"] for message in replay(name).told("extension/1000")]

    assert set(contacts) <= {0, 1}
    assert contacts[-1] == last


def test_a_refused_phone_is_no_extension() -> None:
    lamps = {topic.rpartition("/")[2] for topic in replay("register").retained if "/extension/" in topic}

    assert lamps == {"1000", "1001"}


def test_a_mailbox_follows_its_messages() -> None:
    board = replay("voicemail_mwi", board=Switchboard(extensions=("1000", "1001")))
    mails = [message["voicemail"] for message in board.told("extension/1001")]

    told = [mail and (mail["new"], mail["saved"]) for mail in mails]
    assert list(dict.fromkeys(told)) == [None, (1, 0), (0, 1), (0, 0)]
    assert board.read("extension/1000")["voicemail"] is None


def without(retained: dict[str, bytes], fields: dict[str, str]) -> dict[str, object]:
    messages = {topic: json.loads(payload) for topic, payload in retained.items()}
    for topic in fields.keys() & messages.keys():
        del messages[topic][fields[topic]]
    return messages


@given(name=st.sampled_from(CAPTURES), sizes=st.lists(st.integers(1, 30), min_size=1, max_size=8))
def test_events_that_come_together_are_told_as_if_one_by_one(name: str, sizes: list[int]) -> None:
    one_by_one, together = Switchboard(), Switchboard()
    bodies = events(name)
    at = instant(bodies[-1])  # as late as the last, as after a stall: what is told has its own time all the same
    batches = iter(sizes * len(bodies))
    while bodies:
        size = next(batches)
        for body in bodies[:size]:
            one_by_one.event(body, at)
            together.switch.hear(EventReceived(decode(body), body), at)
        together.tell(at)
        del bodies[:size]

    # What came and went between two tellings was never told, so it is no change: not of `at`, nor of `since` if it came
    # and went within one instant. In call_rejected a call begins and ends in the same millisecond.
    unlike = {"switch/main/calls": "at"}
    if name == "call_rejected":
        unlike |= dict.fromkeys(("switch/main/extension/1000", "switch/main/extension/1001"), "since")
    assert without(together.retained, unlike) == without(one_by_one.retained, unlike)
    for kind in ("started", "answered", "ended"):
        topic = f"event/call/{kind}"
        assert together.told(topic) == one_by_one.told(topic)
    assert len(together.published) <= len(one_by_one.published)
