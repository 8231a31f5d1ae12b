"""The files: who may read each is said when it is written, and a file is whole or it is the old one."""

import contextlib
import os
from pathlib import Path
from typing import NamedTuple

__all__ = ["BROKER", "SERVICE", "Owner", "ensure_folder", "read", "write"]


class Owner(NamedTuple):
    """User and group ids as the images know them."""

    uid: int
    gid: int


BROKER = Owner(1883, 1883)  # `mosquitto` of the image eclipse-mosquitto
SERVICE = Owner(10001, 10001)  # USER of our Dockerfiles


def ensure_folder(path: Path, owner: Owner | None) -> None:
    """A folder that its owner alone may enter."""
    path.mkdir(parents=True, exist_ok=True)
    _give(path, owner, 0o700)


def write(path: Path, content: bytes, owner: Owner | None, mode: int = 0o600) -> bool:
    """Writes a file in one step; whether that changed anything. The owner is left alone for None (as on a desk)."""
    with contextlib.suppress(FileNotFoundError):
        if path.read_bytes() == content:
            _give(path, owner, mode)
            return False
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    _give(fresh, owner, mode)
    fresh.replace(path)
    return True


def read(path: Path) -> bytes | None:
    """A file's content; None when there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _give(path: Path, owner: Owner | None, mode: int) -> None:
    if owner is not None:
        os.chown(path, *owner)
    path.chmod(mode)
