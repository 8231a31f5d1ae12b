"""`make demo` as a process: it can be stopped at any time. What it shows is looked at by test_web_wall.py."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from demo_switch import broker, stage
from demo_switch.stage import Stage, listens
from support.broker import mosquitto
from support.processes import left
from support.waiting import until

DEMO = "from demo_switch import stage; raise SystemExit(stage.main())"


def _start(program: str, directory: Path, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "TMPDIR": str(directory), **environment},
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_can_be_stopped_at_any_time(tmp_path: Path, number: signal.Signals) -> None:
    demo = _start(DEMO, tmp_path)
    until(lambda: any("led_renderer" in command for command in left(tmp_path)), limit=20)
    demo.send_signal(number)
    told, _ = demo.communicate(timeout=20)
    assert demo.returncode == 0, told
    assert left(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


# Refuses what a mosquitto that was built without WebSocket refuses, in its words; else it is the real one.
WITHOUT_WEBSOCKET = """#!/bin/sh
if grep -q 'protocol websockets' "$2"; then echo '1785082301: Error: {no}.' >&2; exit 3; fi
exec {mosquitto} "$@"
"""


@pytest.mark.parametrize("wheel", [True, False], ids=["embedded", "no other broker"])
def test_a_mosquitto_without_websocket_is_said_in_a_line_and_the_demo_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, wheel: bool
) -> None:
    program = tmp_path / "mosquitto"
    program.write_text(WITHOUT_WEBSOCKET.format(no=broker.NO_WEBSOCKET, mosquitto=mosquitto()), encoding="utf-8")
    program.chmod(0o755)
    (tmp_path / "app.js").write_text("", encoding="utf-8")
    monkeypatch.setattr(broker, "mosquitto", lambda: str(program))
    monkeypatch.setattr(broker, "embedded", lambda: wheel)
    monkeypatch.setattr(stage, "_WEB_PORT", 0)
    scene = Stage(tmp_path, tty=False)
    try:
        scene._start_broker()
        until(lambda: listens(scene.mqtt_port), what="the broker")
        until(lambda: listens(scene.web_port) is wheel, what="its WebSocket, or none")
        scene.serve(tmp_path)
        assert (scene.page is not None) is wheel
    finally:
        scene.tear_down()
    (told,) = capsys.readouterr().out.splitlines()
    assert told.startswith("this mosquitto has no WebSocket")
