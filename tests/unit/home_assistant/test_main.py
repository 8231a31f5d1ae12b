"""The command: what it does while it is off."""

import subprocess
import sys

ENVIRONMENT = {"LAMPFIELD_MQTT_PORT": "1", "LAMPFIELD_HEARTBEAT_FILE": "none/heartbeat"}


def run(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "home_assistant", *words]
    given = {**ENVIRONMENT, **{f"LAMPFIELD_{name}": value for name, value in settings.items()}}
    return subprocess.run(command, env=given, capture_output=True, text=True, timeout=50, check=False)


def test_off_it_says_so_and_ends_well() -> None:
    done = run()
    assert done.returncode == 0
    assert "LAMPFIELD_HOMEASSISTANT is off" in done.stderr


def test_a_bad_value_is_named() -> None:
    done = run(HOMEASSISTANT="perhaps")
    assert done.returncode == 2
    assert "LAMPFIELD_HOMEASSISTANT" in done.stderr


def test_check_tells_that_nothing_runs() -> None:
    assert run("check").returncode == 1
