"""The command line: each word reaches its command, and a fault is one line and status 1."""

import os
from importlib import metadata
from pathlib import Path

import pytest

from credentials import __main__ as program
from support.locked import Locked


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> object:
    for name in [name for name in os.environ if name.startswith("LAMPFIELD_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)  # no .env
    monkeypatch.setenv("LAMPFIELD_MQTT_PORT", "9")  # nobody listens there
    access = Locked(tmp_path / "locked").access

    def run(*words: str) -> tuple[int, str, str]:
        status = program.main(["--base", str(tmp_path / "base"), "--access", str(access), *words])
        return (status, *capsys.readouterr())

    return run


def test_a_life(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]  # the fixture's function
    assert run()[0] == run("ensure")[0] == 0
    assert "LAMPFIELD_DISPLAY=lobby" in run("add", "display", "lobby", "--numbers", "off")[1]
    password = run("password", "display-lobby")[1].strip()
    shown = run("show")[1]
    assert password in shown
    assert run("rotate", "display-lobby")[0] == run("rotate")[0] == 0
    assert password not in run("show")[1]
    assert run("certs", "pbx.example")[0] == 0
    assert run("ca")[1].startswith("-----BEGIN CERTIFICATE-----")
    broker = tmp_path / "base" / "broker"
    own = ("--certificate", str(broker / "server.pem"), "--key", str(broker / "server.key"))
    assert "pbx.example" in run("certs", *own)[1]
    assert "display-lobby is gone" in run("remove", "display", "lobby")[1]


def test_a_fault_is_one_line_and_status_1(run) -> None:  # type: ignore[no-untyped-def]  # as above
    status, out, err = run("remove", "display", "lobby")
    assert (status, out) == (1, "")
    assert err.startswith("credentials: display lobby: not there")
    assert err.count("\n") == 1


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        program.main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"credentials {metadata.version('lampfield-credentials')}\n"
