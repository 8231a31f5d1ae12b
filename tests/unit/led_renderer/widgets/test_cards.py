"""Figures side by side, in rows, and in turn."""

import pytest

from led_renderer.digits import number
from led_renderer.frame import Frame
from led_renderer.icons import icon
from led_renderer.text import strip
from led_renderer.widgets import Options, Size
from led_renderer.widgets.cards import MOST, TITLE_MS, Card, Figure, counted, drawn
from support.gallery import BERLIN
from support.views import AT

OPTIONS = Options(timezone=BERLIN, since=AT)
TWO = (counted("check", 7), counted("missed", 3))


def picture(card: Card, size: Size, after: int = 0) -> Frame:
    return drawn((card,), size, AT + after, OPTIONS)[0]


def test_what_fits_stands_side_by_side_and_still() -> None:
    frame, following = drawn((Card(TWO),), (64, 8), AT, OPTIONS)
    assert following is None
    assert frame.crop(0, 0, 8, 8) == icon("check")
    assert frame.crop(16, 0, 5, 7) == number("7", "5x7"), "at the right end of a field for two digits"
    assert frame.crop(43, 0, 8, 8) == icon("missed")
    assert frame.crop(59, 0, 5, 7) == number("3", "5x7")


def test_what_does_not_fit_takes_turns_that_count_from_the_beginning_of_the_page() -> None:
    first, change = drawn((Card(TWO),), (32, 8), AT, OPTIONS)
    assert change == AT + 4_000
    second, change = drawn((Card(TWO),), (32, 8), AT + 4_000, OPTIONS)
    assert change == AT + 8_000
    assert first == picture(Card(TWO[:1]), (32, 8))
    assert second == picture(Card(TWO[1:]), (32, 8))
    assert drawn((Card(TWO),), (32, 8), AT + 8_000, OPTIONS)[0] == first
    assert drawn((Card(TWO),), (32, 8), AT - 1, OPTIONS)[0] == second, "a clock that is a little behind"


def test_on_a_single_module_an_icon_comes_before_its_number() -> None:
    card = Card((counted("queue", 42),))
    assert drawn((card,), (8, 8), AT, OPTIONS) == (icon("queue"), AT + 1_000)
    assert drawn((card,), (8, 8), AT + 1_000, OPTIONS) == (Frame(8, 8).over(number("42", "3x7")), AT + 8_000)


def test_an_age_without_room_is_its_minutes_above_a_line_of_seconds() -> None:
    frame = picture(Card((Figure("clock", "7:30", "00:00"),)), (8, 8), 1_000)
    assert frame == Frame(8, 8).over(number("7", "3x7"), 5).over(Frame(4, 1, [0b1111]), 0, 7)


def test_sixteen_columns_hold_minutes_and_seconds() -> None:
    card = Card((Figure("clock", "12:34", "00:00", alone=True),))
    frame = picture(card, (16, 8), 1_000)
    assert frame.crop(0, 0, 7, 8) == Frame(7, 8).over(number("12", "3x7"))
    assert frame.crop(9, 0, 7, 8) == Frame(7, 8).over(number("34", "3x7"))
    assert frame.crop(7, 7, 2, 1) == Frame(2, 1, [0b11])


def test_a_number_that_is_wider_than_the_panel_scrolls() -> None:
    card = Card((counted("check", 123_456),))
    (first, change), (moved, _) = (drawn((card,), (8, 8), AT + after, OPTIONS) for after in (1_000, 2_500))
    assert change == AT + 2_034
    assert moved != first


@pytest.mark.parametrize(("size", "factor", "top"), [((64, 24), 2, 0), ((64, 32), 2, 4), ((128, 64), 4, 8)])
def test_walls_have_the_headline_grown_and_the_others_at_the_foot(size: Size, factor: int, top: int) -> None:
    frame = picture(Card(TWO), size)
    width = (8 + 2 + 11) * factor
    left = (size[0] // factor - 21) // 2 * factor
    mark = icon("check").stretched(factor)
    assert frame.crop(left, top, mark.width, mark.height) == mark
    assert frame.crop(left + width - 5 * factor, top, 5 * factor, 7 * factor) == number("7", "5x7", factor)
    foot = frame.crop(0, size[1] - 8 * (factor // 2), size[0], 8 * (factor // 2))
    assert foot == picture(Card(TWO[1:]), (64, 8)).stretched(factor // 2)


def test_two_rows_have_the_headline_above() -> None:
    frame = picture(Card(TWO), (32, 16))
    assert frame.crop(0, 0, 32, 8) == picture(Card(TWO[:1]), (32, 8))
    assert frame.crop(0, 8, 32, 8) == picture(Card(TWO[1:]), (32, 8))


def test_a_title_stands_before_the_figures_above_them_or_comes_first() -> None:
    card = Card(TWO, "sales")
    title = strip("sales")
    assert picture(card, (128, 8)).crop(0, 0, title.width, 8) == title
    assert picture(card, (64, 32)).crop((64 - title.width) // 2, 0, title.width, 8) == title
    frame, change = drawn((card,), (32, 8), AT, OPTIONS)
    assert frame == Frame(32, 8).over(title, (32 - title.width) // 2)
    assert change == AT + TITLE_MS
    assert drawn((card,), (32, 8), AT + TITLE_MS, OPTIONS)[0] == picture(Card(TWO[:1]), (32, 8))


def test_cards_take_turns_and_share_the_time() -> None:
    cards = (Card(TWO), Card(TWO[:1]))
    first, change = drawn(cards, (64, 8), AT, OPTIONS)
    assert change == AT + 5_000
    second, following = drawn(cards, (64, 8), change, OPTIONS)
    assert following == AT + 10_000
    assert {first, second} == {picture(card, (64, 8)) for card in cards}


def test_each_of_many_cards_is_seen_on_pages_that_come_round_again() -> None:
    cards = tuple(Card((counted("check", number),)) for number in range(7))
    for rotation in (20_000, 35_000, 70_000):
        seen = set()
        for turn in range(60):
            since = AT + turn * rotation
            seen.add(drawn(cards, (64, 8), since, Options(timezone=BERLIN, since=since))[0])
        assert len(seen) == 7, "also where a page shows only the first of them"


def test_hundreds_of_cards_cost_no_more_than_twenty() -> None:
    cards = tuple(Card((counted("check", number),)) for number in range(300))
    seen, now = set(), AT
    for _ in range(30):
        frame, change = drawn(cards, (64, 8), now, OPTIONS)
        seen.add(frame)
        assert change is not None
        now = change
    assert len(seen) == MOST


def test_numbers_do_not_jump_when_a_digit_is_added() -> None:
    nine, ten = (picture(Card((counted("check", count), TWO[1])), (64, 8)) for count in (9, 19))
    assert nine.crop(16, 0, 48, 8) == ten.crop(16, 0, 48, 8)
