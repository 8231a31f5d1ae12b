from pathlib import Path

import pytest

from call_control.settings import Settings
from call_control.web.token_command import run
from call_control.web.token_file import TokenFile

AT = 1_795_388_000_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tokens.json"


def token(path: Path, *words: str) -> int:
    return run(words, lambda: Settings(tokens_file=path), now=lambda: AT * 1_000_000)


def test_a_token_is_made_shown_once_listed_and_taken_away(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--scopes", "events:read,calls:create", "--from", "1000-1019", "--to", "2001, 2002", "--days", "30")
    assert token(path, "add", "reception", *words) == 0
    assert token(path, "add", "website", "--scopes", "guests:invite", "--origins", "https://www.example.org") == 0
    secret, other = capsys.readouterr().out.split()
    file = TokenFile(path)
    file.load()
    grant = file.keyring.find(secret, AT)
    assert grant is not None
    assert (grant.name, grant.expires_at) == ("reception", AT + 30 * 86_400_000)
    assert file.keyring.find(other, AT) is not None
    assert secret not in path.read_text()
    assert token(path, "list") == 0
    assert capsys.readouterr().out == (
        "reception  calls:create,events:read  from 1000-1019  to 2001,2002  until 2026-12-22T22:53:20.000Z\n"
        "website  guests:invite  origins https://www.example.org\n"
    )
    assert token(path, "remove", "reception") == 0
    assert file.keyring.find(secret, AT) is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("remove", "nobody"), "there is no token called nobody"),
        (("add", "a b", "--scopes", "calls:read"), "name"),
        (("add", "a", "--scopes", "calls:read", "--to", "00."), "is no number"),
        (("add", "a", "--scopes", "calls:read", "--origins", "*"), "is no origin"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_written(
    path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    assert token(path, *words) == 1
    assert said in capsys.readouterr().err
    assert not path.exists()


def test_two_of_one_name_are_not_made(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert token(path, "add", "a", "--scopes", "calls:read") == 0
    assert token(path, "add", "a", "--scopes", "calls:read") == 1
    assert "two tokens are called a" in capsys.readouterr().err


@pytest.mark.parametrize("words", [(), ("add",), ("add", "a"), ("add", "a", "--scopes", "everything"), ("list", "x")])
def test_bad_usage_is_status_2(path: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as caught:
        token(path, *words)
    assert caught.value.code == 2


def test_without_a_file_to_write_it_says_which_setting(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["add", "a", "--scopes", "calls:read"], Settings) == 1
    assert "LAMPFIELD_TOKENS_FILE is not set" in capsys.readouterr().err
