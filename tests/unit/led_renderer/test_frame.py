"""Frames: values, art that parses back, and drawing that equals drawing pixel by pixel."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from led_renderer.frame import MAX_SIDE, Frame

sides = st.integers(1, 40)


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    width, height = draw(sides), draw(sides)
    rows = draw(st.lists(st.integers(0, (1 << width) - 1), min_size=height, max_size=height))
    return Frame(width, height, rows)


def lit(frame: Frame, x: int, y: int) -> bool:
    return 0 <= x < frame.width and 0 <= y < frame.height and frame.lit(x, y)


@given(frames())
def test_parse_inverts_str(frame: Frame) -> None:
    assert Frame.parse(str(frame)) == frame


def test_the_highest_bit_is_the_leftmost_pixel() -> None:
    assert str(Frame(3, 2, [0b100, 0b011])) == "#..\n.##\n"


@pytest.mark.parametrize(
    "art", ["", "#.", "\n", "#.\n#\n", "#x\n", "#.\n\n", "#.\r\n#.\r\n", "\N{FULLWIDTH DIGIT ONE}.\n"]
)
def test_bad_art_is_refused(art: str) -> None:
    with pytest.raises(ValueError, match="frame: "):
        Frame.parse(art)


@pytest.mark.parametrize(("width", "height"), [(0, 8), (8, 0), (-1, 8), (MAX_SIDE + 1, 8), (8, MAX_SIDE + 1)])
def test_an_impossible_size_is_refused(width: int, height: int) -> None:
    with pytest.raises(ValueError, match=f"{width}x{height}"):
        Frame(width, height)


def test_too_many_rows_are_refused_and_missing_ones_are_dark() -> None:
    with pytest.raises(ValueError, match="3 rows given for a height of 2"):
        Frame(2, 2, [1, 1, 1])
    assert Frame(2, 2, [1]).rows == (1, 0)


def test_rows_are_cut_to_the_width() -> None:
    assert Frame(2, 1, [0b111]) == Frame(2, 1, [0b11])
    assert Frame(2, 1, [-1]) == Frame(2, 1, [0b11])


@given(frames(), frames(), st.integers(-50, 50), st.integers(-50, 50))
def test_over_adds_the_lit_pixels_of_the_other_and_nothing_else(below: Frame, above: Frame, x: int, y: int) -> None:
    both = below.over(above, x, y)
    assert (both.width, both.height) == (below.width, below.height)
    for row in range(both.height):
        for column in range(both.width):
            assert both.lit(column, row) == (below.lit(column, row) or lit(above, column - x, row - y))


@given(frames(), st.integers(-50, 50), st.integers(-50, 50), sides, sides)
def test_crop_is_a_window_that_is_dark_outside(frame: Frame, x: int, y: int, width: int, height: int) -> None:
    part = frame.crop(x, y, width, height)
    assert (part.width, part.height) == (width, height)
    for row in range(height):
        for column in range(width):
            assert part.lit(column, row) == lit(frame, x + column, y + row)


@given(frames(), st.integers(0, 30), st.integers(0, 30))
def test_what_was_drawn_is_what_is_cropped(picture: Frame, x: int, y: int) -> None:
    assert Frame(80, 80).over(picture, x, y).crop(x, y, picture.width, picture.height) == picture


@given(frames())
def test_inverting_twice_changes_nothing_and_once_everything(frame: Frame) -> None:
    assert frame.inverted().inverted() == frame
    assert all(a ^ b == (1 << frame.width) - 1 for a, b in zip(frame.rows, frame.inverted().rows, strict=True))


@given(frames(), st.integers(1, 4))
def test_stretching_makes_squares(frame: Frame, factor: int) -> None:
    large = frame.stretched(factor)
    assert (large.width, large.height) == (frame.width * factor, frame.height * factor)
    for row in range(large.height):
        for column in range(large.width):
            assert large.lit(column, row) == frame.lit(column // factor, row // factor)


def test_pixels_outside_do_not_exist() -> None:
    for x, y in ((-1, 0), (8, 0), (0, -1), (0, 8)):
        with pytest.raises(IndexError, match="outside 8x8"):
            Frame(8, 8).lit(x, y)


@given(frames(), frames())
def test_equal_frames_hash_alike(one: Frame, other: Frame) -> None:
    assert (one == other) == ((one.width, one.height, one.rows) == (other.width, other.height, other.rows))
    assert hash(one) == hash(Frame(one.width, one.height, one.rows))
    assert one != "frame"


def test_dark_means_no_pixel_is_lit() -> None:
    assert Frame(8, 8).dark
    assert not Frame(8, 8, [0, 1]).dark


def test_repr_is_a_constructor() -> None:
    assert repr(Frame(3, 1, [5])) == "Frame(3, 1, (5,))"
