"""Widgets and screens x sizes x states: what the contact sheets show and what the golden frames pin down."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from led_renderer.board import Board
from led_renderer.frame import Frame
from led_renderer.scene import scene
from led_renderer.view import CallCounts, Conference, Gateway, History, Lamp, LampState, Lot, View
from led_renderer.widgets import WIDGETS, Options, Size
from support.boards import command, panel, read, switch
from support.views import AT, agents, finished, queue, today

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


HOUR: Final = (0,) * 8 + (1, 1, 2, 1, 1, 0, 1, 2, 2, 3, 2, 1, 2, 3, 3, 4, 5, 4, 3, 3, 4, 5, 6, 5, 4, 4, 5, 6, 7, 6) + (
    8, 7, 7, 6, 5, 6, 7, 7, 6, 5, 4, 3, 3, 2, 3, 2, 1, 1, 2, 3, 4, 4)  # fmt: skip


class State(NamedTuple):
    """What a widget is to draw, `after` so many ms."""

    widget: str
    name: str
    view: View
    after: int = 0
    options: dict[str, object] = {}  # noqa: RUF012 - never changed


def _figures() -> Iterator[State]:
    """The widgets that are laid out as cards."""
    busy = queue(waiting=5, longest_wait_since=AT - 133_000)
    several = View(queues=(busy, queue("sales@default", waiting=12, longest_wait_since=AT - 754_000, available=0)))
    yield State("queue", "busy", View(queues=(busy,)), 0, {"name": "support"})
    yield State("queue", "quiet", View(queues=(queue(),)), 0, {"name": "support"})
    for after in (0, 2_500, 7_000):
        yield State("queue", f"sales-{after}", several, after, {"name": "sales@default"})
    staff = View(queues=(busy,), agents=agents(available=3, on_call=2, on_break=1))
    for after in (0, 3_000, 6_000):
        yield State("agents", f"all-{after}", staff, after)
    down = Gateway(name="carrier", state="FAIL_WAIT", up=False, since=AT - 723_000)
    up = Gateway(name="backup", state="REGED", up=True)
    yield State("gateways", "up", View(gateways=(up,)))
    for after in (0, 3_500):
        yield State("gateways", f"down-{after}", View(gateways=(up, down)), after)
    for after in (0, 3_000, 6_000):
        yield State("today", f"day-{after}", View(today=today()), after)
    yield State("today", "incomplete", View(today=today(answered=1_204, complete=False)))
    one = Conference(name="3000", members=4, talking=1, since=AT - 1_325_000)
    for after in (0, 3_000, 6_000):
        yield State("conference", f"one-{after}", View(conferences=(one,)), after)
    board = Conference(name="board", members=12, talking=2, locked=True, recording=True, since=AT - 65_000)
    yield State("conference", "flags", View(conferences=(board,)))
    yield State("conference", "two", View(conferences=(one, board)), 2_500)
    lots = View(parking=(Lot(name="park", parked=2, longest_since=AT - 95_000),))
    for after in (0, 5_000):
        yield State("parking", f"two-{after}", lots, after)
    recent = View(recent=(finished("1000", "1001", "missed", "USER_BUSY", 486), finished("0301234567", "1003"), *(
        finished(str(1000 + other), "1009", "missed", "ORIGINATOR_CANCEL", 487) for other in range(3)
    )))  # fmt: skip
    yield State("ticker", "first", recent)
    yield State("ticker", "moving", recent, 1_500)
    yield State("ticker", "one", View(recent=recent.recent[:1]))
    yield State("spark", "hour", View(history=History(AT, HOUR)))
    yield State("spark", "high", View(history=History(AT, tuple(3 * count for count in HOUR))))
    yield State("spark", "quiet", View(history=History(AT, (0,) * 60)))
    yield State("bar", "none", View(CallCounts()), 0, {"value": "calls.total", "limit": 30.0})
    yield State("bar", "half", View(CallCounts(active=14)), 0, {"value": "calls.total", "limit": 30.0})
    yield State("bar", "over", View(CallCounts(active=31)), 0, {"value": "calls.total", "limit": 30.0})
    yield State("bar", "absent", View(), 0, {"value": "queue.gone.waiting", "limit": 10.0})


def _states() -> Iterator[State]:
    """All states of all widgets."""
    calls = {
        "none": CallCounts(),
        "seven": CallCounts(active=7),
        "ringing": CallCounts(ringing=1, active=3),
        "mixed": CallCounts(ringing=2, waiting=5, active=31, held=4),
        "many": CallCounts(ringing=12, waiting=40, active=130, held=5),
    }
    for name, counts in calls.items():
        yield State("calls", name, View(counts))
    yield State("calls", "shaken", View(calls["mixed"]), 250)
    for count in (0, 1, 3, 8, 20, 50, 100, 256):
        yield State("lamps", str(count), View(lamps=extensions(count)))
    yield State("lamps", "20-offbeat", View(lamps=extensions(20)), 1_250)
    yield State("lamps", "20-quiet", View(lamps=tuple(Lamp(str(number)) for number in range(20))))
    yield State("clock", "lit", View())
    yield State("clock", "unlit", View(), 500)
    yield State("clock", "minutes", View(), 2_000)
    for name, template in {
        "short": "{calls.active} up",
        "long": "{calls.active} calls, {lamps} phones: Grüße",
    }.items():
        yield State("text", name, View(CallCounts(active=12), extensions(20)), 0, {"template": template})
        yield State(
            "text", f"{name}-moving", View(CallCounts(active=12), extensions(20)), 1_500, {"template": template}
        )
    yield State("text", "icon", View(today=today()), 0, {"template": "{today.missed}", "icon": "missed"})
    yield from _figures()


def cases() -> Iterator[Case]:
    """All pictures."""
    for state in _states():
        options = Options(timezone=BERLIN, since=AT, **state.options)  # type: ignore[arg-type] # fields by name
        for width, height in SIZES:
            yield Case(state.widget, state.name, width, height, state.view, AT + state.after, options)


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
