"""The busy lamp field: a lamp per extension, in their order, as large as fits. Pure. Needs `view.lamps`.

dark: idle and registered. Steady: talking. Blinking (2 Hz): ringing. A short flash each second: waiting. A second lit,
a second dark: held. One pixel of the lamp: idle and not registered; where lamps are single pixels, these are dark.
While every lamp is dark, dots between them show where they are, so that a quiet office is no dead panel; where there is
no room between them, a check mark says so.
More extensions than pixels: the field turns its pages by the wall clock, `PAGE_MS` each, with the same grid on each.
"""

from functools import lru_cache
from typing import Final, NamedTuple

from led_renderer.digits import number
from led_renderer.frame import Frame
from led_renderer.icons import SIZE, icon
from led_renderer.view import Lamp, View
from led_renderer.widgets.base import Drawn, Options, Size, phase

__all__ = ["PAGE_MS", "draw"]

PAGE_MS: Final = 4_000

# Period and number of equal parts of a lamp's rhythm; it is lit in the first part.
_RHYTHM: Final = {"ringing": (500, 2), "waiting": (1_000, 4), "held": (2_000, 2)}


class Grid(NamedTuple):
    """`columns` lamps in a row, each `lamp` pixels in size, `step` from one to the next, the first at `corner`."""

    columns: int
    step: Size
    lamp: Size
    corner: Size


def draw(view: View, size: Size, now: int, options: Options) -> Drawn:  # noqa: ARG001 - it has no options
    """The field; with no extension at all, a person and a zero."""
    if not view.lamps:
        return _nobody(size), None
    room = size[0] * size[1]
    pages = -(-len(view.lamps) // room)
    page, turns = phase(now, PAGE_MS * pages, pages)
    shown = view.lamps[page * room : (page + 1) * room]
    grid = _grid(min(len(view.lamps), room), size)
    if _all_idle(shown):
        quiet = _quiet(grid, len(shown), size)
        if quiet.dark and _all_idle(view.lamps):
            quiet = quiet.over(icon("check"), (size[0] - SIZE) // 2, (size[1] - SIZE) // 2)
        return quiet, None if pages == 1 else turns
    states = {lamp.state for lamp in shown}
    lit, instants = {"active"}, [] if pages == 1 else [turns]
    for state in states & _RHYTHM.keys():
        part, following = _beat(state, now)
        instants.append(following)
        if part:
            lit.add(state)
    rows = [0] * size[1]
    for first in range(0, len(shown), grid.columns):
        _draw_row(rows, shown[first : first + grid.columns], lit, grid, size[0], first // grid.columns)
    return Frame(*size, rows), min(instants, default=None)


def _all_idle(lamps: tuple[Lamp, ...]) -> bool:
    return all(lamp.state == "idle" and lamp.registered for lamp in lamps)


def _beat(state: str, now: int) -> tuple[bool, int]:
    """Whether a lamp in `state` is lit at `now`, and until when that stays so."""
    period, parts = _RHYTHM[state]
    part, following = phase(now, period, parts)
    if part:
        following += (parts - 1 - part) * (period // parts)
    return part == 0, following


def _draw_row(rows: list[int], lamps: tuple[Lamp, ...], lit: set[str], grid: Grid, width: int, place: int) -> None:
    """Adds one row of lamps to the rows of pixels."""
    wide, high = grid.lamp
    whole = (1 << wide) - 1
    full = dots = 0
    shift = width - grid.corner[0] - wide
    for lamp in lamps:
        if lamp.state in lit:
            full |= whole << shift
        elif lamp.state == "idle" and not lamp.registered and wide * high > 1:
            dots |= 1 << shift + (wide - 1) // 2
        shift -= grid.step[0]
    top = grid.corner[1] + place * grid.step[1]
    for row in range(top, top + high):
        rows[row] |= full
    rows[top + high // 2] |= dots


@lru_cache(maxsize=64)
def _grid(count: int, size: Size) -> Grid:
    """The grid for `count` lamps, at most as many as pixels.

    Lamps that are apart come before larger ones, larger ones before squarer ones. None is longer than twice its width.
    """
    width, height = size
    grids = []
    for rows in range(1, height + 1):
        columns = -(-count // rows)
        if columns > width:
            continue
        cell = ((width + 1) // columns, (height + 1) // rows)
        wide, high = max(1, cell[0] - 1), max(1, cell[1] - 1)
        wide, high = min(wide, 2 * high), min(high, 2 * wide)
        apart = (cell[0] > wide) + (cell[1] > high)
        grids.append(((apart, wide * high, -abs(cell[0] - cell[1])), (columns, wide, high)))
    columns, wide, high = max(grids)[1]
    rows = -(-count // columns)
    step = (_pitch(columns, wide, width), _pitch(rows, high, height))
    left = (width - (columns - 1) * step[0] - wide) // 2
    top = (height - (rows - 1) * step[1] - high) // 2
    return Grid(columns, step, (wide, high), (left, top))


def _pitch(count: int, lamp: int, room: int) -> int:
    """From one lamp to the next: spread over the room, but never more than a lamp apart."""
    spread = (room - lamp) // (count - 1) if count > 1 else lamp
    return min(spread, 2 * lamp)


@lru_cache(maxsize=16)
def _quiet(grid: Grid, count: int, size: Size) -> Frame:
    """No lamp is lit: a dot where the gaps between them cross; nothing where lamps are not apart."""
    columns, rows = grid.columns, -(-count // grid.columns)
    (left, top), (wide, high), (across, down) = grid.corner, grid.lamp, grid.step
    places = _gaps(left, wide, across, columns)
    if count == 1:  # there is no gap: beside it, unless it fills the panel
        places = [left - 1, left + wide] if left else []
    dots = 0
    for place in places:
        dots |= 1 << size[0] - 1 - place
    lit = set(_gaps(top, high, down, rows))
    return Frame(*size, (dots if row in lit else 0 for row in range(size[1])))


def _gaps(first: int, lamp: int, step: int, count: int) -> list[int]:
    """Where the gaps between `count` lamps have their middles; the middle of the lamp when it has no neighbour."""
    if count == 1:
        return [first + lamp // 2]
    gap = step - lamp
    return [first + number * step - (gap + 1) // 2 for number in range(1, count)] if gap else []


def _nobody(size: Size) -> Frame:
    person, zero = icon("agent"), number("0", "5x7")
    if size[0] == person.width:
        return Frame(*size).over(person, 0, (size[1] - 8) // 2)
    left = (size[0] - 8 - 2 - zero.width) // 2
    top = (size[1] - 8) // 2
    return Frame(*size).over(person, left, top).over(zero, left + 10, top)
