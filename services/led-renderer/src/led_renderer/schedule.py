"""Brightness and power by the time of day and the weekday, where the display hangs. Pure: a function of the wall clock.

A schedule is a list of edges: at a time of day, on some weekdays, brightness or power or both become something, until
the next edge says otherwise. What is set by hand holds until the next edge that sets the same.

A time that a day has twice (clocks are set back) is its first one; a time that a day lacks (clocks are set forward) is
the moment at which the clock jumps over it.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from msgspec import Struct

__all__ = ["STEP_MS", "Edge", "Schedule", "Setting", "instant"]

What = Literal["brightness", "power"]

STEP_MS: Final = 250  # between two steps of a fade, at least: four SPI commands a second are none too many
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)
_DAY_MS: Final = 86_400_000
_REACH: Final = 9  # days around today that hold the last and the next edge of any week


class Edge(Struct, frozen=True):
    """At `minute` of the day on `days` (0 is Monday): `brightness` (0-15) is reached `fade` seconds later."""

    minute: int
    days: frozenset[int] = frozenset(range(7))
    brightness: int | None = None
    power: bool | None = None
    fade: int = 0


class Setting(NamedTuple):
    """What is in force: `value`, since the edge at `since`, until the one at `until`; None: there is no such edge."""

    value: int | bool | None
    since: int | None
    until: int | None


class _Stretch(NamedTuple):
    """From one edge to the next, and what was in force before it."""

    before: Edge
    edge: Edge
    since: int
    until: int


class Schedule:
    """The edges in a time zone. What it says is a function of the instant; it keeps the last answer at hand."""

    def __init__(self, edges: tuple[Edge, ...], zone: ZoneInfo) -> None:
        self._edges = edges
        self._zone = zone
        self._kept: dict[What, _Stretch] = {}

    def power(self, now: int) -> Setting:
        """Whether the panel is lit; None: no edge says."""
        stretch = self._stretch("power", now)
        return (
            Setting(None, None, None) if stretch is None else Setting(stretch.edge.power, stretch.since, stretch.until)
        )

    def brightness(self, now: int) -> Setting:
        """The brightness, on its way while it fades; None: no edge says."""
        stretch = self._stretch("brightness", now)
        if stretch is None:
            return Setting(None, None, None)
        return Setting(_faded(stretch, now)[0], stretch.since, stretch.until)

    def due(self, now: int) -> int | None:
        """The next instant after `now` at which either changes."""
        instants = [stretch.until for what in _WHATS if (stretch := self._stretch(what, now)) is not None]
        stretch = self._stretch("brightness", now)
        fading = None if stretch is None else _faded(stretch, now)[1]
        return min([*instants, *([] if fading is None else [fading])], default=None)

    def _stretch(self, what: What, now: int) -> _Stretch | None:
        kept = self._kept.get(what)
        if kept is None or not kept.since <= now < kept.until:
            kept = self._found(what, now)
            if kept is None:
                return None
            self._kept[what] = kept
        return kept

    def _found(self, what: What, now: int) -> _Stretch | None:
        edges = [edge for edge in self._edges if getattr(edge, what) is not None]
        if not edges:
            return None
        around = sorted(self._around(edges, now), key=lambda found: found[:3])
        passed = [(at, edge) for at, _, _, edge in around if at <= now]
        until = next((at for at, *_ in around if at > now), now + _DAY_MS)
        since, edge = passed[-1] if passed else (now, around[-1][3])
        return _Stretch(passed[-2][1] if len(passed) > 1 else edge, edge, since, until)

    def _around(self, edges: list[Edge], now: int) -> Iterator[tuple[int, int, int, Edge]]:
        """Instant, time of day, place in the file, edge: of some days before and after `now`."""
        # Within the calendar: a Pi without a clock may believe in any year.
        today = _clamped(now, self._zone)
        for ahead in range(-_REACH, _REACH + 1):
            day = today + timedelta(days=ahead)
            for place, edge in enumerate(edges):
                if day.weekday() in edge.days:
                    # Of two that a jump of the clock brings together, the later one of the day is in force.
                    yield instant(day, edge.minute, self._zone), day.toordinal() * 1440 + edge.minute, place, edge


_WHATS: Final[tuple[What, ...]] = ("brightness", "power")


def instant(day: date, minute: int, zone: ZoneInfo) -> int:
    """The first instant (ms since the epoch) at which the clock in `zone` shows `minute` of `day`, or later."""
    wanted = datetime.combine(day, time(minute // 60, minute % 60))
    early, late = sorted(_utc(wanted.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
    if _local(early, zone) == wanted:
        return early
    # A gap: before `early` or at it the clock is short of what is wanted, at `late` it is past it.
    low, high = early // 1000, late // 1000
    while low < high:
        middle = (low + high) // 2
        if _local(middle * 1000, zone) >= wanted:
            high = middle
        else:
            low = middle + 1
    return low * 1000


def _utc(local: datetime) -> int:
    return (local.astimezone(UTC) - _EPOCH) // _MS


def _local(at: int, zone: ZoneInfo) -> datetime:
    return (_EPOCH + timedelta(milliseconds=at)).astimezone(zone).replace(tzinfo=None)


def _clamped(now: int, zone: ZoneInfo) -> date:
    first, last = -_DAY_MS * 365 * 60, _DAY_MS * 365 * 8_000  # 1910 to a year well before 9999
    return _local(min(max(now, first), last), zone).date()


def _faded(stretch: _Stretch, now: int) -> tuple[int, int | None]:
    """The brightness at `now`, and when it is another."""
    goal, start = stretch.edge.brightness or 0, stretch.before.brightness or 0
    steps = abs(goal - start)
    length = max(stretch.edge.fade * 1000, 0)
    pace = max(length // steps, STEP_MS) if steps and length else 0
    done = min((now - stretch.since) // pace, steps) if pace else steps
    if done >= steps:
        return goal, None
    return start + (done if goal > start else -done), stretch.since + (done + 1) * pace
