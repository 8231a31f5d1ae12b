"""Where recordings are kept: one folder, names of our own, and limits. Shell.

A file is whole or it is not there: it is written beside its place and renamed. A disk that is full costs the recording,
not the call.
"""

import contextlib
import logging
import os
import re
from pathlib import Path
from typing import BinaryIO, Final

from call_control.flows.turns import Upload
from lampfield_bus.instants import rfc3339
from lampfield_bus.node.run import LogOnce

__all__ = ["Recording", "Recordings"]

PARTIAL: Final = ".part"

_log = logging.getLogger(__name__)


class Recording:
    """One recording that comes in. What it cannot store it lets pass; `finish` tells what was stored."""

    def __init__(self, file: BinaryIO | None, path: Path | None, limit: int) -> None:
        self._file = file
        self._path = path
        self._limit = limit
        self._bytes = 0

    def write(self, data: bytes) -> None:
        """The next piece. Never raises: a recording that cannot be stored is gone."""
        self._bytes += len(data)
        if self._file is None:
            return
        if self._bytes > self._limit:
            self._drop(f"is more than {self._limit} bytes")
            return
        try:
            self._file.write(data)
        except OSError as error:
            self._drop(error.strerror or str(error))

    def finish(self) -> Upload:
        """That was all; `file` is empty when it was not stored."""
        if self._file is None or self._path is None:
            return Upload("", self._bytes)
        try:
            self._file.close()
            self._path.with_name(self._path.name + PARTIAL).replace(self._path)
        except OSError as error:
            self._drop(error.strerror or str(error))
            return Upload("", self._bytes)
        _log.info("recording %s: %d bytes", self._path.name, self._bytes)
        return Upload(self._path.name, self._bytes)

    def abandon(self) -> None:
        """It never came to its end."""
        if self._file is not None:
            self._drop("its sender went away")

    def _drop(self, why: str) -> None:
        file, self._file = self._file, None
        if file is not None and self._path is not None:
            _log.warning("recording %s is lost: %s", self._path.name, why)
            with contextlib.suppress(OSError):
                file.close()
            with contextlib.suppress(OSError):
                self._path.with_name(self._path.name + PARTIAL).unlink(missing_ok=True)


class Recordings:
    """The folder; None: nothing is kept. `each` and `all_` are limits in bytes. Raises ValueError for no folder.

    With `clear` what an earlier run left half is deleted.
    """

    def __init__(self, folder: Path | None, *, each: int, all_: int, clear: bool = True) -> None:
        self._folder = folder
        self._each = each
        self._all = all_
        self._number = 0
        self._once = LogOnce(_log)
        if folder is None:
            return
        if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
            raise ValueError(f"LAMPFIELD_RECORDINGS_DIR: {str(folder)!r} is no folder that this process can write to")
        for left in folder.glob(f"*{PARTIAL}") if clear else ():
            left.unlink(missing_ok=True)

    def begin(self, session: str, name: str, at: int) -> Recording:
        """A recording of this call begins, at `at` (ms since the epoch); of its sender's `name` only `.wav` stays."""
        if self._folder is None:
            self._once.warning("off", "a recording came, and LAMPFIELD_RECORDINGS_DIR names no folder: it is dropped")
            return Recording(None, None, 0)
        try:
            used = sum(entry.stat().st_size for entry in os.scandir(self._folder) if entry.is_file())
            if used >= self._all:
                _log.warning("%d bytes of recordings are kept, as many as may be: this one is dropped", used)
                return Recording(None, None, 0)
            path = self._folder / self._name(session, name, at)
            descriptor = os.open(f"{path}{PARTIAL}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            _log.warning("a recording cannot be stored: %s", error)
            return Recording(None, None, 0)
        return Recording(os.fdopen(descriptor, "wb"), path, min(self._each, self._all - used))

    def _name(self, session: str, name: str, at: int) -> str:
        """`2026-11-22T231153.341Z-5d7c9e1f-1.wav`: sorts by time, and holds nothing that a caller chose."""
        self._number += 1
        call = re.sub(r"[^0-9A-Za-z-]", "", session)[:36] or "call"
        kind = ".wav" if name.lower().endswith(".wav") else ".bin"
        return f"{rfc3339(at).replace(':', '')}-{call}-{self._number}{kind}"
