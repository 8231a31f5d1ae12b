"""The busy lamp field."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from led_renderer.frame import Frame
from led_renderer.icons import icon
from led_renderer.view import Lamp, LampState, View
from led_renderer.widgets import Options, Size, lamps
from support.gallery import BERLIN
from support.views import AT

OPTIONS = Options(timezone=BERLIN)
SIZES = [(8, 8), (16, 8), (32, 8), (64, 8), (128, 8), (32, 16), (64, 32)]
FULL = Frame(8, 8, [0xFF] * 8)


def one(state: LampState, at: int = AT, *, registered: bool = True) -> tuple[Frame, int | None]:
    """A field of a single lamp, which fills an 8x8 module."""
    return lamps.draw(View(lamps=(Lamp("1000", state, registered),)), (8, 8), at, OPTIONS)


def lit_pixels(frame: Frame) -> int:
    return sum(row.bit_count() for row in frame.rows)


def test_idle_is_dark_and_talking_is_steady() -> None:
    beside = (Lamp("1000"), Lamp("1001", "active"))
    assert lamps.draw(View(lamps=beside), (16, 8), AT, OPTIONS)[0].crop(0, 0, 8, 8).dark
    assert one("active") == (FULL, None)


def test_ringing_blinks_twice_a_second() -> None:
    assert one("ringing", AT) == (FULL, AT + 250)
    assert one("ringing", AT + 250) == (Frame(8, 8), AT + 500)
    assert one("ringing", AT + 500) == (FULL, AT + 750)


def test_waiting_flashes_shortly_each_second() -> None:
    assert one("waiting", AT) == (FULL, AT + 250)
    assert one("waiting", AT + 250) == (Frame(8, 8), AT + 1_000)
    assert one("waiting", AT + 999) == (Frame(8, 8), AT + 1_000)


def test_held_pulses_slowly() -> None:
    assert one("held", AT) == (FULL, AT + 1_000)
    assert one("held", AT + 1_000) == (Frame(8, 8), AT + 2_000)


def test_not_registered_is_a_single_pixel_unless_it_is_in_a_call() -> None:
    frame, following = one("idle", registered=False)
    assert (lit_pixels(frame), following) == (1, None)
    assert one("active", registered=False) == (FULL, None)


def test_the_next_change_is_the_earliest_of_all_lamps() -> None:
    view = View(lamps=(Lamp("1", "held"), Lamp("2", "waiting"), Lamp("3", "active")))
    assert lamps.draw(view, (32, 8), AT + 300, OPTIONS)[1] == AT + 1_000


@pytest.mark.parametrize("size", SIZES)
@settings(max_examples=20)  # each draws a field of every lamp
@given(count=st.integers(1, 256))
def test_each_extension_has_a_lamp_of_its_own_of_one_size_in_reading_order(size: Size, count: int) -> None:
    room = size[0] * size[1]
    seen, corners, areas = Frame(*size), [], set()
    for number in range(min(count, room)):
        field = tuple(Lamp(str(place), "active" if place == number else "idle") for place in range(count))
        frame, _ = lamps.draw(View(lamps=field), size, 0, OPTIONS)
        assert not any(row & other for row, other in zip(frame.rows, seen.rows, strict=True))
        seen = seen.over(frame)
        top = next(y for y, row in enumerate(frame.rows) if row)
        corners.append((top, size[0] - frame.rows[top].bit_length()))
        areas.add(lit_pixels(frame))
    assert corners == sorted(corners)
    assert len(areas) == 1


@pytest.mark.parametrize(
    ("count", "size", "pixels"),
    [(1, (8, 8), 64), (3, (32, 8), 80), (8, (32, 8), 18), (20, (32, 8), 6), (50, (128, 8), 12), (256, (32, 8), 1)],
)
def test_lamps_are_as_large_as_fits(count: int, size: Size, pixels: int) -> None:
    field = tuple(Lamp(str(place), "active") for place in range(count))
    assert lit_pixels(lamps.draw(View(lamps=field), size, AT, OPTIONS)[0]) == count * pixels


def test_more_extensions_than_pixels_turn_pages_by_the_wall_clock() -> None:
    field = tuple(Lamp(str(place), "active" if place < 64 else "idle") for place in range(100))
    at = AT - AT % (2 * lamps.PAGE_MS)
    assert lamps.draw(View(lamps=field), (8, 8), at, OPTIONS) == (FULL, at + lamps.PAGE_MS)
    assert lamps.draw(View(lamps=field), (8, 8), at + lamps.PAGE_MS, OPTIONS)[0].dark


def test_single_pixels_are_dark_when_not_registered() -> None:
    field = tuple(Lamp(str(place), registered=False) for place in range(256))
    assert lamps.draw(View(lamps=field), (32, 8), AT, OPTIONS) == (Frame(32, 8), None)


@pytest.mark.parametrize("size", SIZES)
@given(count=st.integers(1, 256))
def test_a_quiet_field_shows_where_its_lamps_are_and_lights_none_of_them(size: Size, count: int) -> None:
    quiet = tuple(Lamp(str(place)) for place in range(min(count, size[0] * size[1])))
    dots, following = lamps.draw(View(lamps=quiet), size, AT, OPTIONS)
    assert following is None
    assert not dots.dark
    if dots == Frame(*size).over(icon("check"), (size[0] - 8) // 2, (size[1] - 8) // 2):
        return  # no room between them: one lamp as large as the panel, or lamps that touch
    for state in ("active", "ringing"):
        field = tuple(Lamp(lamp.extension, state) for lamp in quiet)
        lit, _ = lamps.draw(View(lamps=field), size, 0, OPTIONS)
        assert not any(row & other for row, other in zip(lit.rows, dots.rows, strict=True))


@pytest.mark.parametrize(("count", "size"), [(1, (32, 16)), (1, (8, 8)), (20, (8, 8)), (100, (16, 8))])
def test_a_quiet_field_without_gaps_is_a_check_mark(count: int, size: Size) -> None:
    quiet = tuple(Lamp(str(place)) for place in range(count))
    mark = Frame(*size).over(icon("check"), (size[0] - 8) // 2, (size[1] - 8) // 2)
    assert lamps.draw(View(lamps=quiet), size, AT, OPTIONS) == (mark, None)


@pytest.mark.parametrize(("count", "size"), [(1, (32, 8)), (4, (8, 8)), (20, (32, 8)), (20, (128, 8)), (100, (64, 32))])
def test_a_quiet_office_does_not_look_like_a_dead_panel(count: int, size: Size) -> None:
    quiet = [Lamp(str(place)) for place in range(count)]
    assert not lamps.draw(View(lamps=tuple(quiet)), size, AT, OPTIONS)[0].dark
    one_left = lamps.draw(View(lamps=(*quiet[:-1], Lamp("x", registered=False))), size, AT, OPTIONS)[0]
    assert lit_pixels(one_left) == 1, "the only dots in a field that is not quiet are lamps"


@pytest.mark.parametrize("size", SIZES)
def test_no_extension_at_all_does_not_look_like_a_dead_panel(size: Size) -> None:
    frame, following = lamps.draw(View(), size, AT, OPTIONS)
    assert not frame.dark
    assert following is None
