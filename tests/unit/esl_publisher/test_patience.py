from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from esl_publisher.patience import LONGEST, STEPS, Patience


def asked_until_over(received: Iterable[int], before: int = 0) -> int | None:
    patience = Patience(before)
    return next((number for number, bytes_ in enumerate(received, 1) if patience.is_over(bytes_)), None)


def test_silence_is_over_after_one_limit() -> None:
    assert asked_until_over([7] * 100, before=7) == STEPS


def test_whatever_comes_begins_the_limit_anew() -> None:
    assert asked_until_over([0] * (STEPS - 1) + [1] * 100) == 2 * STEPS


def test_a_stream_without_the_answer_is_over_all_the_same() -> None:
    assert asked_until_over(range(1, 1000)) == STEPS * LONGEST


@given(st.lists(st.integers(0, 2), min_size=STEPS * LONGEST))
def test_it_always_ends_and_never_sooner_than_one_limit(steps: list[int]) -> None:
    total = [sum(steps[: number + 1]) for number in range(len(steps))]

    over = asked_until_over(total)

    assert over is not None
    assert STEPS <= over <= STEPS * LONGEST
