"""What every part does when another is killed, stopped, cut off, turned away or slow: seconds until the panel says so,
and seconds from the part's return to the right picture. `python bench/chaos.py [WORD ...]` prints the table.

Each fault has a line of its own, of real processes on loopback: mosquitto, demo-switch under load, esl-publisher, and
led-renderer with its max7219 driver before a model of the chain, because only the panel itself can be read while there
is no broker. Right is: `calls` is what `api demo truth` says, there are as many `call/<id>`, each with a leg that
lives, everybody is online, and panel and `frame` show that number. Several lines run at a time; they mostly wait.
"""

import contextlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from led_renderer.digits import number
from led_renderer.frame import Frame
from measure import Row
from proxy import BOTH, DOWN, RUDE, UP, Proxy
from support.broker import Broker, Bus
from support.demo_switch import Phonebook, Running
from support.esl_server import EslServer, Obedient
from support.panel import depicts
from support.publisher import Publisher
from support.renderer import Renderer
from support.waiting import until

__all__ = ["rows"]

RATE: Final = "60"  # calls that begin in a minute
AT_A_TIME: Final = 5
TARGET: Final = 10.0  # seconds from the return to the right picture (DESIGN.md, section 8)
POLL: Final = 0.1  # seconds between two looks
LIMIT: Final = 90.0  # seconds for anything that is waited for
GLANCE: Final = 0.5  # seconds for which a number may differ from the truth: that is delay, longer is wrong
AFTERWARDS: Final = 5.0  # seconds for which it is watched whether it stays right
WIDTH: Final = 32
AGES: Final = tuple(f"{seconds // 60:02d}:{seconds % 60:02d}" for seconds in range(120))


def shown(art: str) -> str:
    """What stands on the panel: `NO BUS`, `NO PBX`, an age, the number of calls, or `nothing known`."""
    if art.count("\n") != 8:
        return "nothing known"
    for text in ("NO BUS", "NO PBX", *AGES):
        if depicts(art, text):
            return text
    picture = Frame.parse(art)
    for total in reversed(range(100)):
        digits = number(str(total), "5x7")
        if picture.crop(WIDTH - digits.width, 0, digits.width, 7) == digits:
            return str(total)
    return "nothing known"


class Line:
    """The processes and what a person beside them would see."""

    def __init__(self, directory: Path, stack: contextlib.ExitStack, *, persistent: bool) -> None:
        self._directory = directory
        self._stack = stack
        self.broker = Broker(directory / "broker", persistent=persistent).start()
        stack.callback(self.broker.kill)
        self.switch = stack.enter_context(Running(directory, "--rate", RATE))
        self.to_switch = stack.enter_context(Proxy(self.switch.port))
        self.to_broker = stack.enter_context(Proxy(self.broker.port))
        self.publisher = Publisher(
            directory,
            self.broker,
            EslServer(Obedient()),  # never started: the settings name the real switch
            ESL_PORT=str(self.to_switch.port),
            MQTT_PORT=str(self.to_broker.port),
        )
        stack.enter_context(self.publisher)
        self.renderer = Renderer(self.broker, directory, spi=True)
        stack.enter_context(self.renderer)
        self._phone: Phonebook | None = None

    @property
    def panel(self) -> str:
        """What stands on it."""
        return shown(self.renderer.seen)

    def start_switch(self, password: str = "ClueCon") -> None:
        """Kills it, and starts another on the same port: another core, other calls."""
        self.kill_switch()
        words = ("--rate", RATE, "--port", str(self.switch.port), "--password", password)
        self.switch = self._stack.enter_context(Running(self._directory, *words))

    def kill_switch(self) -> None:
        """SIGKILL."""
        self._hang_up()
        self.switch.process.kill()
        self.switch.process.wait(5)

    def restart_renderer(self) -> None:
        """A new process; the panel keeps what it showed."""
        self.renderer.__enter__()

    def renderer_pid(self) -> int:
        """The running process's."""
        assert self.renderer.process is not None
        return self.renderer.process.pid

    def kill_renderer(self) -> None:
        """SIGKILL."""
        assert self.renderer.process is not None
        self.renderer.process.kill()
        self.renderer.process.wait(5)

    def truth(self) -> Any:
        """What the switch says; None when it says nothing."""
        try:
            if self._phone is None:
                self._phone = Phonebook(self.switch.port, timeout=5)
            return self._phone.truth()
        except (OSError, EOFError, AssertionError):
            self._hang_up()
            return None

    def _hang_up(self) -> None:
        if self._phone is not None:
            self._phone.close()
        self._phone = None


class Look(NamedTuple):
    """One look at everything."""

    right: bool
    wrong: bool  # the panel shows a number, and it is not the true one


def look(line: Line, bus: Bus) -> Look:
    """Compares bus and panel with the truth."""
    panel = line.panel
    there = line.truth()
    if there is None:
        return Look(right=False, wrong=False)
    total = str(there["calls"]["total"])
    return Look(
        right=panel == total and _bus_is_right(dict(bus.latest), there, total),
        wrong=panel.isdecimal() and panel != total,
    )


