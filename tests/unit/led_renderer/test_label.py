"""A text with an icon before it."""

import pytest

from led_renderer import line
from led_renderer.frame import Frame
from led_renderer.icons import icon
from led_renderer.label import drawn, pass_ms
from led_renderer.text import strip

AT = 1_796_052_480_000


def test_icon_and_text_stand_together_in_the_middle() -> None:
    text = strip("29")
    left = (32 - 10 - text.width) // 2
    expected = Frame(32, 8).over(icon("missed"), left).over(text, left + 10)
    assert drawn("29", "missed", (32, 8), AT, AT) == (expected, None)


def test_a_long_text_scrolls_beside_its_icon() -> None:
    for after in (0, 1_500):
        frame, _ = drawn("a rather long text", "missed", (32, 8), AT, AT + after)
        assert frame.crop(0, 0, 10, 8) == Frame(10, 8).over(icon("missed"))
    assert pass_ms("a rather long text", "missed", (32, 8)) == line.pass_ms("a rather long text", (22, 8)) > 0
    assert pass_ms("29", "missed", (32, 8)) == 0


def test_it_scrolls_as_fast_as_it_is_told() -> None:
    assert drawn("a rather long text", "missed", (32, 8), AT, AT, speed=10)[1] == AT + 1_100


def test_a_whole_number_comes_before_an_icon() -> None:
    assert drawn("29", "missed", (16, 8), AT, AT) == (Frame(16, 8).over(strip("29"), 3), None)
    assert drawn("29", "missed", (8, 8), AT, AT)[0] == line.drawn("29", (8, 8), AT, AT)[0]


def test_both_grow_on_walls() -> None:
    frame, _ = drawn("2", "missed", (64, 16), AT, AT)
    assert any(frame.crop(x, 0, 16, 16) == icon("missed").stretched(2) for x in range(48))


def test_an_icon_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="'nothing'; allowed: handset"):
        drawn("x", "nothing", (32, 8), AT, AT)
