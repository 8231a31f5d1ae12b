from zoneinfo import ZoneInfo

from esl_publisher.counters import Counters
from esl_publisher.publish import Publisher
from esl_publisher.restore import Restored, read
from support.switchboard import Switchboard, replay

MINUTE = 60_000
NOON = 1_795_348_800_000  # 2026-11-22 12:00 UTC


def topics(counters: Counters, publisher: Publisher) -> list[str]:
    """What is published now, by its last word."""
    counters.publish(publisher)
    return [publication.topic.rpartition("/")[2] for publication in publisher.take()]


def test_everything_is_told_at_first_and_then_what_changed() -> None:
    counters, publisher = Counters(ZoneInfo("UTC")), Publisher("main", hide_numbers=False)
    assert counters.due() is None
    assert counters.turn(NOON, 0) == []
    assert topics(counters, publisher) == ["today", "history", "recent"]

    assert counters.turn(NOON + 1, 0) is None
    assert topics(counters, publisher) == []
    counters.note(1)
    assert topics(counters, publisher) == ["today"]
    assert counters.due() == NOON + MINUTE
    counters.turn(NOON + MINUTE, 1)
    assert topics(counters, publisher) == ["history"]


def test_the_hour_is_told_once_a_minute_whatever_happens() -> None:
    board = replay("shutdown_sigterm")
    times = [at // MINUTE for at, publication in board.published if publication.topic.endswith("/history")]

    assert len(times) == len(set(times))


def test_an_earlier_run_is_gone_on_with() -> None:
    before = replay("callcenter")
    at = before.published[-1][0]
    board = Switchboard()
    counters, publisher = Counters(ZoneInfo("UTC")), Publisher("main", hide_numbers=False)
    counters.turn(at, 0)
    restored = read(before.retained, "main")
    counters.restore(restored, restored.recent)
    counters.publish(publisher)
    board._keep(publisher.take(), at)

    for topic in ("today", "history", "recent"):
        assert board.read(topic) == before.read(topic)


def test_where_nothing_was_retained_everything_begins_with_nothing() -> None:
    counters, publisher = Counters(ZoneInfo("UTC")), Publisher("main", hide_numbers=False)
    counters.turn(NOON, 0)
    counters.restore(Restored(), [])
    counters.publish(publisher)

    assert [publication.payload for publication in publisher.take()][-1] == b"[]"
