"""The file of API tokens: read again when it changed, written by `call-control token`.

Shell. A file that has become unreadable changes nothing: who had a token keeps it, and the log says why.
"""

import contextlib
import logging
import os
import stat
import tempfile
from pathlib import Path

from call_control.web.tokens import Keyring, Token, keyring, parse, written
from lampfield_bus.node.run import LogOnce

__all__ = ["TokenFile", "exposed"]

_log = logging.getLogger(__name__)


class TokenFile:
    """The file, and what it opened last. No path: nothing is opened."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self._keyring = Keyring()
        self._once = LogOnce(_log)

    def load(self) -> None:
        """Reads it. Raises ValueError that says what is wrong; a file that is not there yet holds no tokens."""
        if self._path is not None:
            self._seen, tokens = _state(self._path), self.read()
            self._keyring = keyring(tokens)

    def read(self) -> list[Token]:
        """The tokens in it. Raises ValueError that says what is wrong."""
        try:
            return [] if self._path is None else parse(self._path.read_bytes())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ValueError(f"the tokens' file {self._path}: {error.strerror}") from None

    @property
    def keyring(self) -> Keyring:
        """What the tokens open now."""
        if self._path is not None and _state(self._path) != self._seen:
            try:
                self.load()
            except ValueError as error:
                self._once.warning(str(error), "%s; going on with what it held before", error)
        return self._keyring

    def write(self, tokens: list[Token]) -> None:
        """Puts these in its place, whole, readable by its owner alone. Raises OSError."""
        if self._path is None:
            raise FileNotFoundError("LAMPFIELD_TOKENS_FILE is not set")
        descriptor, name = tempfile.mkstemp(prefix=f".{self._path.name}.", dir=self._path.parent)  # with mode 0600
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(written(tokens))
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(OSError):  # whoever runs the service may be another than who makes tokens
                _keep_owner(self._path, name)
            Path(name).replace(self._path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def exposed(path: Path) -> str | None:
    """Who beside its owner may read or write the file, as `ls -l` shows it; None: nobody."""
    mode = path.stat().st_mode
    return stat.filemode(mode) if mode & 0o077 else None


def _state(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _keep_owner(old: Path, new: str) -> None:
    found = old.stat()
    os.chown(new, found.st_uid, found.st_gid)
