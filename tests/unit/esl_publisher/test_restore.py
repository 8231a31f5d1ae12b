from zoneinfo import ZoneInfo

import msgspec
import pytest

from esl_publisher.restore import read
from esl_publisher.today import day_of
from lampfield_bus import messages as m
from support.switchboard import replay


def test_everything_published_is_read_back() -> None:
    board = replay("voicemail_mwi")
    call = next(p for _, p in board.published if "/call/" in p.topic and p.retain and p.payload)
    restored = read({**board.retained, call.topic: call.payload}, "main")

    assert set(restored.extensions) == {"1000"}
    assert [each.id for each in restored.calls] == [call.topic.rpartition("/")[2]]
    assert restored.topics == {*board.retained, call.topic}


def test_other_switches_and_deleted_topics_are_not_ours() -> None:
    messages = {"switch/other/call/x": b"{}", "switch/main/call/y": b"", "display/a/info": b"{}"}

    assert read(messages, "main").topics == set()


def test_what_cannot_be_read_is_remembered_as_a_leftover() -> None:
    messages = {"switch/main/call/x": b"{", "switch/main/extension/1": b'{"state":"odd"}', "switch/main/new": b"1"}

    restored = read(messages, "main")

    assert len(restored.topics) == 3
    assert (restored.calls, restored.extensions, restored.info, restored.alive_at) == ([], {}, None, 0)


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
