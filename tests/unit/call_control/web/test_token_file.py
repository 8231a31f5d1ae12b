import logging
import stat
from pathlib import Path

import pytest

from call_control.web.token_file import TokenFile, exposed
from call_control.web.tokens import Token, digest, written

AT = 1_795_388_000_000


def token(name: str) -> Token:
    return Token(name=name, sha256=digest(f"lft_{name}"), scopes=["calls:create"])


def test_what_is_written_opens_at_once_and_is_the_owner_s_alone(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    file, writer = TokenFile(path), TokenFile(path)
    file.load()
    assert file.keyring.find("lft_a", AT) is None
    writer.write([token("a")])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert exposed(path) is None
    assert file.keyring.find("lft_a", AT) is not None
    writer.write([token("b")])
    assert file.keyring.find("lft_a", AT) is None
    assert [each.name for each in file.read()] == ["b"]
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_has_become_nonsense_changes_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "tokens.json"
    path.write_bytes(written([token("a")]))
    file = TokenFile(path)
    file.load()
    path.write_text("{")
    assert file.keyring.find("lft_a", AT) is not None
    assert file.keyring.find("lft_a", AT) is not None
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "going on with what it held before" in caplog.text


def test_at_the_start_it_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "tokens.json").write_text("{")
    with pytest.raises(ValueError, match="the tokens' file"):
        TokenFile(tmp_path / "tokens.json").load()
    with pytest.raises(ValueError, match="Is a directory"):
        TokenFile(tmp_path).load()


def test_without_a_path_nothing_is_opened(tmp_path: Path) -> None:
    file = TokenFile(None)
    file.load()
    assert len(file.keyring) == 0
    with pytest.raises(FileNotFoundError):
        file.write([token("a")])


def test_who_else_may_read_it_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    path.write_bytes(b"")
    path.chmod(0o644)
    assert exposed(path) == "-rw-r--r--"
