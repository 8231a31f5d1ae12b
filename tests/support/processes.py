"""Which processes a test has left behind."""

from pathlib import Path

__all__ = ["left"]


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
