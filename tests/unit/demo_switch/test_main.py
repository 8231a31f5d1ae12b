import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from support.waiting import until


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "demo_switch", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)


def test_it_tells_where_it_listens_and_ends_with_status_0_on_sigterm(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as stream:
        process = subprocess.Popen([sys.executable, "-m", "demo_switch", "--port", "0"], stderr=stream)
    until(lambda: b"listening on 127.0.0.1:" in log.read_bytes())
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait(5) == 0
    assert b"stopped" in log.read_bytes()


@pytest.mark.parametrize(("arguments", "status"), [(["--version"], 0), (["--help"], 0), (["--port", "x"], 2)])
def test_its_exit_status_tells_how_it_went(arguments: list[str], status: int) -> None:
    assert _run(*arguments).returncode == status


def test_a_capture_that_is_none_ends_it_with_one_line(tmp_path: Path) -> None:
    path = tmp_path / "call.esl"
    path.write_bytes(b"this is no capture")
    done = _run("--port", "0", "--replay", str(path))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "no end of headers" in done.stderr
