"""Call-control as a process of its own, on a free port."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any, Self

from support.locked import Locked
from support.waiting import until

__all__ = ["Running"]

USER = "control-main"


class Running:
    """The service. Use with `with`: it is killed at the end if it has not been stopped."""

    def __init__(self, locked: Locked, directory: Path, **settings: str) -> None:
        self._directory = directory
        self._log = directory / "call-control.log"
        given = {
            "MQTT_HOST": locked.broker.host,
            "MQTT_PORT": str(locked.broker.port),
            "MQTT_USERNAME": USER,
            "MQTT_PASSWORD": locked.password(USER),
            "HEARTBEAT_FILE": str(directory / "call-control.heartbeat"),
            "HTTP_PORT": "0",
            **settings,
        }
        clean = {name: value for name, value in os.environ.items() if not name.startswith("LAMPFIELD_")}
        self._environment = {**clean, **{f"LAMPFIELD_{name}": value for name, value in given.items()}}
        self.port = 0

    @property
    def log(self) -> str:
        """What it has logged."""
        return self._log.read_text(encoding="utf-8")

    def __enter__(self) -> Self:
        begun = len(self.log) if self._log.exists() else 0
        with self._log.open("ab") as log:
            command = [sys.executable, "-m", "call_control"]
            self._process = subprocess.Popen(command, env=self._environment, cwd=self._directory, stderr=log)
        until(lambda: self._process.poll() is not None or "listening on" in self.log[begun:], 30, "its port")
        found = re.search(r"listening on http://127\.0\.0\.1:(\d+)", self.log[begun:])
        assert found, self.log
        self.port = int(found[1])
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait(5)

    def stop(self) -> int:
        """SIGTERM; the exit status."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(10)

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Another of its commands, with the same settings."""
        return subprocess.run(
            [sys.executable, "-m", "call_control", *words],
            env=self._environment, cwd=self._directory, capture_output=True, text=True, timeout=50, check=False,
        )  # fmt: skip

    def get(self, path: str) -> Any:
        """What it answers to GET, as JSON."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return json.load(answer)
