"""Report: the frame topic at its pace, frames counted, health every 15 s."""

import itertools
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from lampfield_bus.messages import DisplayHealth
from lampfield_bus.node.arrivals import Message, ReadingBegan, ReadingEnded
from led_renderer.board import Board
from led_renderer.config import Panel
from led_renderer.frame import Frame
from led_renderer.report import HEALTH_MS, FrameCount, FrameReport, HealthReport, Readings, caption


def test_the_caption_says_what_is_seen_in_order_of_what_covers_what() -> None:
    board = Board(Panel(display="hall", width=32, height=8, timezone=ZoneInfo("UTC"), started_at=0))
    assert caption(board, 1000) == "hall: NO BUS"
    board.receive(ReadingBegan(), 1000)
    board.receive(ReadingEnded(complete=True), 1000)
    assert caption(board, 1000) == "hall: NO PBX"
    for topic, payload, expected in (
        ("cmd/notify", b'{"id": "n1", "text": "hello"}', "hall: notification n1"),
        ("cmd/identify", b"", "hall: identify"),
        ("cmd/power", b"off", "hall: off"),
    ):
        board.receive(Message(f"display/hall/{topic}", payload), 1000)
        board.tick(2000)
        assert caption(board, 2000) == expected


def frame(number: int) -> Frame:
    return Frame(8, 8, (number % 256,) * 8)


def test_a_frame_is_told_as_art_and_retained() -> None:
    (told,) = FrameReport("hall", 5).publications(frame(0x81), 0)
    assert (told.topic, told.payload, told.qos, told.retain) == ("display/hall/frame", b"#......#\n" * 8, 0, True)


def test_an_unchanged_frame_is_told_once() -> None:
    report = FrameReport("hall", 5)
    assert report.publications(frame(1), 0)
    assert not report.publications(frame(1), 10_000)
    assert report.due() is None


def test_a_frame_that_comes_too_early_waits_and_the_last_one_is_told() -> None:
    report = FrameReport("hall", 5)
    report.publications(frame(1), 1000)
    assert not report.publications(frame(2), 1050)
    assert not report.publications(frame(3), 1100)
    assert report.due() == 1200
    assert report.publications(frame(3), 1200)
    assert report.due() is None


def test_a_frame_that_changes_back_meanwhile_is_not_told() -> None:
    report = FrameReport("hall", 5)
    report.publications(frame(1), 0)
    report.publications(frame(2), 10)
    assert (report.publications(frame(1), 20), report.due()) == ([], None)


def test_zero_frames_a_second_deletes_the_topic_once() -> None:
    report = FrameReport("hall", 0)
    (deletion,) = report.publications(frame(1), 0)
    assert (deletion.topic, deletion.payload, deletion.retain) == ("display/hall/frame", b"", True)
    assert not report.publications(frame(2), 1000)
    assert report.due() is None


@given(st.lists(st.tuples(st.integers(1, 300), st.integers(0, 3)), max_size=60), st.sampled_from([1, 5, 30]))
def test_never_more_often_than_allowed_and_never_a_stale_one_at_rest(steps: list[tuple[int, int]], hz: int) -> None:
    report, ticks, told, number = FrameReport("hall", hz), 0, [], 0
    for pause, number in steps:
        ticks += pause
        told += [(ticks, sent.payload) for sent in report.publications(frame(number), ticks)]
    ticks += 1000
    told += [(ticks, sent.payload) for sent in report.publications(frame(number), ticks)]
    assert all(later - earlier >= 1000 / hz for (earlier, _), (later, _) in itertools.pairwise(told))
    assert told[-1][1] == str(frame(number)).encode()


def test_frames_are_counted_when_they_differ() -> None:
    count = FrameCount()
    for number in (1, 1, 2, 2, 1):
        count.shown(frame(number), 0, None)
    assert count.drawn == 3


def test_frames_in_time_are_not_skipped() -> None:
    count = FrameCount()
    for number in range(10):
        count.shown(frame(number), number * 33 + number % 3, 33)
    assert count.skipped == 0


def test_frames_that_were_due_meanwhile_are_skipped() -> None:
    count = FrameCount()
    count.shown(frame(1), 0, 40)
    count.shown(frame(2), 200, 40)
    assert count.skipped == 4


def test_a_still_page_skips_nothing() -> None:
    count = FrameCount()
    count.shown(frame(1), 0, None)
    count.shown(frame(1), 60_000, 1000)
    count.shown(frame(2), 61_500, None)
    assert count.skipped == 0


def test_health_is_told_at_once_and_then_every_15_seconds() -> None:
    report = HealthReport("hall", 5_000)
    readings = Readings(
        frames=9, skipped_frames=1, spi_bytes=640, spi_errors=2, messages=7, rejected=3, clock_skew=0.5, rss_bytes=1
    )
    assert report.is_due(5_000)
    (told,) = report.publications(readings, 1_700_000_000_000, 7_500)
    health = msgspec.json.decode(told.payload, type=DisplayHealth)
    assert (told.topic, health.at, health.uptime) == ("display/hall/health", "2023-11-14T22:13:20.000Z", 2.5)
    assert (health.frames, health.skipped_frames, health.spi_bytes, health.spi_errors) == (9, 1, 640, 2)
    assert (health.messages, health.rejected, health.clock_skew, health.rss_bytes) == (7, 3, 0.5, 1)
    assert not report.is_due(7_500 + HEALTH_MS - 1)
    assert report.is_due(7_500 + HEALTH_MS)
