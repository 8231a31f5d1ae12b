"""Widgets and screens x sizes x states: what the contact sheets show and what the golden frames pin down."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from led_renderer.board import Board
from led_renderer.frame import Frame
from led_renderer.scene import scene
from led_renderer.view import CallCounts, Lamp, LampState, View
from led_renderer.widgets import WIDGETS, Options, Size
from support.boards import command, panel, read, switch
from support.views import AT

GOLDEN: Final = Path(__file__).parent.parent / "data" / "frames"
SIZES: Final[tuple[Size, ...]] = ((8, 8), (16, 8), (32, 8), (64, 8), (128, 8), (32, 16), (64, 32))
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
        return WIDGETS[self.widget].draw(self.view, (self.width, self.height), self.at, self.options)[0]

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


class Screen(NamedTuple):
    """What lies over the pages, as a whole display shows it. `tell` brings its board there, before or at `AT`."""

    kind: str
    name: str
    width: int
    height: int
    tell: Callable[[Board], object]
    at: int

    def frame(self) -> Frame:
        shown = panel(display="hall", width=self.width, height=self.height, started_at=AT - 65_000)
        board = Board(shown)
        self.tell(board)
        return scene(board, shown, self.at)[0]

    @property
    def golden(self) -> Path:
        return GOLDEN / f"{self.kind}-{self.width}x{self.height}-{self.name}.txt"


def _linked(board: Board) -> None:
    read(board, *switch(active=7, at=AT), now=AT)


def _one_lost(board: Board) -> None:
    read(board, *switch(active=7, at=AT), *switch("berlin", esl="lost", at=AT - 65_000), now=AT)
    board.stay = "NO berlin"


def _stale(board: Board) -> None:
    read(board, *switch(active=7, at=AT - 31_000), now=AT)


def _commanded(verb: str, **payload: object) -> Callable[[Board], None]:
    def tell(board: Board) -> None:
        _linked(board)
        command(board, verb, json.dumps(payload) if payload else "", now=AT)

    return tell


def _overlays() -> Iterator[tuple[str, str, Callable[[Board], object], int]]:
    """Kind, name, how the board gets there, milliseconds after AT."""
    for after in (0, 2_000):
        yield "trouble", f"bus-{after}", lambda _: None, after
        yield "trouble", f"pbx-{after}", lambda board: read(board, now=AT), after
        yield "trouble", f"berlin-{after}", _one_lost, after
    yield "trouble", "pbx-hours", lambda board: read(board, now=AT), 101 * 60_000
    yield "trouble", "stale", _stale, 500
    critical = _commanded("notify", text="Line 3 down", icon="warning", priority="critical")
    for after in (0, 500, 2_500):
        yield "notice", f"critical-{after}", critical, after
    for icon in ("voicemail", "queue", "no-entry", "check"):
        yield "notice", icon, _commanded("notify", text="2", icon=icon), 0
    yield "notice", "invert", _commanded("notify", text="Hi", effect="invert"), 0
    yield "notice", "text", _commanded("text", text="Grüße!"), 0
    yield "overlay", "identify", _commanded("identify"), 0
    yield "overlay", "test", _commanded("test"), 0
    yield "overlay", "checkerboard", _commanded("test"), 2_000


def screens() -> Iterator[Screen]:
    """All screens."""
    for kind, name, tell, after in _overlays():
        for width, height in SIZES:
            yield Screen(kind, name, width, height, tell, AT + after)


def golden_files() -> dict[Path, str]:
    """Every golden file with what belongs into it."""
    widgets = {case.golden: str(case.frame()) for case in cases()}
    return widgets | {screen.golden: str(screen.frame()) for screen in screens()}
