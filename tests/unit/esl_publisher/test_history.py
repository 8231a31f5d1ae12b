import pytest
from hypothesis import given
from hypothesis import strategies as st

from esl_publisher.history import History

MINUTE = 60_000
T0 = 1_795_348_800_000  # 2026-11-22 12:00 UTC


def test_a_minute_has_its_highest_number_of_calls() -> None:
    history = History()
    assert history.due() is None
    assert history.turn(T0)
    for total in (1, 3, 2):
        history.note(total)
    assert not history.turn(T0 + MINUTE - 1)
    assert history.due() == T0 + MINUTE

    assert history.turn(T0 + MINUTE)

    message = history.message()
    assert message.until == "2026-11-22T12:01:00.000Z"
    assert message.minutes == [0] * 59 + [3]


def test_calls_that_go_on_count_in_every_minute() -> None:
    history = History()
    history.turn(T0)
    history.note(2)
    history.turn(T0 + 3 * MINUTE)
    history.note(1)
    history.turn(T0 + 4 * MINUTE)
    history.turn(T0 + 5 * MINUTE)

    assert history.message().minutes[-6:] == [0, 2, 2, 2, 2, 1]


def test_a_later_run_goes_on_and_its_absence_is_empty() -> None:
    history = History()
    history.turn(T0)
    history.note(5)
    history.turn(T0 + MINUTE)

    later = History()
    later.turn(T0 + 3 * MINUTE)
    later.restore(history.message())

    assert later.message().minutes[-4:] == [0, 5, 0, 0]
    assert later.message().until == "2026-11-22T12:03:00.000Z"


@pytest.mark.parametrize("hours", [2, 50_000])
def test_after_a_long_absence_nothing_is_left(hours: int) -> None:
    history = History()
    history.turn(T0)
    history.note(5)
    history.turn(T0 + MINUTE)

    later = History()
    later.turn(T0 + hours * 60 * MINUTE)
    later.restore(history.message())

    assert later.message().minutes == [0] * 60


def test_a_clock_that_was_set_back_finishes_no_minute() -> None:
    history = History()
    history.turn(T0)
    history.note(4)
    assert history.turn(T0 - 10 * MINUTE)

    assert history.message().minutes == [0] * 60
    assert history.due() == T0 - 9 * MINUTE


@given(st.lists(st.tuples(st.integers(0, 10 * MINUTE), st.integers(0, 9)), max_size=30))
def test_there_are_always_sixty_minutes_and_none_is_above_the_highest(steps: list[tuple[int, int]]) -> None:
    history, at, highest = History(), T0, 0
    for step, total in steps:
        at += step
        history.turn(at)
        history.note(total)
        highest = max(highest, total)
        message = history.message()
        assert len(message.minutes) == 60
        assert max(message.minutes) <= highest
