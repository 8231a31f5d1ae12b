"""A line of text: as large as it fits, scrolling where it does not, and its length in time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampfield_bus.messages import LIMITS
from led_renderer import line
from led_renderer.frame import MAX_SIDE, Frame
from led_renderer.scroll import PAUSE_MS
from led_renderer.text import strip

AT = 1_796_052_480_000
LONG = "a line that is too wide for every panel that is tested here"

sizes = st.sampled_from([(8, 8), (16, 8), (32, 8), (64, 8), (128, 8), (32, 16), (64, 32), (256, 32)])


@pytest.mark.parametrize(
    ("text", "size", "factor"),
    [("fire", (32, 8), 1), ("fire", (64, 32), 3), ("hi", (64, 32), 4), ("fire engine", (64, 32), 1)],
)
def test_a_text_that_fits_is_as_large_as_it_fits_and_stands_still(
    text: str, size: tuple[int, int], factor: int
) -> None:
    picture = strip(text).stretched(factor)
    frame, change = line.drawn(text, size, AT, AT)
    assert frame == Frame(*size).over(picture, 0, (size[1] - picture.height) // 2)
    assert change is None
    assert line.pass_ms(text, size) == 0
    assert line.fits(text, size)


def test_in_the_middle_if_so_asked() -> None:
    assert line.drawn("fire", (32, 8), AT, AT, centred=True)[0] == Frame(32, 8).over(
        strip("fire"), (32 - strip("fire").width) // 2
    )


def test_what_scrolls_on_a_tall_panel_has_grown() -> None:
    frame, _ = line.drawn(LONG, (64, 32), AT, AT + PAUSE_MS + 1_000)
    assert frame == Frame(64, 32).over(strip(LONG).crop(30, 0, 32, 8).stretched(2), 0, 8)


@given(sizes)
def test_one_pass_is_over_when_the_text_is_back_at_its_start(size: tuple[int, int]) -> None:
    start, _ = line.drawn(LONG, size, AT, AT)
    one = line.pass_ms(LONG, size)
    assert line.drawn(LONG, size, AT, AT + one) == (start, AT + one + PAUSE_MS + 34)
    assert line.drawn(LONG, size, AT, AT + one - 1)[0].dark
    assert not line.fits(LONG, size)


@given(st.text(max_size=2_000), sizes, st.integers(-10_000, 100_000))
def test_no_text_raises_and_changes_are_at_most_thirty_a_second(text: str, size: tuple[int, int], age: int) -> None:
    frame, change = line.drawn(text, size, AT, AT + age)
    assert (frame.width, frame.height) == size
    if change is not None:
        assert change > AT + age
        assert line.drawn(text, size, AT, change)[1] in range(change + 33, change + PAUSE_MS + 35)


def test_a_text_wider_than_any_frame_is_cut_and_does_not_grow() -> None:
    assert line.pass_ms("W" * MAX_SIDE, (256, 32)) > 0
    assert line.factor("W" * MAX_SIDE, (256, 32)) == 1


@pytest.mark.parametrize("size", [(64, 32), (128, 32), (512, 64)])
def test_the_longest_text_of_a_notification_is_seen_to_its_end_on_any_wall(size: tuple[int, int]) -> None:
    one, other = ("W" * (LIMITS["text"] - 1) + last for last in "!?")
    assert line.factor(one, size) * strip(one).width <= MAX_SIDE
    seen = range(AT, AT + line.pass_ms(one, size), 33)
    assert any(line.drawn(one, size, AT, now) != line.drawn(other, size, AT, now) for now in reversed(seen))
