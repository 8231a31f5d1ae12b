"""The demo switch as a process of a test's own, and a plain client of the Event Socket that knows nothing of ours.

The client reads frames with the standard library only, so that it is independent of the switch's own code.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, NamedTuple, Self

from demo_switch.day import Day
from demo_switch.pbx import Pbx
from demo_switch.templates import Event
from support.waiting import until

CORE = "c0ffee00-0000-4000-8000-000000000000"
BEGIN = 1_795_000_000_000_000  # µs


class Running:
    """One demo switch on a free loopback port."""

    def __init__(self, directory: Path, *arguments: str) -> None:
        self._log = directory / "demo-switch.log"
        command = [sys.executable, "-m", "demo_switch", "--port", "0", *arguments]
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                command, stderr=log, cwd=directory, env={**os.environ, "TMPDIR": str(directory)}
            )
        until(lambda: "listening on" in self.log or self.process.poll() is not None, limit=20)
        found = re.search(r"listening on [^:]*:(\d+)", self.log)
        assert found, self.log
        self.port = int(found[1])

    @property
    def log(self) -> str:
        """What it has logged."""
        return self._log.read_text()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait(5)


class Frame(NamedTuple):
    """One frame as received."""

    headers: dict[str, str]
    body: bytes

    @property
    def kind(self) -> str:
        """Its Content-Type."""
        return self.headers.get("Content-Type", "")

    @property
    def reply(self) -> str:
        """Its Reply-Text."""
        return self.headers["Reply-Text"]

    @property
    def event(self) -> dict[str, Any]:
        """The event of a text/event-json frame."""
        event: dict[str, Any] = json.loads(self.body)
        return event


class Phonebook:
    """A blocking client: `ask` sends a command and gives the reply; events met on the way are kept in `events`."""

    def __init__(self, port: int, password: str | None = "ClueCon", timeout: float = 10) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self._stream = self.socket.makefile("rb")
        self.events: list[dict[str, Any]] = []
        assert self.frame().kind == "auth/request"
        if password is not None:
            assert self.ask(f"auth {password}").reply == "+OK accepted"

    def frame(self) -> Frame:
        """The next frame; EOFError when the switch has hung up."""
        headers = dict[str, str]()
        while line := self._stream.readline():
            if line == b"\n":
                return Frame(headers, self._stream.read(int(headers.get("Content-Length", "0"))))
            name, _, value = line.decode().rstrip("\n").partition(": ")
            headers[name] = value
        raise EOFError

    def ask(self, command: str) -> Frame:
        """The reply to a command."""
        self.socket.sendall(command.encode() + b"\n\n")
        while True:
            frame = self.frame()
            if not frame.kind.startswith("text/event"):
                return frame
            self.events.append(frame.event if frame.kind.endswith("json") else {})

    def api(self, command: str) -> str:
        """The answer to an api command."""
        return self.ask(f"api {command}").body.decode()

    def truth(self) -> Any:
        """What the switch knows to be true, at this point of the stream of events."""
        return json.loads(self.api("demo truth"))

    def close(self) -> None:
        """Hang up."""
        self._stream.close()
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Diary:
    """A day without a process: every event that was sent, and the machine that sent them. Its clock is the day's."""

    def __init__(self, seed: int = 1, **options: Any) -> None:
        self.events: list[Event] = []
        self.pbx = Pbx(Random(seed), CORE, BEGIN, self.events.append)
        self.day = Day(self.pbx, Random(seed), **options)

    def live(self, seconds: float) -> Self:
        """Let the day go on."""
        end = self.day.office.schedule.now + seconds
        while (due := self.day.due()) is not None and due <= end:
            self.day.tick(due, BEGIN + int(due * 1_000_000))
        self.day.tick(end, BEGIN + int(end * 1_000_000))
        return self

    def names(self) -> list[str]:
        """The names of the events so far."""
        return [event.name for event in self.events]
