"""The command line: each word does what it says and returns its exit status."""

import os
import time
from importlib import metadata
from pathlib import Path

import pytest

from lampfield_bus.node.health import Heartbeat
from led_renderer import __main__ as program
from support.broker import Broker, retained


@pytest.fixture(autouse=True)
def heartbeat(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name in [name for name in os.environ if name.startswith("LAMPFIELD_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)  # no .env
    monkeypatch.setenv("LAMPFIELD_DISPLAY", "hall")
    monkeypatch.setenv("LAMPFIELD_HEARTBEAT_FILE", str(tmp_path / "beat"))
    return tmp_path / "beat"


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    for option in ("--version", "--help"):
        with pytest.raises(SystemExit) as stopped:
            program.main([option])
        assert stopped.value.code == 0
    out = capsys.readouterr().out
    assert f"led-renderer {metadata.version('lampfield-led-renderer')}\n" in out
    assert all(word in out for word in ("run", "check", "doctor", "wiring", "forget"))


def test_check_is_healthy_while_the_heart_beats(heartbeat: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Heartbeat(heartbeat).touch(time.time_ns() // 1_000_000)
    assert program.main(["check"]) == 0
    assert capsys.readouterr().out.startswith("healthy")


def test_check_fails_without_a_heartbeat(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["check"]) == 1
    assert "no heartbeat" in capsys.readouterr().out


def test_check_finds_the_heartbeat_of_its_own_display(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("LAMPFIELD_HEARTBEAT_FILE")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    Heartbeat(tmp_path / "led-renderer-hall.heartbeat").touch(time.time_ns() // 1_000_000)
    assert program.main(["check"]) == 0


def test_a_bad_setting_is_exit_status_2(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LAMPFIELD_BRIGHTNESS", "bright")
    with pytest.raises(SystemExit) as stopped:
        program.main([])
    assert stopped.value.code == 2
    assert capsys.readouterr().err.startswith("led-renderer: LAMPFIELD_BRIGHTNESS: 'bright'")


def test_run_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("led_renderer.app.run", lambda settings: 40 + len(settings.display))
    assert program.main([]) == program.main(["run"]) == 44


def test_doctor_examines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("led_renderer.doctor.examine", lambda _: 7)
    assert program.main(["doctor"]) == 7


def test_wiring_walks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("led_renderer.wiring.walk", lambda _: 9)
    assert program.main(["wiring"]) == 9


def test_forget_deletes_what_a_retired_display_left(
    broker: Broker, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAMPFIELD_MQTT_HOST", broker.host)
    monkeypatch.setenv("LAMPFIELD_MQTT_PORT", str(broker.port))
    with broker.bus() as bus:
        bus.publish("display/old/availability", b"offline", retain=True)
        bus.publish("display/old/frame", b"#\n", retain=True)
        bus.publish("display/hall/availability", b"offline", retain=True)
    assert program.main(["forget", "old"]) == 0
    assert capsys.readouterr().out == "led-renderer: 2 retained topics of display old deleted\n"
    assert retained(broker) == {"display/hall/availability": b"offline"}
