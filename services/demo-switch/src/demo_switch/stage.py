"""`make demo`: the whole line on one desk, and nothing left of it afterwards.

Starts a broker, the demo switch, the publisher and the renderer as processes of their own, on free loopback ports, with
the panel in this terminal; where the output is no terminal the panel's last frame is printed at the end. The wall in a
browser is served beside it where it was built. Ctrl-C, SIGTERM and a closed terminal stop everything. It imports none
of the services: they are commands. May NOT leave a process or a file behind.

    python -m demo_switch.stage      DEMO_SECONDS=10 stops by itself after that long
                                     DEMO_PAGE=folder has the built page
"""

import contextlib
import os
import random
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from demo_switch import broker, mqtt
from demo_switch.page import Page

DISPLAY = "demo"
_ROOT = "lampfield/v1"
_TOPIC = f"{_ROOT}/display/{DISPLAY}"
_WEB_PORT = 8080  # as docker-compose.yml has it; another one where somebody is there already
_START_SECONDS = 10.0  # for the broker to listen
_STOP_SECONDS = 4.0  # for a child to stop when told; each promises 3
_LOG_LINES = 12
_POLL_SECONDS = 0.05
_PORTS = range(20_000, 32_000)  # below those that a system gives to outgoing connections, at any moment, by itself
_DICE = random.SystemRandom()  # whoever seeds `random` in two processes alike would have both meet on one port
_REDRAW_SECONDS = 1.5  # after the window was resized: by then the panel has cleared it and drawn itself again


class Failed(Exception):  # noqa: N818  # it is what happened, and it is caught in one place
    """A child ended, or never came up: its name and the end of its log are the message."""


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A loopback port that nobody uses, and that nobody is likely to take before the child it is meant for."""
    while True:
        port = _DICE.choice(_PORTS)
        with contextlib.suppress(OSError), socket.socket(type=kind) as probe:
            probe.bind(("127.0.0.1", port))
            return port


def listens(port: int) -> bool:
    """Whether somebody does."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
        return True
    return False


