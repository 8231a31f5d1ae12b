"""The command line: each word does what it says and returns its exit status."""

import functools
import os
import time
from importlib import metadata
from pathlib import Path

import pytest

from esl_publisher import __main__ as program
from esl_publisher.settings import Settings
from lampfield_bus.node.health import Heartbeat
from support.broker import Broker, retained


@pytest.fixture(autouse=True)
def heartbeat(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name in [name for name in os.environ if name.startswith("LAMPFIELD_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)  # no .env
    monkeypatch.setenv("LAMPFIELD_SWITCH", "hall")
    monkeypatch.setenv("LAMPFIELD_HEARTBEAT_FILE", str(tmp_path / "beat"))
    return tmp_path / "beat"


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    for option in ("--version", "--help"):
        with pytest.raises(SystemExit) as stopped:
            program.main([option])
        assert stopped.value.code == 0
    out = capsys.readouterr().out
    assert f"esl-publisher {metadata.version('lampfield-esl-publisher')}\n" in out
    assert all(word in out for word in ("run", "check", "doctor", "forget"))


def test_check_is_healthy_while_the_heart_beats(heartbeat: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Heartbeat(heartbeat).touch(time.time_ns() // 1_000_000)
    assert program.main(["check"]) == 0
    assert capsys.readouterr().out.startswith("healthy")


def test_check_fails_without_a_heartbeat(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["check"]) == 1
    assert "no heartbeat" in capsys.readouterr().out


def test_a_bad_setting_is_exit_status_2(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LAMPFIELD_ESL_PORT", "esl")
    with pytest.raises(SystemExit) as stopped:
        program.main([])
    assert stopped.value.code == 2
    assert capsys.readouterr().err.startswith("esl-publisher: LAMPFIELD_ESL_PORT: 'esl'")


@pytest.mark.parametrize(("words", "called"), [([], "run"), (["run"], "run"), (["doctor"], "examine")])
def test_run_is_the_default_and_doctor_examines(monkeypatch: pytest.MonkeyPatch, words: list[str], called: str) -> None:
    calls: list[str] = []

    def note(name: str, settings: Settings) -> int:
        calls.append(f"{name} {settings.switch}")
        return 7

    monkeypatch.setattr("esl_publisher.app.run", functools.partial(note, "run"))
    monkeypatch.setattr("esl_publisher.doctor.examine", functools.partial(note, "examine"))
    assert program.main(words) == 7
    assert calls == [f"{called} hall"]


def test_forget_deletes_what_is_retained(
    monkeypatch: pytest.MonkeyPatch, broker: Broker, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAMPFIELD_MQTT_HOST", broker.host)
    monkeypatch.setenv("LAMPFIELD_MQTT_PORT", str(broker.port))
    with broker.bus() as bus:
        bus.publish("switch/old/availability", b"online", retain=True)
        bus.publish("switch/old/calls", b"{}", retain=True)
        bus.publish("switch/other/calls", b"{}", retain=True)

    assert program.main(["forget", "old"]) == 1
    assert "still online" in capsys.readouterr().err
    assert program.main(["forget", "old", "--force"]) == 0
    assert set(retained(broker)) == {"switch/other/calls"}
