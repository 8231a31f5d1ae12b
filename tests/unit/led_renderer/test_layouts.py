"""Layouts: every one can be told from the others by a few numbers, for every size of panel."""

import pytest

from led_renderer.layouts import Layout, layouts, nearest_to_default, telling_cell
from led_renderer.wire import Geometry

SIZES = [(columns, rows) for columns in range(1, 7) for rows in range(1, 7)]
SIZES += [(256, 1), (1, 256), (16, 16), (2, 128), (85, 3), (16, 15)]


def asked(columns: int, rows: int, true: Layout) -> int:
    """How many numbers one has to read until only the true layout is left."""
    numbers: list[tuple[tuple[int, int], int]] = []
    while len(left := layouts(columns, rows, 270, numbers)) > 1:
        cell = telling_cell(columns, rows, left)
        assert cell not in dict(numbers), "a question is asked twice"
        numbers.append((cell, true.index(cell) + 1))
    assert list(left) == [true]
    return len(numbers)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_few_numbers_tell_every_layout_apart(size: tuple[int, int]) -> None:
    assert max(asked(*size, true) for true in layouts(*size, 270)) <= 4


@pytest.mark.parametrize(("size", "count"), [((1, 1), 1), ((4, 1), 2), ((1, 3), 2), ((2, 2), 16), ((4, 3), 16)])
def test_there_are_so_many(size: tuple[int, int], count: int) -> None:
    assert len(layouts(*size, 0)) == count


def test_those_that_run_to_and_fro_are_described_by_nothing() -> None:
    found = layouts(2, 2, 0)
    assert found[(0, 0), (1, 0), (1, 1), (0, 1)] == []
    assert Geometry(16, 16, 0) in found[(0, 0), (1, 0), (0, 1), (1, 1)]


def test_numbers_that_nobody_can_see_leave_nothing() -> None:
    assert layouts(4, 1, 0, [((0, 0), 3)]) == {}


def test_all_geometries_of_one_layout_put_the_modules_in_the_same_places() -> None:
    for places, geometries in layouts(4, 2, 90).items():
        for geometry in geometries:
            assert (tuple(geometry.places()), geometry.turn) == (places, 90)


def test_the_one_that_needs_the_fewest_settings_is_taken() -> None:
    upside_down = [Geometry(32, 8, 90, 0, reverse=True), Geometry(32, 8, -90, 2)]
    assert nearest_to_default(upside_down) == Geometry(32, 8, -90, 2)
    assert nearest_to_default([Geometry(32, 8, -90, 0, reverse=True), Geometry(32, 8, 90, 2)]).reverse
