"""`make demo` as a process: the whole line comes up, and nothing of it is left."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from support.waiting import until

WITH_MOSQUITTO = "from demo_switch import stage; raise SystemExit(stage.main())"
EMBEDDED = f"from demo_switch import broker; broker.mosquitto = lambda: None; {WITH_MOSQUITTO}"


def _start(program: str, directory: Path, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "TMPDIR": str(directory), **environment},
    )


def _left(directory: Path) -> list[str]:
    """The processes whose temporary files are in `directory`: everything that the demo started."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes()
        except OSError:
            continue
        if f"TMPDIR={directory}".encode() in environment:
            found.append((process / "cmdline").read_text())
    return found


@pytest.mark.parametrize("program", [WITH_MOSQUITTO, EMBEDDED], ids=["mosquitto", "embedded"])
def test_the_panel_shows_something_and_nothing_is_left(tmp_path: Path, program: str) -> None:
    demo = _start(program, tmp_path, DEMO_SECONDS="6")
    told, _ = demo.communicate(timeout=50)
    assert demo.returncode == 0, told
    assert "/cmd/text" in told
    assert re.search(r"the panel at last:\n([#.]{32}\n){8}", told), told
    assert _left(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_can_be_stopped_at_any_time(tmp_path: Path, number: signal.Signals) -> None:
    demo = _start(WITH_MOSQUITTO, tmp_path)
    until(lambda: any("led_renderer" in command for command in _left(tmp_path)), limit=20)
    demo.send_signal(number)
    told, _ = demo.communicate(timeout=20)
    assert demo.returncode == 0, told
    assert _left(tmp_path) == []
    assert list(tmp_path.iterdir()) == []
