"""The file of pages on disk: read at the start, and again when it has changed. Shell; what stands in it is
`pages_file`'s business.

Editors put a new file in the old one's place or write into it, so it is known by inode, size and time. A change is read
once it has stood still from one look to the next, a second later: a file that is half written is nobody's wish.
"""

import stat
from pathlib import Path
from typing import Final, NamedTuple

from lampfield_bus.node.document import MAX_BYTES
from led_renderer.pages_file import DEFAULT, Loaded, Plan, loaded

__all__ = ["LOOK_MS", "Watch"]

LOOK_MS: Final = 1_000  # between two looks


class _Stamp(NamedTuple):
    inode: int
    size: int
    changed: int
    regular: bool


class Watch:
    """One file, or none: then the plan is the default one and never changes. ValueError, a line per fault, for a bad
    one at the start."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._due: int | None = None
        self._read: _Stamp | None = None
        self._seen: _Stamp | None = None
        self.plan: Plan = DEFAULT
        if path is not None:
            self._read = self._seen = self._stamp()
            found = self._load(path, self._read)
            if found.plan is None:
                raise ValueError("\n".join(found.faults))
            self.plan = found.plan

    def look(self, ticks: int) -> Loaded | None:
        """What became of the file, when it has changed; at `ticks` of the monotonic clock, in ms."""
        if self._path is None or (self._due is not None and ticks < self._due):
            return None
        self._due = ticks + LOOK_MS
        stamp = self._stamp()
        still, self._seen = stamp == self._seen, stamp
        if stamp == self._read or not still:
            return None
        found = self._load(self._path, stamp)
        if self._stamp() != stamp:
            return None  # written while it was read: another look will tell
        self._read = stamp
        return found

    def _stamp(self) -> _Stamp | None:
        """None: there is no file that could be looked at."""
        try:
            known = self._path.stat() if self._path is not None else None
        except OSError:
            return None
        return known and _Stamp(known.st_ino, known.st_size, known.st_mtime_ns, stat.S_ISREG(known.st_mode))

    def _load(self, path: Path, stamp: _Stamp | None) -> Loaded:
        if stamp is None:
            return Loaded(None, [f"{path}: no such file, or this process may not see it"])
        if not stamp.regular:
            return Loaded(None, [f"{path}: is no file; allowed: a file of pages"])
        try:
            with path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except OSError as error:
            return Loaded(None, [f"{path}: {error.strerror}; allowed: a file that this process can read"])
        return loaded(data, str(path))
