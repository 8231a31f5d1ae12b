"""Large numbers."""

from typing import get_args

import pytest

from led_renderer.digits import Face, number

FACES: tuple[Face, ...] = get_args(Face)


@pytest.mark.parametrize("face", FACES)
def test_all_digits_of_a_face_have_its_size_and_differ(face: Face) -> None:
    pictures = {number(digit, face) for digit in "0123456789"}
    assert len(pictures) == 10
    assert {f"{picture.width}x{picture.height}" for picture in pictures} == {face}


@pytest.mark.parametrize("face", FACES)
def test_digits_stand_one_column_apart(face: Face) -> None:
    both = number("42", face)
    four, two = number("4", face), number("2", face)
    assert both.width == 2 * four.width + 1
    assert both.crop(0, 0, four.width, both.height) == four
    assert both.crop(four.width + 1, 0, two.width, both.height) == two


def test_a_factor_makes_them_larger() -> None:
    assert number("42", "5x7", 3) == number("42", "5x7").stretched(3)


def test_what_is_no_digit_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'x' in '4x'"):
        number("4x", "5x7")
    assert number("++", "3x7").width == 7
