import itertools
import json
import os
import random
import shutil
import signal
import socket
import sys
import tempfile
from pathlib import Path

import pytest

from demo_switch import broker, mqtt, stage
from demo_switch.stage import Failed, Stage, free_port, listens
from support.waiting import until

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    (
        "import pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        "pathlib.Path('up').touch(); time.sleep(60)"
    ),
]


def test_a_free_port_is_one_on_which_nobody_listens() -> None:
    port = free_port()
    assert not listens(port)
    with socket.create_server(("127.0.0.1", port)):
        assert listens(port)


def test_two_processes_with_one_seed_do_not_meet_on_one_port() -> None:
    """pytest-randomly seeds every test of every worker alike."""
    found = []
    for _ in range(2):
        random.seed(1)
        found.append([free_port() for _ in range(4)])
    assert found[0] != found[1]


def test_a_child_that_ends_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    scene = Stage(tmp_path, tty=False)
    scene.start("publisher", [sys.executable, "-c", "print('one'); print('two'); raise SystemExit(3)"])
    scene.children[0].process.wait(10)
    with pytest.raises(Failed, match=r"publisher ended with status 3:\n    one\n    two"):
        scene.check()


def test_children_are_stopped_the_broker_last(tmp_path: Path) -> None:
    scene = Stage(tmp_path, tty=False)
    for name in ("broker", "publisher", "renderer"):
        scene.start(name, SLEEP, panel=name == "renderer")
    scene.check()
    scene.tear_down()
    assert [child.process.returncode for child in scene.children] == [-signal.SIGTERM] * 3
    scene.check()


def test_a_child_that_does_not_stop_is_made_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "_STOP_SECONDS", 0.2)
    scene = Stage(tmp_path, tty=False)
    scene.start("broker", STUBBORN)
    until((tmp_path / "up").exists)
    scene.tear_down()
    assert scene.children[0].process.returncode == -signal.SIGKILL


def test_settings_of_the_desk_lead_no_child_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAMPFIELD_MQTT_TLS", "1")
    monkeypatch.setenv("LAMPFIELD_ESL_HOST", "pbx.example")
    monkeypatch.setenv("LAMPFIELD_DEMO_PORT", "1")
    monkeypatch.setenv("LAMPFIELD_CASCADED", "8")
    scene = Stage(tmp_path, tty=False)
    scene.start("broker", [sys.executable, "-c", "import json, os; print(json.dumps(dict(os.environ)))"])
    scene.children[0].process.wait(10)
    seen = json.loads(scene.children[0].log.read_text())
    ours = {name: value for name, value in seen.items() if name.startswith("LAMPFIELD_")}
    assert ours == {
        "LAMPFIELD_MQTT_HOST": "127.0.0.1",
        "LAMPFIELD_MQTT_PORT": str(scene.mqtt_port),
        "LAMPFIELD_CASCADED": "8",
    }
    assert seen["TMPDIR"] == str(tmp_path)


def test_the_hint_is_told_once_the_panel_is_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scene = Stage(tmp_path, tty=False)
    scene.run(0.2)
    assert capsys.readouterr().out == ""
    (tmp_path / "panel").touch()
    scene.run(0.2)
    assert capsys.readouterr().out.count("cmd/text") == 1


def test_the_hint_is_told_again_when_a_resized_window_was_cleared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    scene, asked = Stage(tmp_path, tty=True), itertools.count()
    monkeypatch.setattr("demo_switch.stage._REDRAW_SECONDS", 0.1)
    monkeypatch.setattr(scene, "window", lambda: (80, 24) if next(asked) < 3 else (40, 20))
    (tmp_path / "panel").touch()
    scene.run(0.5)
    assert capsys.readouterr().out.count("cmd/text") == 2


def test_the_hint_works_without_mosquitto_pub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Stage(tmp_path, tty=False)
    monkeypatch.setattr(shutil, "which", lambda _name: "/usr/bin/mosquitto_pub")
    assert f"mosquitto_pub -p {scene.mqtt_port} -t lampfield/v1/display/demo/cmd/text" in scene.hint()
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    assert f"-m demo_switch.mqtt {scene.mqtt_port} lampfield/v1/display/demo/cmd/text" in scene.hint()


def test_the_wall_is_served_where_it_was_built_and_the_hint_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "_WEB_PORT", free_port())
    scene = Stage(tmp_path, tty=False)
    scene.serve(tmp_path)
    assert "browser" not in scene.hint()
    (tmp_path / "app.js").write_text("")
    scene.serve(tmp_path)
    assert f"The wall in a browser: http://localhost:{stage._WEB_PORT}/\n" in scene.hint()
    assert listens(stage._WEB_PORT)
    scene.tear_down()
    assert not listens(stage._WEB_PORT)


def test_where_the_wall_s_port_is_taken_it_has_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "app.js").write_text("")
    scene = Stage(tmp_path, tty=False)
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setattr(stage, "_WEB_PORT", other.getsockname()[1])
        scene.serve(tmp_path)
        assert scene.page is not None
        assert scene.page.server_address[1] != stage._WEB_PORT
        scene.tear_down()


def test_the_last_frame_is_what_is_retained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Stage(tmp_path, tty=False)
    monkeypatch.setattr(mqtt, "retained", lambda port, topic: f"{port} {topic}".encode())
    assert scene.last_frame() == f"{scene.mqtt_port} lampfield/v1/display/demo/frame"
    monkeypatch.undo()
    assert scene.last_frame().startswith("no frame was published: ")


def test_signals_stop_it_once_and_are_given_back(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGHUP)
    scene = Stage(tmp_path, tty=False)
    with stage.signals(scene):
        os.kill(os.getpid(), signal.SIGHUP)
        os.kill(os.getpid(), signal.SIGINT)
        until(lambda: scene.stopping)
    assert signal.getsignal(signal.SIGHUP) == before


def test_a_broker_that_cannot_start_ends_the_demo(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        broker, "command", lambda _port, _web_port, _folder: [sys.executable, "-c", "raise SystemExit('no broker')"]
    )
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert stage.main() == 1
    assert "broker ended with status 1:\n    no broker" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_a_time_that_is_no_number_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO_SECONDS", "soon")
    with pytest.raises(SystemExit, match="DEMO_SECONDS: 'soon' is not a number of seconds"):
        stage.main()