@dataclass
class Child:
    """One process of the demo; its log is a file."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def tell(self, number: signal.Signals) -> None:
        """Send it a signal, unless it has ended."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)

    def ending(self) -> str:
        """The end of its log."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-_LOG_LINES:])


@dataclass
class Stage:
    """What runs, and where. `tty`: the panel is drawn on this process's stdout."""

    folder: Path
    tty: bool
    children: list[Child] = field(default_factory=list)
    stopping: bool = False

    def __post_init__(self) -> None:
        self.mqtt_port = free_port()
        self.esl_port = free_port()
        self.web_port = free_port()
        self.has_web = True
        self.page: Page | None = None

    # -- starting -------------------------------------------------------------------------------------------------

    def start(self, name: str, command: list[str], *, panel: bool = False, **settings: str) -> None:
        """Start a child. Only the one that draws the panel gets the terminal, and Ctrl-C from it."""
        log = self.folder / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603  # our own commands
                command,
                stdin=subprocess.DEVNULL,
                stdout=None if panel and self.tty else output,
                stderr=output,
                cwd=self.folder,  # where there is no .env of the user's
                env=self._environment() | settings,
                process_group=None if panel else 0,
            )
        self.children.append(Child(name, process, log))

    def _environment(self) -> dict[str, str]:
        """This process's, without what would lead a service elsewhere."""
        elsewhere = ("LAMPFIELD_MQTT_", "LAMPFIELD_ESL_", "LAMPFIELD_DEMO_", "LAMPFIELD_TOPIC_ROOT", "LAMPFIELD_SWITCH")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(elsewhere)}
        return kept | {
            "TMPDIR": str(self.folder),
            "PYTHONUNBUFFERED": "1",
            "LAMPFIELD_MQTT_HOST": "127.0.0.1",
            "LAMPFIELD_MQTT_PORT": str(self.mqtt_port),
        }

    def set_up(self) -> None:
        """Start everything, the broker first, and come back when it listens."""
        self._start_broker()
        self.start("demo-switch", [sys.executable, "-m", "demo_switch", "--port", str(self.esl_port), "--rate", "12"])
        self.start(
            "esl-publisher",
            [sys.executable, "-m", "esl_publisher"],
            LAMPFIELD_ESL_HOST="127.0.0.1",
            LAMPFIELD_ESL_PORT=str(self.esl_port),
        )
        self.start(
            "led-renderer",
            [sys.executable, "-m", "led_renderer"],
            panel=True,
            LAMPFIELD_DISPLAY=DISPLAY,
            LAMPFIELD_DRIVER="terminal" if self.tty else "none",
            LAMPFIELD_HEARTBEAT_FILE=str(self.folder / "panel"),
        )

    def _start_broker(self) -> None:
        """A mosquitto without WebSocket gives way to the embedded broker, or the wall is not served."""
        try:
            self._listening(broker.command(self.mqtt_port, self.web_port, self.folder))
        except Failed as fault:
            if broker.NO_WEBSOCKET not in str(fault):
                raise
            self.children.clear()
            if broker.embedded():
                say("this mosquitto has no WebSocket, which the wall in a browser needs: the embedded broker stands in")
                self._listening(broker.embedded_command(self.mqtt_port, self.web_port))
            else:
                say("this mosquitto has no WebSocket: the wall in a browser is not served")
                self.has_web = False
                self._listening(broker.command(self.mqtt_port, None, self.folder))

    def _listening(self, command: list[str]) -> None:
        """Start a broker; come back when it listens."""
        self.start("broker", command)
        end = time.monotonic() + _START_SECONDS
        while not listens(self.mqtt_port):
            self.check()
            if time.monotonic() > end:
                raise Failed(f"the broker does not listen on port {self.mqtt_port}")
            time.sleep(_POLL_SECONDS)

    def serve(self, folder: Path) -> None:
        """Serve the wall in a browser from this folder, if it was built and the broker speaks WebSocket."""
        if not self.has_web or not (folder / "app.js").is_file():
            return
        config = {"broker": f"ws://127.0.0.1:{self.web_port}", "login": False}  # the demo's broker lets everybody in
        try:
            self.page = Page(folder, config, _WEB_PORT)
        except OSError:
            self.page = Page(folder, config)
        threading.Thread(target=self.page.serve_forever, name="page", daemon=True).start()

    def panel_is_up(self) -> bool:
        """Whether the renderer has drawn: its heartbeat file is there."""
        return (self.folder / "panel").exists()

    # -- running --------------------------------------------------------------------------------------------------

    def check(self) -> None:
        """Failed when a child has ended that nobody told to."""
        for child in self.children:
            status = child.process.poll()
            if status is not None and not self.stopping:
                raise Failed(f"{child.name} ended with status {status}:\n{child.ending()}")

    def run(self, seconds: float | None) -> None:
        """Watch over the children until told to stop, or for so many seconds."""
        end = None if seconds is None else time.monotonic() + seconds
        told: tuple[int, int] | None = None
        seen, resized_at = self.window(), 0.0
        while not self.stopping and (end is None or time.monotonic() < end):
            self.check()
            now, window = time.monotonic(), self.window()
            if window != seen:
                seen, resized_at = window, now
            if told != window and self.panel_is_up() and now >= resized_at + _REDRAW_SECONDS:
                told = window
                say(self.hint())  # below the panel, which has cleared the screen by now
            time.sleep(_POLL_SECONDS)

    def window(self) -> tuple[int, int]:
        """Columns and lines of the terminal; zeros when there is none."""
        with contextlib.suppress(OSError, ValueError):
            if self.tty:
                return os.get_terminal_size(sys.stdout.fileno())
        return (0, 0)

    def hint(self) -> str:
        """How to send a text."""
        if shutil.which("mosquitto_pub"):
            command = f"mosquitto_pub -p {self.mqtt_port} -t {_TOPIC}/cmd/text -m 'hello'"
        else:
            python = shlex.quote(sys.executable)
            command = f"{python} -m demo_switch.mqtt {self.mqtt_port} {_TOPIC}/cmd/text 'hello'"
        seen = f"The wall in a browser: {self.page.url}\n" if self.page else ""
        return f"{seen}Ctrl-C ends the demo. A text from another terminal:\n{command}"

    def last_frame(self) -> str:
        """What the panel shows, as `#` and `.`; or why that cannot be told."""
        try:
            return mqtt.retained(self.mqtt_port, f"{_TOPIC}/frame").decode()
        except OSError as fault:
            return f"no frame was published: {fault or type(fault).__name__}\n"

    # -- stopping -------------------------------------------------------------------------------------------------

    def tear_down(self) -> None:
        """Stop everything, the broker last: first those that say goodbye on it."""
        self.stopping = True
        if self.page:
            self.page.shutdown()
            self.page.server_close()
        for group in (self.children[1:], self.children[:1]):
            for child in group:
                child.tell(signal.SIGTERM)
            end = time.monotonic() + _STOP_SECONDS
            for child in group:
                try:
                    child.process.wait(max(end - time.monotonic(), 0))
                except subprocess.TimeoutExpired:
                    child.tell(signal.SIGKILL)
                    child.process.wait()


def say(text: str) -> None:
    """A line for whoever looks; a terminal that was closed does not hear it."""
    with contextlib.suppress(OSError):
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


@contextlib.contextmanager
def signals(stage: Stage) -> Iterator[None]:
    """Ctrl-C, SIGTERM and a closed terminal stop the stage; a second one changes nothing."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        stage.stopping = True

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _seconds() -> float | None:
    text = os.environ.get("DEMO_SECONDS", "")
    try:
        return float(text) if text else None
    except ValueError:
        sys.exit(f"DEMO_SECONDS: {text!r} is not a number of seconds")


def main() -> int:
    """Exit status 0 when it was stopped, 1 when a child failed: then its log's end is shown."""
    seconds = _seconds()
    with tempfile.TemporaryDirectory(prefix="lampfield-demo-", ignore_cleanup_errors=True) as folder:
        stage = Stage(Path(folder), sys.stdout.isatty())
        with signals(stage):
            try:
                stage.set_up()
                if folder_of_page := os.environ.get("DEMO_PAGE"):
                    stage.serve(Path(folder_of_page))
                stage.run(seconds)
                failure = None
            except Failed as fault:
                failure = str(fault)
            frame = stage.last_frame() if failure is None and not stage.tty else ""
            stage.tear_down()
    if frame:
        say(f"the panel at last:\n{frame}")
    if failure:
        say(f"the demo has stopped: {failure}")
    return 1 if failure else 0


if __name__ == "__main__":
    sys.exit(main())
