"""The real `esl-publisher` as a process of a test's own."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from support.broker import Broker
from support.esl_server import EslServer
from support.waiting import allowed, until

__all__ = ["Publisher", "environment"]


def environment(directory: Path, broker: Broker, server: EslServer, **settings: str) -> dict[str, str]:
    """An environment of nothing but these settings; names without their prefix."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LAMPFIELD_")}
    given = {
        "MQTT_HOST": broker.host,
        "MQTT_PORT": str(broker.port),
        "ESL_HOST": server.host,
        "ESL_PORT": str(server.port),
        "HEARTBEAT_FILE": str(directory / "heartbeat"),
        **settings,
    }
    return {**clean, "TZ": "UTC", **{f"LAMPFIELD_{name}": value for name, value in given.items()}}


class Publisher:
    """One process; its log is in `directory`. Use it with `with`."""

    def __init__(self, directory: Path, broker: Broker, server: EslServer, **settings: str) -> None:
        self._directory = directory
        self._environment = environment(directory, broker, server, **settings)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """What it has logged, over all its lives."""
        return (self._directory / "publisher.log").read_text(encoding="utf-8")

    @property
    def pid(self) -> int:
        """The running process's."""
        assert self._process is not None, "the publisher is not running"
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def wait(self, limit: float) -> int:
        """Waits for an end of its own accord; the exit status."""
        assert self._process is not None, "the publisher is not running"
        return self._process.wait(allowed(limit))

    def start(self) -> Self:
        """Starts it."""
        with (self._directory / "publisher.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "esl_publisher"], env=self._environment, cwd=self._directory, stderr=log
            )
        return self

    def end(self, number: signal.Signals = signal.SIGTERM, limit: float = 10.0) -> int:
        """Sends a signal and waits for the end; the exit status."""
        process, self._process = self._process, None
        assert process is not None, "the publisher is not running"
        process.send_signal(number)
        try:
            return process.wait(allowed(limit))
        finally:
            process.kill()
            process.wait()

    def pause(self) -> None:
        """SIGSTOP: it has no turn."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        os.kill(self.pid, signal.SIGCONT)

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Runs `esl-publisher WORDS` with the same settings."""
        return subprocess.run(
            [sys.executable, "-m", "esl_publisher", *words],
            env=self._environment,
            cwd=self._directory,
            capture_output=True,
            text=True,
            timeout=allowed(30),
            check=False,
        )

    def wait_for_log(self, text: str, times: int = 1) -> None:
        """Waits until it has logged this so often."""
        until(lambda: self.log.count(text) >= times, 15, f"{text!r} in the log")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self.end(signal.SIGKILL)
