"""The heartbeat file that a healthy process touches, and the check that reads it.

The service decides what healthy means and touches the file only then; `check` judges nothing but the age. It goes by
the monotonic clock, which all processes of a machine share: a wall clock that is set makes nobody ill, and nobody well.
"""

import contextlib
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from lampfield_bus.instants import rfc3339
from lampfield_bus.node.run import BAD_SETTING, FAILED, OK

__all__ = ["HUNG_SECONDS", "MAX_AGE_SECONDS", "Checked", "Heartbeat", "answer", "check", "main", "rss_bytes"]

MAX_AGE_SECONDS = 15.0
HUNG_SECONDS = 45.0  # as old as a `health` that displays take for a lost part (docs/architecture.md)


def _monotonic() -> int:
    return time.monotonic_ns() // 1_000_000


class Heartbeat:
    """The file `path`; holds the instant of the last touch (ms since the epoch, and monotonic), and whose it is."""

    def __init__(
        self,
        path: Path,
        monotonic: Callable[[], int] = _monotonic,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._path = path
        self._monotonic = monotonic
        self._supervisor = environment.get("NOTIFY_SOCKET")

    def touch(self, at: int) -> None:
        """Says "healthy at `at`", to systemd as well where that started us with `Type=notify` (sd_notify(3)).

        A reader never sees half a file. Raises OSError when it can't be written.
        """
        if self._supervisor:
            _notify(self._supervisor)
        self._spare_devices()
        descriptor, name = tempfile.mkstemp(prefix=f".{self._path.name}.", dir=self._path.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(f"{at} {self._monotonic()} {os.getpid()}\n")
            Path(name).replace(self._path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise

    def remove(self) -> None:
        """Says "not running": a graceful stop leaves no heartbeat behind."""
        with contextlib.suppress(OSError):
            self._spare_devices()
            self._path.unlink(missing_ok=True)

    def _spare_devices(self) -> None:
        """Replacing is not writing: as root, a heartbeat in /dev/null would leave the machine without one."""
        if self._path.exists() and not self._path.is_file():
            raise OSError(f"{self._path} is no regular file")


def _notify(address: str) -> None:
    """`@…` is the abstract namespace. Never waits: a supervisor that does not read is no reason to stand still."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor, contextlib.suppress(OSError):
        supervisor.setblocking(False)
        supervisor.sendto(b"READY=1\nWATCHDOG=1", address.replace("@", "\0", 1) if address[0] == "@" else address)


class Checked(NamedTuple):
    """Exit status (0 healthy, 1 not), one line that says why, and the process that has hung, if one has."""

    status: int
    line: str
    hung: int | None = None


def check(path: Path, monotonic: Callable[[], int] = _monotonic, max_age: float = MAX_AGE_SECONDS) -> Checked:
    """What the heartbeat tells; `max_age` in seconds."""
    try:
        at, beat, process = map(int, path.read_text(encoding="ascii").split())
        when = rfc3339(at)
    except FileNotFoundError:
        return Checked(FAILED, f"not healthy: no heartbeat in {path} (not running, or never healthy yet)")
    except OSError as error:
        return Checked(FAILED, f"not healthy: heartbeat {path} is unreadable: {error.strerror or error}")
    except ValueError:
        return Checked(FAILED, f"not healthy: {path} is unreadable: no heartbeat of this version")
    age = (monotonic() - beat) / 1000
    if age < 0:
        return Checked(FAILED, f"not healthy: the last heartbeat, at {when}, was before this machine started")
    if age > max_age:
        line = f"not healthy: the last heartbeat was {age:.0f} s ago, at {when}"
        return Checked(FAILED, line, process if age > HUNG_SECONDS else None)
    return Checked(OK, f"healthy: heartbeat {age:.1f} s old")


def answer(path: Path, *, end_hung: bool = False) -> int:
    """What `... check` does: prints what the heartbeat tells and returns the exit status.

    With `end_hung` a process that has hung is killed, so that its supervisor starts another: Docker restarts what has
    ended, and only looks on while something is unhealthy.
    """
    found = check(path)
    line = found.line
    if end_hung and found.hung is not None:
        try:
            os.kill(found.hung, signal.SIGKILL)
            line += f"; it hangs: killed process {found.hung}"
        except OSError as error:
            line += f"; it hangs, but process {found.hung} cannot be killed: {error.strerror}"
    sys.stdout.write(f"{line}\n")
    return found.status


def rss_bytes() -> int:
    """The resident set of this process, from /proc/self/statm (proc(5)); 0 where there is none."""
    try:
        pages = int(Path("/proc/self/statm").read_bytes().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """`python -m lampfield_bus.node.health`: `... check --end-hung` of any service whose heartbeat file is named.

    For the images: it loads no settings, so it costs a fifth of the whole command, every ten seconds, on a Pi.
    """
    path = environment.get("LAMPFIELD_HEARTBEAT_FILE")
    if not path or arguments:
        sys.stderr.write("health: LAMPFIELD_HEARTBEAT_FILE must name the file; there are no arguments\n")
        return BAD_SETTING
    return answer(Path(path), end_hung=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
