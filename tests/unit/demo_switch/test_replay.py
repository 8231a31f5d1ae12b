import asyncio
import json
from pathlib import Path

import pytest

from demo_switch.replay import Replay, frames
from support.demo_switch import CORE, Diary

LOGIN = b"Content-Type: auth/request\n\nContent-Type: command/reply\nReply-Text: +OK accepted\n\n"


def _capture(tmp_path: Path, *kinds: str) -> tuple[Path, list[bytes]]:
    """A capture made of one call's events, with what precedes and follows them on a connection."""
    diary = Diary(seed=1, rate=0)
    for kind in kinds or ("internal",):
        diary.day.begin(kind)
    diary.live(200)
    events = [event.frame("json") for event in diary.events if event.header("Unique-ID")]
    notice = b"Content-Type: text/disconnect-notice\nContent-Length: 4\n\nBye\n"
    path = tmp_path / "call.json.esl"
    path.write_bytes(LOGIN + b"".join(events) + notice)
    return path, [*events, notice]


def _play(replay: Replay) -> tuple[Diary, list[bytes], list[float]]:
    diary, sent, slept = Diary(asleep=True), list[bytes](), list[float]()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    asyncio.run(replay.run(sent.append, diary.pbx, sleep))
    return diary, sent, slept


def test_every_event_is_sent_byte_for_byte_and_the_login_is_not(tmp_path: Path) -> None:
    path, expected = _capture(tmp_path)
    _, sent, slept = _play(Replay(path))
    assert sent == expected
    assert 0 < max(slept) <= 5


def test_a_pause_follows_every_event(tmp_path: Path) -> None:
    path, expected = _capture(tmp_path)
    _, _, slept = _play(Replay(path, pause=0.1))
    assert slept == [0.1] * len(expected)


def test_the_tables_are_kept_as_the_events_tell(tmp_path: Path) -> None:
    path, _ = _capture(tmp_path)
    replay = Replay(path)
    diary = Diary(asleep=True)
    seen = list[tuple[int, int]]()

    async def sleep(_seconds: float) -> None:
        diary.pbx.now += 1_000_000
        database = diary.pbx.database
        seen.append((len(database.rows(diary.pbx.now, "channels")), len(database.calls(diary.pbx.now))))

    asyncio.run(replay.run(lambda _: None, diary.pbx, sleep))
    assert (2, 2) in seen
    assert (2, 1) in seen
    diary.pbx.now += 1_000_000
    assert diary.pbx.database.rows(diary.pbx.now, "channels") == []
    assert diary.pbx.legs == {}


def test_the_captured_switch_is_the_one_that_answers(tmp_path: Path) -> None:
    path, _ = _capture(tmp_path)
    assert Replay(path).core() == CORE


def test_a_plain_capture_is_sent_as_it_is(tmp_path: Path) -> None:
    event = Diary(seed=1).live(1).events[0].frame("plain")
    path = tmp_path / "call.plain.esl"
    path.write_bytes(LOGIN + event)
    _, sent, _ = _play(Replay(path))
    assert sent == [event]


def test_what_is_no_capture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.esl"
    for content, fault in (
        (LOGIN, "holds no event"),
        (b"no frame", "no end of headers"),
        (b"Content-Length: 9\n\nx", "cut short"),
    ):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=fault):
            Replay(path)


def test_frames_know_their_events() -> None:
    event = Diary(seed=1).live(1).events[0]
    (frame,) = frames(event.frame("json"))
    assert frame.event is not None
    assert frame.event.header("Event-Name") == event.name
    assert frame.micro == int(json.loads(event.frame("json").split(b"\n\n", 1)[1])["Event-Date-Timestamp"])
