import pytest

from call_control.web.facts import WebCall
from call_control.web.feed import Feed


def call(number: int) -> WebCall:
    return WebCall(
        id=str(number), kind="click", owner="reception", caller="1000", callee="1001", state="ringing", started_at=0
    )


def test_who_was_away_gets_what_he_missed() -> None:
    feed = Feed("run")
    changes = [feed.add(call(number)) for number in range(4)]
    assert feed.since(changes[1].number) == changes[2:]
    assert feed.since(feed.now) == []
    assert feed.since("run-0") == changes


def test_and_nothing_when_too_much_has_happened() -> None:
    feed = Feed("run", kept=2)
    changes = [feed.add(call(number)) for number in range(4)]
    assert feed.since(changes[0].number) is None
    assert feed.since(changes[1].number) == changes[2:]


@pytest.mark.parametrize("number", ["", "run", "other-1", "run-9", "run--1", "run-x", "run-\u0661", "run-" + "9" * 40])
def test_a_number_of_nobody_s_is_not_known(number: str) -> None:
    feed = Feed("run")
    feed.add(call(1))
    assert feed.since(number) is None
