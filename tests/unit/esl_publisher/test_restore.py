import json
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from esl_publisher import facts as f
from esl_publisher.restore import read
from esl_publisher.today import day_of
from lampfield_bus import messages as m
from support.legs import created
from support.switchboard import Switchboard, replay

AT = 1_795_390_000_000  # later on the day of the captures


def test_everything_published_is_read_back() -> None:
    board = replay("voicemail_mwi")
    call = next(p for _, p in board.published if "/call/" in p.topic and p.retain and p.payload)
    restored = read({**board.retained, call.topic: call.payload}, "main")

    assert set(restored.extensions) == {"1000"}
    assert [each.id for each in restored.calls] == [call.topic.rpartition("/")[2]]
    assert restored.topics == {*board.retained, call.topic}


def test_counters_queues_and_agents_are_read_back() -> None:
    board = replay("callcenter")

    restored = read(board.retained, "main")

    assert list(restored.queues) == ["support@default"]
    assert [agent.name for agent in restored.agents] == ["1001@default"]
    assert [call.outcome for call in restored.recent] == ["missed", "missed", "answered"]
    assert restored.today is not None
    assert restored.today.started == 3
    assert restored.history is not None


def test_other_switches_and_deleted_topics_are_not_ours() -> None:
    messages = {"switch/other/call/x": b"{}", "switch/main/call/y": b"", "display/a/info": b"{}"}

    assert read(messages, "main").topics == set()


def test_what_cannot_be_read_is_remembered_as_a_leftover() -> None:
    messages = {"switch/main/call/x": b"{", "switch/main/extension/1": b'{"state":"odd"}', "switch/main/new": b"1"}

    restored = read(messages, "main")

    assert len(restored.topics) == 3
    assert (restored.calls, restored.extensions, restored.info, restored.alive_at) == ([], {}, None, 0)


@pytest.mark.parametrize(
    ("topic", "change"),
    [
        ("today", {"talk_seconds": 1e308}),
        ("today", {"started": 2**64 - 1}),
        ("queue/support@default", {"today": {"wait_seconds": 1e308}}),
    ],
)
def test_a_number_that_no_sum_can_grow_from_is_no_state(topic: str, change: dict[str, Any]) -> None:
    board = replay("callcenter")
    told = board.read(topic)
    for name, value in change.items():
        told[name] = {**told[name], **value} if isinstance(value, dict) else value
    full = f"switch/main/{topic}"
    messages = {**board.retained, full: json.dumps(told).encode()}
    later = Switchboard()
    later.receive(f.RetainedRead(messages), AT)
    later.retained = messages
    later.snapshot(AT)
    later.event(created("a", AT, user="1000"), AT)

    assert read({full: messages[full]}, "main").topics == {full}
    assert later.read("today")["started"] == (1 if topic == "today" else 4)


def test_gateways_conferences_and_lots_are_read_back() -> None:
    since = '"2026-11-22T23:11:53.341Z"'
    messages = {
        "switch/main/gateway/carrier": f'{{"state":"REGED","up":true,"ping_ms":null,"since":{since},"calls":1,'
        '"failed_today":2}',
        "switch/main/conference/3000": f'{{"members":2,"talking":1,"locked":false,"recording":false,"since":{since}}}',
        "switch/main/parking/park": f'{{"parked":1,"longest_since":{since}}}',
        "switch/main/parking/odd": '{"parked":1,"longest_since":"2026-99-99T23:11:53.341Z"}',
    }
    restored = read({topic: text.encode() for topic, text in messages.items()}, "main")

    assert restored.gateways["carrier"].failed_today == 2
    assert restored.conferences["3000"].members == 2
    assert set(restored.parking) == {"park"}


def test_a_call_that_stands_under_another_name_is_a_leftover() -> None:
    board = replay("voicemail_mwi")
    call = next(p for _, p in board.published if "/call/" in p.topic and p.retain and p.payload)
    nameless = msgspec.json.encode({**msgspec.json.decode(call.payload), "id": ""})

    restored = read({"switch/main/call/x": call.payload, "switch/main/call/y": nameless}, "main")

    assert (restored.calls, len(restored.topics)) == ([], 2)


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/New_York"])
def test_a_sign_of_life_from_the_calendars_end_has_a_day_everywhere(at: str, zone: str) -> None:
    health = m.SwitchHealth(at=at, uptime=1, lag_ms=None, queue=0, dropped=0, resyncs=0, topics=0, rss_bytes=0)

    restored = read({"switch/main/health": m.encode(health)}, "main")

    assert day_of(restored.alive_at, ZoneInfo(zone)).year in {1969, 1970, 2099, 2100}
