"""lampfield_bus.node.backoff."""

from hypothesis import given
from hypothesis import strategies as st

from lampfield_bus.node.backoff import Backoff


def test_delays_double_up_to_five_seconds() -> None:
    backoff = Backoff(lambda: 1.0)
    assert [backoff.next(lasted=0.0) for _ in range(7)] == [0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0]


@given(st.floats(0.0, 1.0, exclude_max=True), st.integers(0, 100))
def test_jitter_cuts_at_most_half_and_never_adds(chance: float, attempts: int) -> None:
    plain, jittered = Backoff(lambda: 1.0), Backoff(lambda: chance)
    for _ in range(attempts):
        full = plain.next(lasted=0.0)
        assert full / 2 <= jittered.next(lasted=0.0) <= full <= 5.0


def test_a_connection_that_lasted_begins_anew_and_a_short_one_does_not() -> None:
    backoff = Backoff(lambda: 1.0)
    for _ in range(5):
        backoff.next(lasted=0.0)
    assert backoff.next(lasted=1.0) == 5.0
    assert backoff.next(lasted=10.0) == 0.25


def test_a_million_failures_do_no_harm() -> None:
    backoff = Backoff(lambda: 0.0)
    assert {backoff.next(lasted=0.0) for _ in range(100_000)} == {0.125, 0.25, 0.5, 1.0, 2.0, 2.5}
