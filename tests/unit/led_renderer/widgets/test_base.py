"""What widgets share."""

from hypothesis import given
from hypothesis import strategies as st

from led_renderer.widgets.base import phase


@given(st.integers(0, 4_000_000_000_000), st.sampled_from([(500, 2), (1_000, 2), (1_000, 4), (4_000, 2), (12_000, 3)]))
def test_a_phase_lasts_until_the_instant_that_is_told(now: int, rhythm: tuple[int, int]) -> None:
    period, parts = rhythm
    part, following = phase(now, period, parts)
    assert now < following <= now + period // parts
    assert phase(following - 1, period, parts) == (part, following)
    assert phase(following, period, parts)[0] == (part + 1) % parts


def test_phases_count_from_the_epoch() -> None:
    assert phase(0, 500) == (0, 250)
    assert phase(749, 500) == (0, 750)
    assert phase(250, 500) == (1, 500)
