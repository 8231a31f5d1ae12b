"""A notification as it looks: icon, text, effect; and how long it is to be seen."""

from itertools import pairwise
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from led_renderer import line, notice
from led_renderer.commands import Notification, Priority
from led_renderer.frame import Frame
from led_renderer.icons import icon
from led_renderer.text import strip

AT = 1_796_052_480_000
SIZES = [(8, 8), (16, 8), (32, 8), (64, 8), (128, 8), (32, 16), (64, 32)]
LONG = "somebody waits at the back door and would like to come in"


def note(
    text: str = "tea", *, icon: str | None = None, priority: Priority = "info",
    effect: Literal["none", "blink", "invert"] = "none",
) -> Notification:  # fmt: skip
    return Notification(id="n", text=text, icon=icon, priority=priority, effect=effect)


@pytest.mark.parametrize("width", [32, 64, 128])
def test_an_icon_stands_before_its_text_both_in_the_middle(width: int) -> None:
    frame, change = notice.drawn(note(icon="warning"), (width, 8), AT, AT)
    text = strip("tea")
    left = (width - 10 - text.width) // 2
    assert frame == Frame(width, 8).over(icon("warning"), left).over(text, left + 10)
    assert change is None


def test_an_icon_grows_with_its_text() -> None:
    frame, _ = notice.drawn(note("2", icon="queue"), (64, 32), AT, AT)
    digit = strip("2")
    left = (64 - 4 * (10 + digit.width)) // 2
    assert frame == Frame(64, 32).over(icon("queue").stretched(4), left).over(digit.stretched(4), left + 40)


def test_beside_a_text_that_scrolls_an_icon_stays_small() -> None:
    frame, _ = notice.drawn(note(LONG, icon="queue"), (128, 16), AT, AT)
    assert frame.crop(0, 0, 10, 16) == Frame(10, 16).over(icon("queue"), 0, 4)


def test_on_one_module_the_text_comes_before_the_icon() -> None:
    assert notice.drawn(note(icon="warning"), (8, 8), AT, AT) == notice.drawn(note(), (8, 8), AT, AT)


def test_critical_flashes_between_the_text_and_its_negative_at_one_hertz() -> None:
    frames = [notice.drawn(note(priority="critical"), (32, 8), AT, AT + at)[0] for at in range(0, 2_000, 100)]
    assert frames[5] == frames[0].inverted()
    assert sum(a != b for a, b in pairwise(frames)) == 3


def test_blink_goes_dark_and_invert_stays() -> None:
    plain = notice.drawn(note(), (32, 8), AT, AT)[0]
    assert notice.drawn(note(effect="blink"), (32, 8), AT, AT) == (plain, AT + 500)
    assert notice.drawn(note(effect="blink"), (32, 8), AT, AT + 500) == (Frame(32, 8), AT + 1_000)
    assert notice.drawn(note(effect="invert"), (32, 8), AT, AT + 500) == (plain.inverted(), None)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("sign", [None, "check"])
def test_six_seconds_or_one_full_scroll_the_longer(size: tuple[int, int], sign: str | None) -> None:
    assert notice.length_ms(note(".", icon=sign), size) == 6_000
    shown = note(LONG, icon=sign)
    length = notice.length_ms(shown, size)
    assert length > 6_000
    start, *_ = notice.drawn(shown, size, AT, AT)
    assert notice.drawn(shown, size, AT, AT + length)[0] == start, "back at its start: all of it was seen"
    assert notice.drawn(shown, size, AT, AT + length - 1)[0] != start


@given(
    st.text(min_size=1, max_size=80),
    st.sampled_from(SIZES),
    st.sampled_from(["none", "blink", "invert"]),
    st.sampled_from(["info", "critical"]),
    st.sampled_from([None, "check"]),
    st.integers(0, 30_000),
)
def test_nothing_changes_before_the_instant_that_is_told(
    text: str,
    size: tuple[int, int],
    effect: Literal["none", "blink", "invert"],
    priority: Priority,
    sign: str | None,
    age: int,
) -> None:
    shown, now = note(text, icon=sign, priority=priority, effect=effect), AT + age
    frame, change = notice.drawn(shown, size, AT, now)
    end = now + 10_000 if change is None else change
    assert end > now
    for between in {(now + end) // 2, end - 1}:
        assert notice.drawn(shown, size, AT, between)[0] == frame


def test_its_length_is_that_of_the_line_beside_the_icon() -> None:
    assert notice.length_ms(note(LONG, icon="check"), (64, 32)) == line.pass_ms(LONG, (54, 32))
