"""The clock page."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from led_renderer.digits import number
from led_renderer.frame import Frame
from led_renderer.text import strip
from led_renderer.view import View
from led_renderer.widgets import Options, Size, clock
from support.gallery import BERLIN
from support.views import AT


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1_000)


def drawn(at: int, size: Size = (32, 8), zone: ZoneInfo = BERLIN) -> Frame:
    return clock.draw(View(), size, at, Options(timezone=zone))[0]


def reads(time: str) -> Frame:
    """The middle of a 32x8 clock with its colon unlit."""
    return Frame(32, 8).over(number(time[:2], "5x7"), 2).over(number(time[2:], "5x7"), 18)


@pytest.mark.parametrize(
    ("utc", "zone", "time"),
    [
        ("2026-03-29T00:59:59.500", "Europe/Berlin", "0159"),  # clocks go forward
        ("2026-03-29T01:00:00.500", "Europe/Berlin", "0300"),
        ("2026-10-25T00:59:59.500", "Europe/Berlin", "0259"),  # and back
        ("2026-10-25T01:00:00.500", "Europe/Berlin", "0200"),
        ("2026-07-01T12:00:00.500", "Asia/Kathmandu", "1745"),
        ("2026-07-01T12:00:00.500", "UTC", "1200"),
        ("1969-12-31T23:59:59.500", "UTC", "2359"),
    ],
)
def test_time_is_that_of_the_zone_summer_or_winter(utc: str, zone: str, time: str) -> None:
    assert drawn(instant(utc), zone=ZoneInfo(zone)) == reads(time)


@pytest.mark.parametrize("size", [(8, 8), (16, 8), (32, 8), (64, 8), (64, 32)])
def test_what_stands_between_blinks_each_half_second(size: Size) -> None:
    options = Options(timezone=BERLIN)
    lit, first = clock.draw(View(), size, AT, options)
    unlit, second = clock.draw(View(), size, AT + 500, options)
    assert (first, second) == (AT + 500, AT + 1_000)
    assert lit != unlit
    assert unlit.over(lit) == lit


def test_the_smallest_panel_shows_hours_and_minutes_in_turn() -> None:
    assert drawn(AT + 500, (8, 8)) == Frame(8, 8).over(number("16", "3x7"), 0)
    assert drawn(AT + 2_500, (8, 8)) == Frame(8, 8).over(number("28", "3x7"), 1)


def test_dates_go_from_long_to_short() -> None:
    assert clock.dates(datetime(2026, 11, 30, tzinfo=UTC)) == ("Monday 30 November", "Mon 30 Nov", "Mon 30", "Mon")
    assert clock.dates(datetime(2026, 8, 2, tzinfo=UTC))[0] == "Sunday 2 August"


@pytest.mark.parametrize(("width", "day"), [(64, "Mon 30"), (96, "Mon 30 Nov"), (128, "Monday 30 November")])
def test_a_wide_panel_has_the_longest_date_that_fits_before_the_time(width: int, day: str) -> None:
    frame = drawn(AT, (width, 8))
    date = strip(day)
    assert any(frame.crop(x, 0, date.width + 3, 8) == date.crop(0, 0, date.width + 3, 8) for x in range(width // 3))


def test_the_date_turns_at_midnight_of_the_zone() -> None:
    before, after = instant("2026-11-30T22:59:59"), instant("2026-11-30T23:00:00")
    assert drawn(before, (64, 8)).crop(0, 0, 30, 8) != drawn(after, (64, 8)).crop(0, 0, 30, 8)
