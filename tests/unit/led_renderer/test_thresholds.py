"""Two thresholds with hysteresis."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from led_renderer.thresholds import Level, Threshold, crossing, level

SEVERITY: dict[Level | None, int] = {None: 0, "warn": 1, "crit": 2}
WARN, CRIT = Threshold(5, 3), Threshold(10, 8)


def walk(*values: float | None, warn: Threshold | None = WARN, crit: Threshold | None = CRIT) -> list[Level | None]:
    levels: list[Level | None] = [None]
    for value in values:
        levels.append(level(value, warn, crit, levels[-1]))
    return levels[1:]


def test_it_comes_at_its_value_and_goes_at_its_clear() -> None:
    assert walk(4, 5, 4, 3, 4, 5) == [None, "warn", "warn", None, None, "warn"]
    assert walk(10, 9, 8, 4, 3) == ["crit", "crit", "warn", "warn", None]


def test_small_values_can_be_the_bad_ones() -> None:
    assert walk(3, 1, 2, 3, 0, warn=Threshold(1, 3), crit=Threshold(0, 1)) == [None, "warn", "warn", None, "crit"]


@pytest.mark.parametrize("value", [None, "", "many"])
def test_a_value_that_is_not_there_has_no_level(value: str | None) -> None:
    assert level(value, WARN, CRIT, "crit") is None


@given(st.lists(st.integers(-5, 20), max_size=30))
def test_outside_the_bands_the_past_does_not_matter(values: list[int]) -> None:
    for value, reached in zip(values, walk(*values), strict=True):
        if value >= 10:
            assert reached == "crit"
        if value <= 3:
            assert reached is None
        assert SEVERITY[reached] <= SEVERITY[level(value, WARN, CRIT, "crit")]


def test_what_grows_crosses_next_at() -> None:
    assert [crossing(value, WARN, CRIT) for value in (0, 5, 9.5, 10)] == [5, 10, 10, None]
    assert crossing(0, Threshold(1, 3), None) == 3
    assert crossing(0, None, None) is None
