"""The ways in which a panel's modules may be mounted, and which question tells them apart. Pure.

A layout is where each module of the chain stands as one looks at the panel, the one next to the Pi first. Of the
sixteen there are, eight are what luma's rotation and reversal describe; in the others the chain runs to and fro.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from led_renderer.mounting import SIDE
from led_renderer.wire import ORIENTATIONS, ROTATIONS, Cell, Geometry

__all__ = ["Layout", "layouts", "nearest_to_default", "telling_cell"]

Layout = tuple[Cell, ...]


def layouts(
    columns: int, rows: int, turn: int, numbers: Iterable[tuple[Cell, int]] = ()
) -> dict[Layout, list[Geometry]]:
    """The layouts of so many modules that are turned by `turn` degrees, and the geometries that describe each.

    `numbers`: cells and the number (1 = next to the Pi) of the module that was seen there; only layouts that agree are
    left. Those that no geometry describes run to and fro.
    """
    found: dict[Layout, list[Geometry]] = {}
    for geometry in _geometries(columns, rows, turn):
        found.setdefault(tuple(geometry.places()), []).append(geometry)
    for geometry in _geometries(columns, rows, turn):
        found.setdefault(tuple(_to_and_fro(geometry)), [])
    seen = list(numbers)
    return {
        places: geometries
        for places, geometries in found.items()
        if all(places[number - 1] == cell for cell, number in seen)
    }


def telling_cell(columns: int, rows: int, among: Mapping[Layout, object]) -> Cell:
    """Where to ask for a module's number: where the least telling answer leaves the fewest layouts.

    Corners go first, because they are found without counting; then their neighbours at the upper left.
    """
    right, bottom = columns - 1, rows - 1
    corners = [(0, 0), (right, 0), (0, bottom), (right, bottom)]
    neighbours = [(0, min(1, bottom)), (min(1, right), 0)]

    def left_at_worst(cell: Cell) -> int:
        return max(Counter(places.index(cell) for places in among).values())

    return min(corners + neighbours, key=left_at_worst)


def nearest_to_default(geometries: Iterable[Geometry]) -> Geometry:
    """The one that needs the fewest settings."""
    return min(
        geometries,
        key=lambda each: ((each.orientation != -90) + (each.rotate != 0) + each.reverse, each.rotate, each.reverse),
    )


def _geometries(columns: int, rows: int, turn: int) -> Iterator[Geometry]:
    width, height = SIDE * columns, SIDE * rows
    for rotate in ROTATIONS:
        size = (height, width) if rotate % 2 else (width, height)
        for reverse in (False, True):
            each = [Geometry(*size, orientation, rotate, reverse) for orientation in ORIENTATIONS]
            yield from (geometry for geometry in each if geometry.turn == turn)


def _to_and_fro(geometry: Geometry) -> Iterator[Cell]:
    """The places when every second row of the chain runs the other way."""
    length, places = geometry.width // SIDE, geometry.places()
    for row, start in enumerate(range(0, len(places), length)):
        yield from places[start : start + length][:: -1 if row % 2 else 1]
