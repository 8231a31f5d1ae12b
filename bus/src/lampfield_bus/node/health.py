"""The heartbeat file that a healthy process touches, and the check that reads it.

The service decides what healthy means and touches the file only then; `check` judges nothing but the age.
"""

import os
import tempfile
from pathlib import Path

from lampfield_bus.instants import rfc3339

__all__ = ["MAX_AGE_SECONDS", "Heartbeat", "check", "rss_bytes"]

MAX_AGE_SECONDS = 15.0


class Heartbeat:
    """The file `path`; holds the instant (ms since the epoch) of the last touch."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def touch(self, at: int) -> None:
        """Says "healthy at `at`". A reader never sees half a file. Raises OSError when it can't be written."""
        descriptor, name = tempfile.mkstemp(prefix=f".{self._path.name}.", dir=self._path.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(f"{at}\n")
            Path(name).replace(self._path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise

    def remove(self) -> None:
        """Says "not running": a graceful stop leaves no heartbeat behind."""
        self._path.unlink(missing_ok=True)


def check(path: Path, now: int, max_age: float = MAX_AGE_SECONDS) -> tuple[int, str]:
    """Exit status (0 healthy, 1 not) and one line that says why; `now` in ms since the epoch, `max_age` in seconds."""
    try:
        at = int(path.read_text(encoding="ascii"))
        when = rfc3339(at)
    except FileNotFoundError:
        return 1, f"not healthy: no heartbeat in {path} (not running, or never healthy yet)"
    except (OSError, ValueError) as error:
        return 1, f"not healthy: heartbeat {path} is unreadable: {error}"
    age = max(now - at, 0) / 1000
    if age > max_age:
        return 1, f"not healthy: the last heartbeat was {age:.0f} s ago, at {when}"
    return 0, f"healthy: heartbeat {age:.1f} s old"


def rss_bytes() -> int:
    """The resident set of this process, from /proc/self/statm (proc(5)); 0 where there is none."""
    try:
        pages = int(Path("/proc/self/statm").read_bytes().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
