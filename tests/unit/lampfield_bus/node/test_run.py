"""lampfield_bus.node.run."""

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from lampfield_bus.node.inbox import Inbox
from lampfield_bus.node.run import Clock, LogOnce, Stop, configure_logging

MS = 1_000_000


class Hands:
    """Two clocks that the test sets, in ms."""

    def __init__(self) -> None:
        self.wall = 1_000_000
        self.monotonic = 5_000

    def clock(self) -> Clock:
        return Clock(wall=lambda: self.wall * MS, monotonic=lambda: self.monotonic * MS)

    def pass_by(self, wall: int, monotonic: int) -> None:
        self.wall += wall
        self.monotonic += monotonic


def test_a_clock_tells_both_times_in_milliseconds() -> None:
    hands = Hands()
    assert hands.clock().read() == (1_000_000, 5_000, 0)


@pytest.mark.parametrize("jump", [60_000, -60_000, 1_000, -1_000])
def test_a_stepped_wall_clock_is_noticed_once(jump: int) -> None:
    hands = Hands()
    clock = hands.clock()
    clock.read()
    hands.pass_by(1_000 + jump, 1_000)
    assert clock.read().stepped == jump
    hands.pass_by(1_000, 1_000)
    assert clock.read().stepped == 0


def test_a_slewed_clock_and_a_long_sleep_are_no_steps() -> None:
    hands = Hands()
    clock = hands.clock()
    for _ in range(1000):
        clock.read()
        hands.pass_by(1_005, 1_000)
        assert clock.read().stepped == 0
    hands.pass_by(86_400_000, 86_400_000)
    assert clock.read().stepped == 0


def test_the_real_clocks_agree_with_themselves() -> None:
    clock = Clock()
    first, second = clock.read(), clock.read()
    assert second.wall >= first.wall
    assert second.monotonic >= first.monotonic
    assert second.stepped == 0


@pytest.fixture
def signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_sets_the_flag_and_wakes_the_loop_and_raises_nothing(number: signal.Signals) -> None:
    inbox = Inbox()
    stop = Stop(inbox.notify).install()
    assert not stop.requested
    os.kill(os.getpid(), number)
    assert inbox.take(10.0) == []
    assert stop.requested


@pytest.mark.usefixtures("signals")
def test_signals_that_rain_on_a_busy_inbox_do_not_lock_it_up() -> None:
    """The handler runs in the thread that may hold the inbox's lock at that moment."""
    inbox = Inbox()
    stop = Stop(inbox.notify).install()
    signal.signal(signal.SIGALRM, lambda *_: stop.request())
    signal.setitimer(signal.ITIMER_REAL, 0.0002, 0.0002)
    try:
        for _ in range(2_000):
            inbox.take(0.0001)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
    assert stop.requested


def test_a_stop_may_be_asked_for_without_a_signal() -> None:
    stop = Stop()
    stop.request()
    assert stop.requested


def logged(style: str, code: str) -> list[str]:
    imports = "import logging\nfrom lampfield_bus.node.run import configure_logging\n"
    program = f"{imports}configure_logging('info', {style!r})\n{code}"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout == ""
    return done.stderr.splitlines()


def test_text_logs_are_a_line_each_on_stderr() -> None:
    [line] = logged("text", "logging.getLogger('a.b').warning('x is %d', 3); logging.getLogger('a').debug('no')")
    at, rest = line.split(" ", 1)
    assert len(at) == 24
    assert at.endswith("Z")
    assert rest == "warning a.b: x is 3"


def test_what_others_sent_begins_no_line_of_its_own_and_moves_no_cursor() -> None:
    [line] = logged("text", r"logging.getLogger('a').warning('said %s', 'ä\n2026 error\x1b[2J\u202e\u2028')")
    assert line.endswith(r" warning a: said ä\n2026 error\x1b[2J\u202e\u2028")


def test_a_traceback_keeps_its_lines() -> None:
    code = "try:\n    1 / 0\nexcept ZeroDivisionError:\n    logging.getLogger('a').exception('oh')"
    assert len(logged("text", code)) >= 4


def test_json_logs_are_an_object_each() -> None:
    code = "try:\n    1 / 0\nexcept ZeroDivisionError:\n    logging.getLogger('a').exception('ö\\nü')"
    [line] = logged("json", code)
    record = json.loads(line)
    assert (record["level"], record["logger"], record["message"]) == ("error", "a", "ö\nü")
    assert "ZeroDivisionError" in record["exception"]
    assert "ö" in line


def test_logging_may_be_configured_twice() -> None:
    assert len(logged("text", "configure_logging('info', 'text'); logging.getLogger('a').info('x')")) == 1


def test_warnings_of_python_are_logged_too() -> None:
    lines = logged("json", "import warnings; warnings.warn('old')")
    assert "old" in json.loads(lines[0])["message"]


def test_in_this_process_configuring_replaces_the_handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    root = logging.getLogger("stand-in")
    root.addHandler(logging.NullHandler())
    monkeypatch.setattr(logging, "getLogger", lambda *_: root)
    monkeypatch.setattr(logging, "captureWarnings", lambda **_: None)
    configure_logging("warning", "json")
    assert [type(handler) for handler in root.handlers] == [logging.StreamHandler]
    assert root.level == logging.WARNING


def test_a_key_is_logged_once_and_memory_is_bounded(caplog: pytest.LogCaptureFixture) -> None:
    once = LogOnce(logging.getLogger("test"), bound=2)
    for key in ("a", "a", "b", "a", "c", "b", "a"):
        once.warning(key, "bad %s", key)
    # c pushes a out, so a is logged again
    assert [record.message for record in caplog.records] == ["bad a", "bad b", "bad c", "bad a"]


def test_an_error_brings_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    once = LogOnce(logging.getLogger("test"))
    try:
        int("inner")
    except ValueError as error:
        once.warning("k", "outer", error=error)
    assert "invalid literal" in caplog.text
