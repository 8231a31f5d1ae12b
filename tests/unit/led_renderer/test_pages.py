"""Turns are counted from the epoch: whoever asks at the same instant is told the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from led_renderer.pages import DEFAULT, Page, breather_ms, rotation, turn
from led_renderer.view import Lamp, View

PAGES = (Page(name="a", widget="calls", seconds=10), Page(name="b", widget="clock", seconds=5))


def test_each_page_has_its_seconds_counted_from_the_epoch() -> None:
    assert [turn(PAGES, now).page.name for now in (0, 9_999, 10_000, 14_999, 15_000, 15_000_000)] == list("aabbaa")
    assert turn(PAGES, 1_234_567_890_123) == turn(PAGES, 1_234_567_890_123)


@given(st.integers(0, 10**14))
def test_a_turn_holds_the_instant_it_was_asked_for(now: int) -> None:
    present = turn(PAGES, now)
    assert present.ends is not None
    assert present.begins <= now < present.ends
    assert turn(PAGES, present.ends).page is not present.page


def test_a_page_that_stays_and_a_page_that_is_alone_never_end() -> None:
    assert turn(PAGES, 12_000, "a") == (PAGES[0], 0, None)
    assert turn(PAGES[:1], 12_000).ends is None
    assert turn(PAGES, 12_000, "unknown").page.name == "b"


def test_no_page_is_an_error() -> None:
    with pytest.raises(ValueError, match="pages"):
        turn((), 0)


def test_lamps_wait_for_the_first_extension() -> None:
    assert [page.name for page in rotation(DEFAULT, View())] == ["calls", "clock"]
    assert [page.name for page in rotation(DEFAULT, View(lamps=(Lamp("1000"),)))] == ["calls", "lamps", "clock"]


@given(st.integers(0, 10**9))
def test_a_breather_holds_one_whole_turn(now: int) -> None:
    until = now + breather_ms(PAGES, now)
    following = turn(PAGES, now).ends
    assert following is not None
    assert turn(PAGES, following).ends == until


def test_a_page_without_an_end_is_seen_for_its_seconds() -> None:
    assert breather_ms(PAGES, 3_000, "b") == 5_000
