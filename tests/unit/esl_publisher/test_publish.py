import json

import pytest
from msgspec.structs import replace

from esl_publisher.calls import Ended, opened
from esl_publisher.decode import Custom, Event, Pulse
from esl_publisher.publish import Publisher, call_message, fact_message, stats_message
from lampfield_bus import channels
from lampfield_bus.messages import Parking, Publication
from support.legs import T0, leg

CALL = opened("a/b", leg("a/b", user="1000", number="1000"))


def publisher() -> Publisher:
    return Publisher("main", hide_numbers=False)


def test_an_unchanged_message_is_published_once() -> None:
    out = publisher()
    out.call("a/b", CALL)
    assert [p.topic for p in out.take()] == ["switch/main/call/a%2Fb"]

    out.call("a/b", CALL)
    assert out.take() == []


def test_only_what_exists_is_deleted_and_once() -> None:
    out = publisher()
    out.call("a/b", None)
    assert out.take() == []

    out.call("a/b", CALL)
    out.take()
    out.call("a/b", None)
    out.call("a/b", None)
    assert out.take() == [Publication("switch/main/call/a%2Fb", b"", 1, True)]


def test_a_thing_that_is_no_more_is_deleted_also_when_an_earlier_run_left_it() -> None:
    out = publisher()
    out.inherit({"switch/main/parking/old"})
    out.keep(channels.SWITCH_PARKING, Parking(parked=1, longest_since="2026-11-22T22:58:35.000Z"), "park")
    for lot in ("park", "old", "never"):
        out.keep(channels.SWITCH_PARKING, None, lot)

    assert [p.topic for p in out.take() if not p.payload] == ["switch/main/parking/park", "switch/main/parking/old"]


def test_the_time_alone_is_no_change_of_the_counts() -> None:
    out = publisher()
    out.counts({"ringing": 1, "waiting": 0, "active": 2, "held": 0}, T0)
    out.counts({"ringing": 1, "waiting": 0, "active": 2, "held": 0}, T0 + 1000)

    (publication,) = out.take()
    assert json.loads(publication.payload) == {
        "at": "2026-11-22T22:58:35.000Z", "ringing": 1, "waiting": 0, "active": 2, "held": 0, "total": 3,
    }  # fmt: skip


def test_what_was_taken_over_is_not_cleared() -> None:
    out = publisher()
    out.inherit({"switch/main/call/a%2Fb", "switch/main/call/gone", "switch/main/stats", "switch/main/odd"})
    out.call("a/b", CALL)
    out.take()

    out.clear_inherited()

    assert [p.topic for p in out.take()] == ["switch/main/call/gone", "switch/main/odd"]


def test_durations_are_never_negative() -> None:
    call = replace(CALL, answered_at=T0 - 5000)

    _, message = fact_message(Ended(call, T0 - 1000))

    told = json.loads(channels.CALL_ENDED.publication("t", message).payload)
    assert (told["ring_seconds"], told["talk_seconds"]) == (0.0, 0.0)


def test_what_is_published_can_be_read_by_the_contract() -> None:
    for channel, message in (
        (channels.SWITCH_CALL, call_message(CALL)),
        fact_message(Ended(CALL, T0)),
    ):
        assert channel.decode(channel.publication("t", message).payload) == message


@pytest.mark.parametrize(("said", "idle"), [("250.5", 100.0), ("-1.0", 0.0), ("-nan", 0.0), ("inf", 100.0)])
def test_a_heartbeat_without_numbers_is_no_stats(said: str, idle: float) -> None:
    numbers = {"sessions": "1", "peak": "2", "sessions_max": "3", "per_second": "4", "total": "5", "uptime_ms": "6000"}
    whole = Pulse(name="HEARTBEAT", idle_cpu=said, **numbers)
    told = stats_message(whole, T0)

    assert told is not None
    assert (told.idle_cpu, told.uptime, told.sessions_peak) == (idle, 6.0, 2)
    assert stats_message(Pulse(name="HEARTBEAT"), T0) is None


def test_a_raw_event_has_its_name_as_topic() -> None:
    out = publisher()
    out.raw(Event(name="CODEC"), b"x")
    out.raw(Custom(name="CUSTOM", subclass="a::b"), b"y")

    assert [(p.topic, p.payload) for p in out.take()] == [
        ("switch/main/raw/CODEC", b"x"),
        ("switch/main/raw/CUSTOM/a::b", b"y"),
    ]
