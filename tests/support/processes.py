"""The processes that a test has started: which it has left behind, and how much they hold."""

import os
from pathlib import Path

__all__ = ["left", "peak", "resident"]


def resident(pid: int) -> int:
    """Bytes of a process's memory that are there (proc(5))."""
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def peak(pid: int) -> int:
    """Bytes that a process has held at most, however short the moment (`VmHWM`, proc(5))."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def left(directory: Path) -> list[str]:
    """The processes whose temporary files are in `directory`: everything that was started with that TMPDIR."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes()
        except OSError:
            continue
        if f"TMPDIR={directory}".encode() in environment:
            found.append((process / "cmdline").read_text())
    return found
