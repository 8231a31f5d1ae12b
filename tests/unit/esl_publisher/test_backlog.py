from hypothesis import given
from hypothesis import strategies as st

from esl_publisher.answers import Answer
from esl_publisher.backlog import Backlog, Overflow


def drain(backlog: Backlog, limit: int = 10) -> list[list[bytes] | Answer | Overflow]:
    taken = []
    while (item := backlog.take(limit)) is not None:
        taken.append(item)
    return taken


def test_events_come_in_batches_in_their_order() -> None:
    backlog = Backlog()
    for body in (b"a", b"b", b"c"):
        backlog.put(body)

    assert drain(backlog, limit=2) == [[b"a", b"b"], [b"c"]]
    assert len(backlog) == 0


def test_an_answer_keeps_its_place_among_events() -> None:
    backlog = Backlog()
    for item in (b"a", Answer("j", b"x"), b"b"):
        backlog.put(item)

    assert drain(backlog) == [[b"a"], Answer("j", b"x"), [b"b"]]


def test_a_full_backlog_is_emptied_and_what_is_missing_counted() -> None:
    backlog = Backlog(max_events=3)
    for number in range(4):
        backlog.put(b"%d" % number)

    assert drain(backlog) == [Overflow(3), [b"3"]]
    assert backlog.dropped == 3


def test_answers_survive_an_overflow() -> None:
    backlog = Backlog(max_events=2)
    for item in (b"a", Answer("j", b"x"), b"b"):
        backlog.put(item)

    assert drain(backlog) == [Answer("j", b"x"), Overflow(1), [b"b"]]


def test_a_second_overflow_adds_to_the_first_that_nobody_saw() -> None:
    backlog = Backlog(max_events=3)
    for number in range(8):
        backlog.put(b"%d" % number)

    first = backlog.take(10)
    assert isinstance(first, Overflow)
    rest = drain(backlog)
    assert first.dropped + sum(len(item) for item in rest if isinstance(item, list)) == 8
    assert backlog.dropped == first.dropped


def test_bytes_are_bounded_too() -> None:
    backlog = Backlog(max_bytes=10)
    backlog.put(b"12345678")
    backlog.put(b"90")
    backlog.put(b"x")

    assert drain(backlog) == [Overflow(2), [b"x"]]


def test_one_event_larger_than_the_bound_still_passes() -> None:
    backlog = Backlog(max_bytes=10)
    backlog.put(b"x" * 18)

    assert drain(backlog) == [[b"x" * 18]]


def test_clear_forgets_all() -> None:
    backlog = Backlog(max_bytes=4)
    backlog.put(b"abcd")
    backlog.clear()
    backlog.put(b"efgh")

    assert drain(backlog) == [[b"efgh"]]
    assert backlog.dropped == 0


@given(st.lists(st.one_of(st.integers(0, 20), st.none(), st.just(-1)), max_size=60))
def test_every_event_is_taken_or_counted_and_bounds_hold(steps: list[int | None]) -> None:
    backlog = Backlog(max_events=5, max_bytes=40)
    put = taken = told = 0
    for step in steps:
        if step is None:
            item = backlog.take(3)
            taken += len(item) if isinstance(item, list) else 0
            told += item.dropped if isinstance(item, Overflow) else 0
        else:
            backlog.put(Answer("j", b"") if step < 0 else b"x" * step)
            put += step >= 0
    for item in drain(backlog):
        taken += len(item) if isinstance(item, list) else 0
        told += item.dropped if isinstance(item, Overflow) else 0
    assert taken + told == put
    assert told == backlog.dropped
