"""Hours: days, times, midnight, and clocks that are set."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from call_control.flows.hours import Span, is_open, span

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str, zone: ZoneInfo = BERLIN) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mon-fri 08:00-18:00", Span(frozenset(range(5)), 480, 1080)),
        ("Sat, Sun 10:00 - 24:00", Span(frozenset({5, 6}), 600, 1440)),
        ("09:30-12:00", Span(frozenset(range(7)), 570, 720)),
        ("sun-tue 22:00-06:00", Span(frozenset({6, 0, 1}), 1320, 360)),
    ],
)
def test_what_a_person_writes(text: str, expected: Span) -> None:
    assert span(text) == expected


@pytest.mark.parametrize(
    "text", ["", "mon", "08:00", "mon-fri 25:00-26:00", "monday 08:00-18:00", "08:00-08:00", "8-18"]
)
def test_what_means_nothing_says_what_is_allowed(text: str) -> None:
    with pytest.raises(ValueError, match="allowed: as mon-fri 08:00-18:00"):
        span(text)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("2026-11-23T07:59", False),  # a Monday
        ("2026-11-23T08:00", True),
        ("2026-11-23T17:59", True),
        ("2026-11-23T18:00", False),
        ("2026-11-22T12:00", False),
    ],
)
def test_the_end_is_not_in_it(when: str, *, expected: bool) -> None:
    assert is_open((span("mon-fri 08:00-18:00"),), at(when), BERLIN) == expected


@pytest.mark.parametrize(
    ("when", "expected"),
    [("2026-11-27T23:00", True), ("2026-11-28T05:59", True), ("2026-11-28T06:00", False), ("2026-11-28T23:00", False)],
)
def test_a_night_belongs_to_the_day_on_which_it_begins(when: str, *, expected: bool) -> None:
    assert is_open((span("fri 22:00-06:00"),), at(when), BERLIN) == expected


def test_it_goes_by_the_clocks_of_the_place() -> None:
    spans = (span("08:00-09:00"),)
    summer, winter = at("2026-07-01T08:30"), at("2026-12-01T08:30")
    assert is_open(spans, summer, BERLIN)
    assert is_open(spans, winter, BERLIN)
    assert not is_open(spans, summer, ZoneInfo("UTC"))


def test_several_hours_are_open_when_one_is() -> None:
    spans = (span("mon 08:00-12:00"), span("mon 13:00-17:00"))
    assert is_open(spans, at("2026-11-23T13:00"), BERLIN)
    assert not is_open(spans, at("2026-11-23T12:30"), BERLIN)
