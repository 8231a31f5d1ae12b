"""Files that are whole or the old ones, and that their owner alone reads."""

import os
from pathlib import Path

import pytest

from credentials import store


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_file_is_written_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "password"
    assert store.write(path, b"one", None)
    assert (store.read(path), mode(path)) == (b"one", 0o600)
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_there_already_is_not_written_again_but_closed_again(tmp_path: Path) -> None:
    path = tmp_path / "password"
    store.write(path, b"one", None)
    path.chmod(0o644)
    number = path.stat().st_ino
    assert not store.write(path, b"one", None)
    assert (path.stat().st_ino, mode(path)) == (number, 0o600)


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "password"
    store.write(path, b"one", None)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.write(path, b"two", None)
    assert path.read_bytes() == b"one"
    monkeypatch.undo()
    assert store.write(path, b"two", None)  # what the failure left behind is in nobody's way


def test_a_folder_is_its_owners_only_and_a_file_that_is_not_there_is_none(tmp_path: Path) -> None:
    store.ensure_folder(tmp_path / "a" / "b", None)
    assert mode(tmp_path / "a" / "b") == 0o700
    assert store.read(tmp_path / "a" / "c") is None
