"""The documentation's commands that need Docker, typed in their order in a copy of this repository.

Nothing of the text is changed: the environment names the project, the images' tag, ports that nobody else has, and the
profile `demo`, whose switch stands in for a FreeSWITCH.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from support.commands import rule
from support.compose import Stack
from support.documents import ROOT, Command, commands
from support.waiting import until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(1200)]

IN_BROKER: Final = "docker compose exec mosquitto "
FOREGROUND: Final = ("docker compose --profile demo up", "docker compose up")
LIMIT: Final = 120


def typed() -> list[Command]:
    """Each once, in the order of the pages."""
    first = dict[str, Command]()
    for command in commands():
        found = rule(command)
        if found and (found.where == "docker" or command.text.startswith(IN_BROKER)):
            first.setdefault(command.text, command)
    return list(first.values())


class Desk:
    """A copy of the repository, and a shell in it."""

    def __init__(self, stack: Stack, clone: Path, home: Path) -> None:
        for file in subprocess.check_output(["git", "ls-files"], cwd=ROOT, text=True).splitlines():
            (clone / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, clone / file)
        options = home / "options"  # where mosquitto's clients on this host read the broker's port from
        options.mkdir()
        (options / "mosquitto_pub").write_text(f"-p {stack.port}\n")
        self.stack, self.clone, self.home = stack, clone, home
        self._environment = stack.environment | {
            "COMPOSE_PROJECT_NAME": stack.name, "COMPOSE_PROFILES": "demo", "HOME": str(home),
            "XDG_CONFIG_HOME": str(options),
        }  # fmt: skip

    def start(self, text: str) -> subprocess.Popen[str]:
        """A shell that runs it."""
        return subprocess.Popen(
            ["/bin/bash", "-euc", text], cwd=self.clone, env=self._environment, text=True, process_group=0,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def run(self, text: str) -> str:
        """To its end; what it said."""
        shell = self.start(text)
        try:
            said, _ = shell.communicate(timeout=LIMIT)
        finally:
            if shell.poll() is None:
                os.killpg(shell.pid, signal.SIGKILL)
        assert shell.returncode == 0, f"{text}\n{said}"
        return said

    def run_until_it_lives(self, text: str) -> None:
        """In the foreground, as one does who looks at the log: until the display is healthy, then Ctrl-C."""
        log = self.home / "up.log"
        shell = self.start(f"{text} > {log} 2>&1")
        try:
            until(lambda: self._healthy() or shell.poll() is not None, LIMIT, text)
            assert shell.poll() is None, log.read_text()
        finally:
            os.killpg(shell.pid, signal.SIGINT)
            shell.communicate(timeout=60)

    def read(self, text: str) -> None:
        """What is subscribed to says something."""
        shell = self.start(text)
        try:
            assert shell.stdout is not None
            assert shell.stdout.readline().strip(), text
        finally:
            os.killpg(shell.pid, signal.SIGKILL)
            shell.communicate()

    def _healthy(self) -> bool:
        up = self.stack.compose("ps", "--services", "--status", "running").split()
        return "led-renderer" in up and self.stack.health("led-renderer") == "healthy"


def test_a_newcomer_types_everything_in_order(compose: Callable[..., Stack], tmp_path: Path) -> None:
    (clone := tmp_path / "clone").mkdir()
    (home := tmp_path / "home").mkdir()
    desk = Desk(compose(profile="demo"), clone, home)
    running = False
    for command in typed():
        print(f"{command.page}:{command.line}: {command.text}")  # noqa: T201  # pytest shows how far it came
        if command.text in FOREGROUND:
            desk.run_until_it_lives(command.text)
            continue
        if not running and " exec " in command.text:
            desk.run("docker compose up --detach --wait")  # its other terminal
            running = True
        if "mosquitto_sub" in command.text and " -C " not in command.text:  # with -W it ends with status 27
            if not command.text.endswith("/result'"):  # says something only when somebody commands something
                desk.read(command.text)
        else:
            desk.run(command.text)
    options = (home / ".config" / "mosquitto_pub").read_text()
    assert options.startswith("-u operator\n-P ")
    assert (home / ".config" / "mosquitto_pub").stat().st_mode & 0o077 == 0
    assert (clone / "ca.pem").read_text().startswith("-----BEGIN CERTIFICATE-----")
