"""The command: its words, its version, and what it says of a bad setting."""

import subprocess
import sys
from pathlib import Path

ENVIRONMENT = {"LAMPFIELD_MQTT_PORT": "1", "LAMPFIELD_HEARTBEAT_FILE": "none/heartbeat"}


def run(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sip_monitor", *words]
    given = {**ENVIRONMENT, **{f"LAMPFIELD_{name}": value for name, value in settings.items()}}
    return subprocess.run(command, env=given, capture_output=True, text=True, timeout=50, check=False)


def test_help_and_version() -> None:
    done = run("--help")
    assert done.returncode == 0
    assert all(word in done.stdout for word in ("check", "doctor", "forget"))
    assert run("--version").stdout == "sip-monitor 0.1.0\n"


def test_a_bad_value_is_named_and_ends_with_2() -> None:
    done = run(HEP_SOURCES="somebody")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "LAMPFIELD_HEP_SOURCES" in done.stderr


def test_check_tells_that_nothing_runs() -> None:
    assert run("check").returncode == 1


def test_the_console_script_is_installed() -> None:
    assert Path(sys.executable).with_name("sip-monitor").is_file()
