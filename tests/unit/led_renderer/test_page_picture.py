"""A page as a picture: icon, level, change."""

from itertools import pairwise
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from led_renderer.frame import Frame
from led_renderer.icons import icon
from led_renderer.page_picture import changed, drawn, levelled
from led_renderer.pages import Page, Turn
from led_renderer.transitions import TRANSITION_MS
from led_renderer.view import CallCounts, View
from support.boards import UTC
from support.panel import depicts

VIEW = View(CallCounts(active=12))
NOW = 1_795_388_313_000
PICTURE = Frame(32, 8, (0b1011, 1))


def test_an_icon_stands_left_of_a_text_with_values_and_of_a_widget() -> None:
    text = Turn(Page(name="x", widget="text", template="{calls.active}", icon="check"), 0, None)
    frame, _ = drawn(text, VIEW, (32, 8), NOW, UTC)
    assert depicts(str(frame), "12")
    clock = Turn(Page(name="x", widget="clock", icon="check"), 0, None)
    frame, _ = drawn(clock, VIEW, (64, 8), NOW, UTC)
    assert frame.crop(0, 0, 8, 8) == icon("check")
    plain, _ = drawn(Turn(Page(name="x", widget="clock"), 0, None), VIEW, (56, 8), NOW, UTC)
    assert frame.crop(8, 0, 56, 8) == plain


def test_a_panel_of_one_module_has_no_room_for_an_icon() -> None:
    page = Page(name="x", widget="clock")
    bare = drawn(Turn(page, 0, None), VIEW, (8, 8), NOW, UTC)
    assert drawn(Turn(Page(name="x", widget="clock", icon="check"), 0, None), VIEW, (8, 8), NOW, UTC) == bare


def test_speed_is_the_page_s_own() -> None:
    long = "a text that is far too wide for any panel"
    slow = Turn(Page(name="x", widget="text", template=long, speed=1), NOW, None)
    fast = Turn(Page(name="x", widget="text", template=long), NOW, None)
    at = NOW + 1_900
    assert drawn(slow, VIEW, (32, 8), at, UTC)[0] == drawn(slow, VIEW, (32, 8), NOW, UTC)[0]
    assert drawn(fast, VIEW, (32, 8), at, UTC)[0] != drawn(fast, VIEW, (32, 8), NOW, UTC)[0]


def test_warn_is_the_negative_and_crit_changes_once_a_second_by_the_clock() -> None:
    assert levelled((PICTURE, 7), None, NOW) == (PICTURE, 7)
    assert levelled((PICTURE, 7), "warn", NOW) == (PICTURE.inverted(), 7)
    frames = [levelled((PICTURE, None), "crit", NOW + ms)[0] for ms in range(0, 10_000, 10)]
    assert sum(one != other for one, other in pairwise(frames)) == 19
    assert set(map(str, frames)) == {str(PICTURE), str(PICTURE.inverted())}
    assert levelled((PICTURE, None), "crit", NOW)[1] == NOW + 500


@pytest.mark.parametrize("kind", ["slide", "wipe"])
@given(st.integers(0, 20_000))
def test_a_change_of_pages_costs_no_frame_once_it_is_over(kind: Literal["slide", "wipe"], after: int) -> None:
    present = Turn(Page(name="x", widget="clock"), NOW, NOW + 30_000)
    asked = []

    def before() -> Frame:
        asked.append(1)
        return Frame(32, 8)

    frame, change = changed(kind, present, (PICTURE, None), before, NOW + after)
    if after >= TRANSITION_MS:
        assert (frame, change, asked) == (PICTURE, None, [])
    else:
        assert change is not None
        assert NOW + after < change <= NOW + TRANSITION_MS


def test_a_cut_and_a_page_that_never_began_change_at_once() -> None:
    page = Page(name="x", widget="clock")
    for kind, present in (("cut", Turn(page, NOW, NOW + 9)), ("wipe", Turn(page, 0, None))):
        assert changed(kind, present, (PICTURE, 5), lambda: Frame(32, 8), NOW) == (PICTURE, 5)  # type: ignore[arg-type]  # literals by name
