"""A real sngrep in a terminal of its own, whose screen can be read and whose keys can be pressed.

It captures on the loopback, so it needs root. However a test ends, sngrep is ended by its pid: without its terminal it
would go on and take a whole core.
"""

import contextlib
import os
import re
import secrets
import shutil
import signal
import subprocess
from itertools import pairwise
from types import TracebackType
from typing import Final, Self

from support.waiting import until

__all__ = ["Arrow", "Sngrep"]

Arrow = tuple[str, str]  # `>` or `<`, and what is written above it

_LABEL: Final = re.compile(r"^\s+\d\d:\d\d:\d\d\.\d{6}\s+│\s*(.*?)\s*│")
_SHAFT: Final = re.compile(r"│\s(<?)─+(>?)\s│")


class Sngrep:
    """It, with these arguments; `with` ends it. The terminal has 140 columns and 45 rows."""

    def __init__(self, *arguments: str) -> None:
        for program in ("sngrep", "tmux"):
            assert shutil.which(program), f"{program} is not installed; `make e2e` installs it"
        self._arguments = arguments
        self._server = f"sngrep-{secrets.token_hex(4)}"
        self._pid = 0

    def __enter__(self) -> Self:
        self._tmux("new-session", "-d", "-x", "140", "-y", "45", "exec sngrep " + " ".join(self._arguments))
        self._pid = int(self._tmux("list-panes", "-F", "#{pane_pid}"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.CalledProcessError):  # its last session has ended, and the server with it
            self._tmux("kill-server")

    def screen(self) -> str:
        """What stands on it."""
        return self._tmux("capture-pane", "-p")

    def press(self, *keys: str) -> None:
        """Keys by tmux's names: Enter, Down, Escape."""
        self._tmux("send-keys", *keys)

    def shows(self, text: str) -> str:
        """The screen, once this stands on it."""
        with contextlib.suppress(AssertionError):
            until(lambda: text in self.screen(), 15, every=0.05)
        screen = self.screen()
        assert text in screen, f"no {text!r} on sngrep's screen:\n{screen}"
        return screen

    def calls(self, messages: int) -> list[list[str]]:
        """Its list of calls, each line's words, once they have so many messages together: it draws late."""

        def listed() -> list[list[str]]:
            return [line.split() for line in self.screen().splitlines() if " INVITE " in line]

        with contextlib.suppress(AssertionError):
            until(lambda: sum(int(row[-4]) for row in listed()) == messages, 15, every=0.05)
        return listed()

    def ladder(self, messages: int) -> list[Arrow]:
        """The arrows that it shows, once there are so many: it draws late."""
        with contextlib.suppress(AssertionError):
            until(lambda: len(self._arrows()) == messages, 15, every=0.05)
        return self._arrows()

    def _arrows(self) -> list[Arrow]:
        """The ladder of two columns that stands there now."""
        lines, found = self.screen().splitlines(), list[Arrow]()
        for line, below in pairwise(lines):
            label, shaft = _LABEL.match(line), _SHAFT.search(below)
            if label and shaft:
                found.append((">" if shaft[2] else "<", label[1]))
        return found

    def _tmux(self, *words: str) -> str:
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        for name in ("COLUMNS", "LINES"):  # a worker of pytest-xdist has them, and ncurses believes them
            environment.pop(name, None)
        return subprocess.run(
            ["tmux", "-L", self._server, "-u", "-f", "/dev/null", *words],
            env=environment, check=True, capture_output=True, text=True, timeout=10,
        ).stdout  # fmt: skip
