"""What the documentation tells people to type, typed: against a real broker and the whole line, by the real clients.

Nothing of the text is changed. Where the broker is they read from mosquitto's own option files (XDG_CONFIG_HOME), and
`docker compose exec mosquitto` is a program on the PATH that runs the rest here: tests/e2e runs it in the container.
"""

import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from support.broker import Broker
from support.commands import rule
from support.documents import Block, Command, commands, fenced
from support.line import line

TYPED: Final = [command for command in commands() if (found := rule(command)) and found.where == "broker"]
SENT: Final = [command for command in TYPED if "mosquitto_pub" in command.text]
READ: Final = [command for command in TYPED if "mosquitto_sub" in command.text]
DISPLAYS: Final = ("led-renderer-1", "hall")
_DOCKER: Final = """#!/bin/sh
[ "$1 $2 $3" = "compose exec mosquitto" ] || { echo "docker $*: not in this test" >&2; exit 64; }
shift 3
exec "$@"
"""


class Desk(NamedTuple):
    """Where commands are typed: a broker of one's own, and the environment that leads there."""

    broker: Broker
    folder: Path

    def start(self, text: str) -> subprocess.Popen[str]:
        """A shell that runs it."""
        environment = os.environ | {
            "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "XDG_CONFIG_HOME": str(self.folder),
            "HOME": str(self.folder),
        }
        return subprocess.Popen(
            ["/bin/sh", "-euc", text], cwd=self.folder, env=environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, process_group=0,
        )  # fmt: skip


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    docker = folder / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text(_DOCKER)
    docker.chmod(0o755)
    with line(folder, DISPLAYS, groups="hall") as whole:
        broker = whole.broker
        for client in ("mosquitto_pub", "mosquitto_sub"):
            (folder / client).write_text(f"-h {broker.host}\n-p {broker.port}\n")
        yield Desk(broker, folder)


def place(command: Command) -> str:
    return f"{command.page}:{command.line}"


@pytest.mark.parametrize("command", SENT, ids=place)
def test_a_command_that_is_shown_is_obeyed(desk: Desk, command: Command) -> None:
    with desk.broker.bus() as bus:
        bus.subscribe("display/+/result")
        shell = desk.start(command.text)
        _, error = shell.communicate(timeout=20)
        assert (shell.returncode, error) == (0, "")
        if "/cmd/" not in command.text:
            return  # a page: that it is shown is what tests/integration/test_pages.py tests
        bus.wait_for(lambda: bus.latest, 20)
        answers = [json.loads(message.payload) for message in bus.messages]
        assert [answer for answer in answers if not answer["ok"]] == []


@pytest.mark.parametrize("command", READ, ids=place)
def test_what_is_subscribed_to_is_there(desk: Desk, command: Command) -> None:
    shell = desk.start(command.text)
    # A topic without retained state says something only when something happens.
    ringing = threading.Event()
    if "/result" in command.text:
        threading.Thread(target=_identify, args=(desk, ringing), daemon=True).start()
    try:
        assert shell.stdout is not None
        assert shell.stdout.readline().strip(), "it said nothing"
    finally:
        ringing.set()
        os.killpg(shell.pid, signal.SIGKILL)
        shell.communicate()


def _identify(desk: Desk, enough: threading.Event) -> None:
    with desk.broker.bus() as bus:
        while not enough.wait(0.2):
            bus.publish("group/all/cmd/dismiss", b"*")


@pytest.mark.parametrize("script", fenced("sh"), ids=lambda block: f"{block.page.name}:{block.line}")
def test_a_script_that_is_shown_runs(desk: Desk, script: Block) -> None:
    with desk.broker.bus() as bus:
        bus.subscribe("display/hall/result")
        shell = desk.start(script.text)
        _, error = shell.communicate(timeout=20)
        assert (shell.returncode, error) == (0, "")
        bus.wait_for(lambda: bus.latest, 20)
        assert json.loads(bus.latest["display/hall/result"])["ok"] is True
