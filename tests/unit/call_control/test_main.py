"""The command: its words and what it says of bad settings."""

import subprocess
import sys

import pytest

from call_control.__main__ import main

ENVIRONMENT = {"LAMPFIELD_MQTT_PORT": "1", "LAMPFIELD_HEARTBEAT_FILE": "none/heartbeat"}


def run(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "call_control", *words]
    given = {**ENVIRONMENT, **{f"LAMPFIELD_{name}": value for name, value in settings.items()}}
    return subprocess.run(command, env=given, capture_output=True, text=True, timeout=50, check=False)


def test_a_bad_value_is_named() -> None:
    done = run(HTTP_PORT="eighty")
    assert done.returncode == 2
    assert done.stderr == "call-control: LAMPFIELD_HTTP_PORT: 'eighty' is not a number; allowed: 0-65535\n"


def test_check_tells_that_nothing_runs() -> None:
    done = run("check")
    assert done.returncode == 1
    assert done.stdout.startswith("not healthy: no heartbeat in ")


@pytest.mark.parametrize("word", ["--help", "--version"])
def test_it_says_what_it_is(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([word])
    assert ended.value.code == 0
    assert "call-control" in capsys.readouterr().out