def _bus_is_right(latest: dict[str, bytes], there: Any, total: str) -> bool:
    try:
        calls = msgspec.json.decode(latest["switch/main/calls"])
        link = msgspec.json.decode(latest["switch/main/info"])["esl"]
        online = {latest["switch/main/availability"], latest["display/hall/availability"]}
        frame = latest["display/hall/frame"].decode()
    except KeyError:
        return False
    live = [msgspec.json.decode(latest[topic]) for topic in latest if topic.startswith("switch/main/call/")]
    legs = set(there["legs"])
    return (
        (link, online) == ("connected", {b"online"})
        and counts_agree(calls, there)
        and len(live) == there["calls"]["total"]
        and all(legs.intersection(call["legs"]) for call in live)  # a call that was transferred tells its old legs too
        and shown(frame) == total
    )


def counts_agree(calls: dict[str, Any], there: Any) -> bool:
    """By state, each."""
    return all(calls[name] == count for name, count in there["calls"].items())


class Fault(NamedTuple):
    """`says` is what the panel must show while it lasts; `offline` where the panel itself is hit; empty: nothing."""

    what: str
    says: str
    begin: Callable[[Line], object]
    end: Callable[[Line], object]
    lasts: float = 5.0  # seconds, at least
    persistent: bool = True


class Result(NamedTuple):
    """Seconds. `said` is None where nothing has to be said. `wrong`: the longest time a wrong number stood."""

    said: float | None
    right: float
    wrong_before: float
    wrong_after: float
    unsteady: float

    @property
    def met(self) -> bool:
        """Whether it was right in time, and stayed so."""
        return self.right <= TARGET and self.unsteady <= 2 * GLANCE


class Watch:
    """How long something was true at a stretch, at most."""

    def __init__(self) -> None:
        self._since: float | None = None
        self.longest = 0.0

    def note(self, true: bool) -> bool:  # noqa: FBT001 (it notes just that)
        now = time.monotonic()
        self._since = (now if self._since is None else self._since) if true else None
        if self._since is not None:
            self.longest = max(self.longest, now - self._since)
        return true


def measure(fault: Fault, directory: Path) -> Result:
    """Makes one line right, breaks it, mends it. AssertionError where something never comes."""
    with contextlib.ExitStack() as stack:
        line = Line(directory, stack, persistent=fault.persistent)
        with line.broker.bus() as bus:
            bus.subscribe()
            until(lambda: "display/hall/availability" in bus.latest, 30, "the panel")
            bus.publish("display/hall/cmd/page", b"calls")
            time.sleep(10)  # calls begin
            until(lambda: look(line, bus).right, 30, "the right picture at the beginning")
        said, before = broken(line, fault)
        fault.end(line)
        mended = time.monotonic()
        with line.broker.bus() as bus:
            bus.subscribe()
            wrong = Watch()

            def is_right() -> bool:
                time.sleep(POLL)
                seen = look(line, bus)
                wrong.note(seen.wrong)
                return seen.right

            until(is_right, LIMIT, "the right picture again")
            right = time.monotonic() - mended
            unsteady = Watch()
            while time.monotonic() < mended + right + AFTERWARDS:
                unsteady.note(not is_right())
        return Result(said, right, before, wrong.longest, unsteady.longest)


def broken(line: Line, fault: Fault) -> tuple[float | None, float]:
    """While it lasts: seconds until it is said, and for how long a wrong number stood at most."""
    wrong = Watch()
    with contextlib.ExitStack() as stack:
        bus = None
        if fault.says in ("", "offline"):  # the broker is not what is broken
            bus = stack.enter_context(line.broker.bus())
            bus.subscribe()
        fault.begin(line)
        began = time.monotonic()
        said = None

        def is_said() -> bool:
            if fault.says == "offline":
                assert bus is not None
                return bus.latest.get("display/hall/availability") == b"offline"
            time.sleep(POLL / 2)
            return line.panel == fault.says

        if fault.says:
            until(is_said, LIMIT, f"{fault.says!r} on the panel")
            said = time.monotonic() - began
        while time.monotonic() < began + fault.lasts:
            time.sleep(POLL)
            if bus is not None and not fault.says:
                wrong.note(look(line, bus).wrong)
            elif fault.says != "offline":
                wrong.note(line.panel.isdecimal())
    return said, wrong.longest


def _signal(number: signal.Signals, whom: Callable[[Line], int]) -> Callable[[Line], None]:
    return lambda line: os.kill(whom(line), number)


def _stopped(what: str, says: str, whom: Callable[[Line], int], lasts: float) -> Fault:
    begin, end = _signal(signal.SIGSTOP, whom), _signal(signal.SIGCONT, whom)
    return Fault(f"SIGSTOP of the {what}, {lasts:.0f} s", says, begin, end, lasts)


