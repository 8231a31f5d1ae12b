"""Widgets x sizes x states: what the contact sheets show and what the golden frames pin down."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from led_renderer.frame import Frame
from led_renderer.view import CallCounts, Lamp, LampState, View
from led_renderer.widgets import WIDGETS, Options, Size

GOLDEN: Final = Path(__file__).parent.parent / "data" / "frames"
SIZES: Final[tuple[Size, ...]] = ((8, 8), (16, 8), (32, 8), (64, 8), (128, 8), (32, 16), (64, 32))
AT: Final = 1_796_052_480_000  # Mon 2026-11-30 15:28:00 in UTC: all phases are in their first part
BERLIN: Final = ZoneInfo("Europe/Berlin")
DAY: Final[tuple[LampState, ...]] = ("idle", "active", "ringing", "idle", "held", "waiting", "active")


class Case(NamedTuple):
    """One picture."""

    widget: str
    name: str
    width: int
    height: int
    view: View
    at: int
    options: Options

    def frame(self) -> Frame:
        return WIDGETS[self.widget](self.view, (self.width, self.height), self.at, self.options)[0]

    @property
    def golden(self) -> Path:
        return GOLDEN / f"{self.widget}-{self.width}x{self.height}-{self.name}.txt"


def extensions(count: int) -> tuple[Lamp, ...]:
    """So many lamps in a mix of states, every seventh not registered."""
    return tuple(
        Lamp(str(1000 + number), DAY[number % 7 if number % 3 else 0], registered=number % 7 != 3)
        for number in range(count)
    )


def _states() -> Iterator[tuple[str, str, View, int, str]]:
    """Widget, name, view, milliseconds after AT, template."""
    calls = {
        "none": CallCounts(),
        "seven": CallCounts(active=7),
        "ringing": CallCounts(ringing=1, active=3),
        "mixed": CallCounts(ringing=2, waiting=5, active=31, held=4),
        "many": CallCounts(ringing=12, waiting=40, active=130, held=5),
    }
    for name, counts in calls.items():
        yield "calls", name, View(counts), 0, ""
    yield "calls", "shaken", View(calls["mixed"]), 250, ""
    for count in (0, 1, 3, 8, 20, 50, 100, 256):
        yield "lamps", str(count), View(lamps=extensions(count)), 0, ""
    yield "lamps", "20-offbeat", View(lamps=extensions(20)), 1_250, ""
    yield "lamps", "20-quiet", View(lamps=tuple(Lamp(str(number)) for number in range(20))), 0, ""
    yield "clock", "lit", View(), 0, ""
    yield "clock", "unlit", View(), 500, ""
    yield "clock", "minutes", View(), 2_000, ""
    for name, template in {
        "short": "{calls.active} up",
        "long": "{calls.active} calls, {lamps} phones: Grüße",
    }.items():
        yield "text", name, View(CallCounts(active=12), extensions(20)), 0, template
        yield "text", f"{name}-moving", View(CallCounts(active=12), extensions(20)), 1_500, template


def cases() -> Iterator[Case]:
    """All pictures."""
    for widget, name, view, after, template in _states():
        for width, height in SIZES:
            options = Options(timezone=BERLIN, template=template, since=AT)
            yield Case(widget, name, width, height, view, AT + after, options)


def golden_files() -> dict[Path, str]:
    """Every golden file with what belongs into it."""
    return {case.golden: str(case.frame()) for case in cases()}
