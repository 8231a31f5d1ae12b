"""The number of calls."""

import pytest

from led_renderer.digits import Face, number
from led_renderer.frame import Frame
from led_renderer.icons import icon
from led_renderer.view import CallCounts, View
from led_renderer.widgets import Options, Size, calls
from support.gallery import BERLIN
from support.views import AT

OPTIONS = Options(timezone=BERLIN)


def drawn(size: Size, at: int = AT, **counts: int) -> Frame:
    return calls.draw(View(CallCounts(**counts)), size, at, OPTIONS)[0]


@pytest.mark.parametrize(("size", "face"), [((16, 8), "3x7"), ((32, 8), "5x7")])
@pytest.mark.parametrize("total", [0, 7, 42])
def test_handset_at_the_left_number_at_the_right(size: Size, face: Face, total: int) -> None:
    picture = number(str(total), face)
    expected = Frame(*size).over(icon("handset")).over(picture, size[0] - picture.width)
    assert drawn(size, active=total) == expected


def test_units_stay_where_they_are_when_a_digit_is_added() -> None:
    for size, columns in (((16, 8), 3), ((32, 8), 5)):
        nine, ten = drawn(size, active=3), drawn(size, active=13)
        assert nine.crop(size[0] - columns, 0, columns, 8) == ten.crop(size[0] - columns, 0, columns, 8)


def test_all_live_calls_are_counted() -> None:
    assert drawn((32, 8), ringing=0, waiting=2, active=3, held=4) == drawn((32, 8), active=9)


def test_the_handset_shakes_while_one_rings() -> None:
    view = View(CallCounts(ringing=1))
    at_rest, first = calls.draw(view, (32, 8), AT, OPTIONS)
    shaken, second = calls.draw(view, (32, 8), AT + 250, OPTIONS)
    assert (first, second) == (AT + 250, AT + 500)
    assert at_rest.crop(0, 0, 8, 8) == icon("handset")
    assert shaken.crop(1, 0, 8, 8) == icon("handset")
    assert at_rest.crop(10, 0, 22, 8) == shaken.crop(10, 0, 22, 8)


@pytest.mark.parametrize("size", [(16, 8), (32, 16)])
def test_where_digits_are_close_it_hops_instead(size: Size) -> None:
    factor = size[1] // 8
    shaken = drawn(size, AT + 250, ringing=42)
    assert shaken.crop(0, factor, 8 * factor, 7 * factor) == icon("handset").stretched(factor).crop(
        0, 0, 8 * factor, 7 * factor
    )
    assert shaken.crop(8 * factor, 0, factor, size[1]).dark


def test_it_stands_still_while_none_rings() -> None:
    assert calls.draw(View(CallCounts(waiting=1, active=2, held=3)), (32, 8), AT, OPTIONS)[1] is None


def test_the_smallest_panel_shows_the_number_alone_and_blinks_its_last_row() -> None:
    assert drawn((8, 8), active=7) == Frame(8, 8).over(number("7", "5x7"), 2)
    assert drawn((8, 8), active=42) == Frame(8, 8).over(number("42", "3x7"), 1)
    assert drawn((8, 8), AT, ringing=7) == drawn((8, 8), active=7)
    assert drawn((8, 8), AT + 250, ringing=7) == drawn((8, 8), active=7).over(Frame(8, 1, [0xFF]), 0, 7)


def test_what_has_no_room_is_not_cut_but_marked() -> None:
    assert drawn((8, 8), active=100) == Frame(8, 8).over(number("++", "3x7"), 1)
    assert drawn((16, 8), active=12_345) == Frame(16, 8).over(number("++", "3x7"), 9)


def test_three_digits_on_two_modules_take_the_place_of_the_handset() -> None:
    assert drawn((16, 8), active=187) == Frame(16, 8).over(number("187", "3x7"), 5)
    ringing = drawn((16, 8), AT + 250, ringing=187)
    assert ringing.rows[7] == 0xFFFF


@pytest.mark.parametrize("size", [(64, 8), (128, 8), (64, 32)])
def test_wide_panels_tell_those_that_ring_wait_and_are_held(size: Size) -> None:
    plain = drawn(size, active=9)
    for state in ("waiting", "held"):
        assert drawn(size, active=7, **{state: 2}) != plain
    frames = [drawn(size, active=7, **{state: 2}) for state in ("ringing", "waiting", "held")]
    assert len(set(frames)) == 3


def test_a_part_does_not_move_when_another_comes_or_goes() -> None:
    alone = drawn((128, 8), active=7, held=2)
    both = drawn((128, 8), active=5, waiting=2, held=2)
    assert both.over(alone) == both


@pytest.mark.parametrize(("size", "face"), [((8, 8), "5x7"), ((16, 8), "3x7"), ((32, 8), "5x7"), ((128, 8), "5x7")])
def test_what_nobody_has_told_is_a_dash_and_no_zero(size: Size, face: Face) -> None:
    frame, change = calls.draw(View(), size, AT, OPTIONS)
    assert change is None
    assert frame != drawn(size)
    dash = number("-", face)
    right = {8: 6, 128: 27}.get(size[0], size[0])
    assert frame.crop(right - dash.width, 0, dash.width, 7) == dash.crop(0, 0, dash.width, 7)