def _slow(pause: float) -> Fault:
    def crawl(line: Line) -> None:
        line.to_broker.pause = pause

    def hurry(line: Line) -> None:
        line.to_broker.pause = 0.0

    return Fault(f"slow way to the broker: {pause} s a segment, 30 s", "", crawl, hurry, 30)


def _kill_publisher(line: Line) -> None:
    line.publisher.end(signal.SIGKILL)


def _start_publisher(line: Line) -> None:
    line.publisher.start()


def _turn_away(line: Line) -> None:
    line.to_switch.refuse(RUDE)


def _let_in(line: Line) -> None:
    line.to_switch.mend()


def _kill_broker(line: Line) -> None:
    line.broker.kill()


def _start_broker(line: Line) -> None:
    line.broker.start()


def _half_open(what: str, way: Callable[[Line], Proxy], directions: frozenset[str]) -> Fault:
    return Fault(what, "NO PBX", lambda line: way(line).lose(directions), lambda line: way(line).mend(), 30)


def _to_switch(line: Line) -> Proxy:
    return line.to_switch


FAULTS: Final = (
    Fault("kill -9 of the switch", "NO PBX", Line.kill_switch, Line.start_switch),
    Fault("kill -9 of the publisher", "NO PBX", _kill_publisher, _start_publisher),
    Fault("kill -9 of the broker", "NO BUS", _kill_broker, _start_broker),
    Fault("kill -9 of the broker, its store lost", "NO BUS", _kill_broker, _start_broker, 20, persistent=False),
    Fault("kill -9 of the renderer", "offline", Line.kill_renderer, Line.restart_renderer),
    _stopped("switch", "NO PBX", lambda it: it.switch.process.pid, 30),
    _stopped("publisher", "NO PBX", lambda it: it.publisher.pid, 30),
    _stopped("renderer", "offline", Line.renderer_pid, 30),
    Fault("SIGSTOP of the broker, 30 s", "NO BUS", lambda it: it.broker.pause(), lambda it: it.broker.resume(), 30),
    _half_open("half-open way to the switch, both directions", _to_switch, BOTH),
    _half_open("half-open, nothing comes from the switch", _to_switch, DOWN),
    _half_open("half-open, nothing reaches the switch", _to_switch, UP),
    _half_open("half-open way from the publisher to the broker", lambda line: line.to_broker, BOTH),
    Fault("the ACL turns the publisher away", "NO PBX", _turn_away, _let_in, 20),
    Fault("another password, then the right one", "NO PBX", lambda it: it.start_switch("other"), Line.start_switch, 20),
    _slow(0.2),
    _slow(1.0),
)


def results(words: tuple[str, ...] = ()) -> Iterator[tuple[Fault, Result | AssertionError]]:
    """Every fault, or those whose name has one of the words in it."""
    chosen = [fault for fault in FAULTS if not words or any(word in fault.what for word in words)]

    def attempt(fault: Fault) -> Result | AssertionError:
        with tempfile.TemporaryDirectory() as directory:
            try:
                return measure(fault, Path(directory))
            except AssertionError as error:
                _keep(Path(directory), fault)
                return error

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        yield from zip(chosen, pool.map(attempt, chosen), strict=True)


def _keep(directory: Path, fault: Fault) -> None:
    """The last lines of the logs, for whoever has to find out why."""
    for log in directory.glob("*.log"):
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
        print(f"--- {fault.what}: {log.name}", *lines, sep="\n", file=sys.stderr)


def cells(fault: Fault, result: Result | AssertionError) -> tuple[str, str, str]:
    """What is said and after how many seconds; seconds to the right picture; what was wrong on the way."""
    if isinstance(result, AssertionError):
        return "-", "never", str(result)
    said = "-" if result.said is None else f"{fault.says}, {result.said:.1f} s"
    faults = {
        "a number that was not true, while it lasted": (result.wrong_before, GLANCE),
        "a number that was not true, after the return": (result.wrong_after, GLANCE),
        "then not right again": (result.unsteady, 2 * GLANCE),
    }
    wrong = [f"{what}: {seconds:.1f} s" for what, (seconds, allowed) in faults.items() if seconds > allowed]
    return said, f"{result.right:.1f} s", "; ".join(wrong) or "-"


def is_met(result: Result | AssertionError) -> bool:
    """Whether the target was reached."""
    return isinstance(result, Result) and result.met


def rows() -> list[Row]:
    """All of them."""
    found = []
    for fault, result in results():
        said, right, wrong = cells(fault, result)
        figure = f"says {said}; right {right} after the return; wrong: {wrong}"
        found.append(Row(fault.what, figure, f"right within {TARGET:.0f} s", is_met(result)))
    return found


def main() -> None:
    """The table of docs/resilience.md."""
    print("| fault | the panel says, after | right, after the return | wrong on the way | within 10 s |")
    print("|---|---|---|---|---|")
    for fault, result in results(tuple(sys.argv[1:])):
        says = "yes" if is_met(result) else "no"
        print(f"| {fault.what} | {' | '.join(cells(fault, result))} | {says} |", flush=True)


if __name__ == "__main__":
    main()
