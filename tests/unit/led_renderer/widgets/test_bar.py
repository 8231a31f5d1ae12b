"""A value against a limit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from led_renderer.digits import number
from led_renderer.frame import Frame
from led_renderer.view import CallCounts, View
from led_renderer.widgets import Options, Size, bar
from support import views
from support.gallery import BERLIN
from support.views import AT


def page(
    active: int, limit: float = 30, size: Size = (64, 8), at: int = AT, value: str = "calls.active"
) -> tuple[Frame, int | None]:
    options = Options(timezone=BERLIN, value=value, limit=limit)
    return bar.draw(View(CallCounts(active=active)), size, at, options)


def filled(frame: Frame) -> int:
    """Lit columns in the middle row of the bar, without its ends, on a panel of 64x8 with two digits."""
    assert frame.lit(13, 4), "the left end"
    assert frame.lit(63, 4), "the right end"
    return sum(frame.lit(x, 4) for x in range(14, 63))


def test_the_number_stands_before_the_bar_at_the_right_of_its_field() -> None:
    assert page(7)[0].crop(0, 0, 11, 7) == Frame(11, 7).over(number("7", "5x7"), 6)
    assert page(14)[0].crop(0, 0, 11, 7) == number("14", "5x7")


@given(st.integers(0, 40))
def test_the_bar_is_empty_at_zero_full_at_the_limit_and_never_else(active: int) -> None:
    lit = filled(page(active)[0])
    assert (lit == 0) == (active == 0)
    assert (lit == 49) == (active >= 30)


def test_it_grows_with_the_value() -> None:
    lit = [filled(page(active)[0]) for active in range(31)]
    assert lit == sorted(lit)
    assert lit[15] in (24, 25)


def test_over_the_limit_it_blinks_once_a_second() -> None:
    lit, first = page(31)
    dark, second = page(31, at=AT + 500)
    assert (first, second) == (AT + 500, AT + 1_000)
    assert (filled(lit), filled(dark)) == (49, 0)
    assert page(30)[1] is None


@pytest.mark.parametrize("value", ["queue.gone.waiting", "gateway.gone.ping_ms", "today.missed"])
def test_a_value_that_is_not_there_is_a_dash_and_an_empty_bar(value: str) -> None:
    frame, following = page(9, value=value)
    assert filled(frame) == 0
    assert frame.crop(0, 0, 11, 7) == Frame(11, 7).over(number("-", "5x7"), 7)
    assert following is None


def test_an_age_counts() -> None:
    view = View(queues=(views.queue("q", longest_wait_since=AT - 12_400),))
    options = Options(timezone=BERLIN, value="queue.q.longest_wait_since", limit=20)
    assert bar.draw(view, (64, 8), AT, options)[0].crop(0, 0, 11, 7) == number("12", "5x7")
    assert bar.draw(view, (64, 8), AT, options)[1] == AT + 600


def test_a_small_panel_has_the_number_above() -> None:
    frame = page(14, size=(8, 8))[0]
    assert frame.crop(0, 0, 7, 5) == number("14", "3x5")
    assert frame.rows[6:] == (0b11110000, 0b11110001)


@pytest.mark.parametrize("limit", [0, -1, float("nan")])
def test_a_limit_that_is_none_is_refused(limit: float) -> None:
    with pytest.raises(ValueError, match="limit: "):
        page(1, limit=limit)
