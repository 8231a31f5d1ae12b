"""Edges of the day where the display hangs: against zoneinfo, over every change of the clocks."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from led_renderer.schedule import STEP_MS, Edge, Schedule, instant

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Germany, half an hour of summer time, a gap and a fold at midnight, no change at all, a day that never was (2011).
ZONES = ["Europe/Berlin", "Australia/Lord_Howe", "America/Havana", "Asia/Tokyo", "Pacific/Apia", "America/New_York"]
BERLIN = ZoneInfo("Europe/Berlin")
MINUTE = 60_000


def at(text: str, zone: ZoneInfo = BERLIN) -> int:
    return round((datetime.fromisoformat(text).replace(tzinfo=zone) - EPOCH).total_seconds() * 1000)


def local(now: int, zone: ZoneInfo) -> datetime:
    return (EPOCH + timedelta(milliseconds=now)).astimezone(zone).replace(tzinfo=None)


@given(
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    day=st.one_of(
        st.dates(date(1975, 1, 1), date(2037, 12, 1)),
        st.sampled_from(
            [date(2026, 3, 29), date(2026, 10, 25), date(2011, 12, 30), date(2026, 11, 1), date(2026, 4, 5)]
        ),
    ),
    minute=st.integers(0, 1439),
)
@settings(deadline=None, max_examples=300)
def test_it_is_the_first_instant_at_which_the_clock_on_the_wall_shows_that_time_or_a_later_one(
    zone: ZoneInfo, day: date, minute: int
) -> None:
    found = instant(day, minute, zone)
    wanted = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
    assert local(found, zone) >= wanted
    for before in (1, MINUTE, 30 * MINUTE, 26 * 60 * MINUTE):
        assert local(found - before, zone) < wanted


def test_a_time_that_a_day_lacks_is_when_the_clock_jumps_over_it_and_one_that_it_has_twice_is_the_first() -> None:
    assert instant(date(2026, 3, 29), 150, BERLIN) == at("2026-03-29T03:00:00")
    assert instant(date(2026, 10, 25), 150, BERLIN) == at("2026-10-25T02:30:00")


OFFICE = Schedule(
    (
        Edge(7 * 60, frozenset(range(5)), brightness=10, power=True, fade=60),
        Edge(18 * 60, brightness=2),
        Edge(22 * 60, power=False),
    ),
    BERLIN,
)


@pytest.mark.parametrize(
    ("when", "brightness", "power"),
    [
        ("2026-11-23T06:59:59", 2, False),  # Monday
        ("2026-11-23T07:01:00", 10, True),
        ("2026-11-23T18:00:00", 2, True),
        ("2026-11-23T22:00:00", 2, False),
        ("2026-11-28T12:00:00", 2, False),  # Saturday: no morning edge
        ("2026-11-30T07:01:00", 10, True),
    ],
)
def test_an_office_from_morning_to_night(when: str, brightness: int, power: bool) -> None:
    assert (OFFICE.brightness(at(when)).value, OFFICE.power(at(when)).value) == (brightness, power)


def test_without_edges_it_says_nothing() -> None:
    empty = Schedule((), BERLIN)
    assert (empty.power(0).value, empty.brightness(0).value, empty.due(0)) == (None, None, None)


@given(
    edges=st.lists(
        st.builds(
            Edge,
            minute=st.integers(0, 1439),
            days=st.frozensets(st.integers(0, 6), min_size=1),
            brightness=st.one_of(st.none(), st.integers(0, 15)),
            power=st.one_of(st.none(), st.booleans()),
        ),
        max_size=5,
    ),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    start=st.integers(0, 2_000_000_000),
)
@settings(deadline=None, max_examples=20)
def test_minute_by_minute_it_is_what_the_last_edge_said(edges: list[Edge], zone: ZoneInfo, start: int) -> None:
    """Against a clock on the wall that is looked at every minute for two days and remembers each edge it passes."""
    schedule = Schedule(tuple(edges), zone)
    # Days and minutes that were passed already; what is passed twice counts once.
    begin = start * 1000 // MINUTE * MINUTE - 9 * 1440 * MINUTE
    seen = local(begin, zone)
    brightness: int | None = None
    power: bool | None = None
    latest = seen
    for step in range(1, 10 * 1440, 15):
        now = begin + step * MINUTE
        clock = local(now, zone)
        if clock > latest:
            for moment, _, edge in sorted(_between(edges, latest, clock), key=lambda found: found[:2]):
                assert latest < moment <= clock
                brightness = edge.brightness if edge.brightness is not None else brightness
                power = edge.power if edge.power is not None else power
            latest = clock
        if step > 9 * 1440:
            assert schedule.power(now).value == power
            assert schedule.brightness(now).value == brightness


def _between(edges: list[Edge], after: datetime, until: datetime) -> list[tuple[datetime, int, Edge]]:
    found = []
    day = after.date()
    while day <= until.date():
        for place, edge in enumerate(edges):
            moment = datetime.combine(day, datetime.min.time()) + timedelta(minutes=edge.minute)
            if day.weekday() in edge.days and after < moment <= until:
                found.append((moment, place, edge))
        day += timedelta(days=1)
    return found


@given(st.integers(0, 15), st.integers(0, 15), st.integers(0, 3600))
def test_a_fade_is_steady_bounded_in_its_pace_and_due_at_each_step(old: int, new: int, fade: int) -> None:
    schedule = Schedule((Edge(0, brightness=old), Edge(720, brightness=new, fade=fade)), ZoneInfo("UTC"))
    noon = at("2026-11-23T12:00:00", ZoneInfo("UTC"))
    levels: list[int] = []
    now, instants = noon, []
    end = noon + max(fade * 1000, 15 * STEP_MS)
    while now <= end:
        levels.append(schedule.brightness(now).value or 0)
        due = schedule.due(now)
        assert due is not None
        assert due > now
        assert (schedule.brightness(due - 1).value or 0) == levels[-1]
        instants.append(now)
        now = due
    assert levels[-1] == new == schedule.brightness(noon + 3_600_000).value
    assert levels == sorted(levels, reverse=new < old)
    assert all(later - earlier >= STEP_MS for earlier, later in pairwise(instants))
    assert len(levels) <= abs(new - old) + 1


@pytest.mark.parametrize("now", [-(10**15), -1, 0, 10**15, 2**62])
def test_a_clock_that_is_wrong_by_ages_breaks_nothing(now: int) -> None:
    assert OFFICE.power(now).until is not None
    assert OFFICE.brightness(now).value is not None
