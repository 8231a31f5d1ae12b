import json
from typing import Any

import pytest

from call_control.web.tokens import SCOPES, Token, digest, keyring, new_secret, parse, written

SECRET = "lft_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
AT = 1_795_388_000_000


def file(**changed: Any) -> str:
    row = {"name": "reception", "sha256": digest(SECRET), "scopes": ["calls:create"]}
    return json.dumps({"tokens": [row | changed]})


def test_a_token_is_random_and_found_by_its_hash() -> None:
    assert new_secret(bytes) == SECRET
    grant = keyring(parse(file())).find(SECRET, AT)
    assert grant is not None
    assert (grant.name, grant.may("calls:create"), grant.may("calls:end")) == ("reception", True, False)
    assert SECRET not in file()


@pytest.mark.parametrize("secret", ["", "lft_", SECRET[:-1], SECRET + "A", digest(SECRET), "\ud800"])
def test_another_is_not(secret: str) -> None:
    assert keyring(parse(file())).find(secret, AT) is None


def test_one_that_has_expired_is_not() -> None:
    ring = keyring(parse(file(expires_at="2026-11-22T22:53:20Z")))
    assert ring.find(SECRET, AT - 1) is not None
    assert ring.find(SECRET, AT) is None


def test_its_own_lists_go_with_it() -> None:
    ring = keyring(parse(file(**{"from": ["1000"], "to": ["2000"], "origins": ["https://www.example.org"]})))
    grant = ring.find(SECRET, AT)
    assert grant is not None
    assert grant.callers is not None
    assert grant.callees is not None
    assert (grant.callers.find("1000"), grant.callees.find("1000")) != (None, None)
    assert grant.callees.find("1000") is None
    assert ring.origins == {"https://www.example.org"}


def test_what_is_written_is_read() -> None:
    tokens = [
        Token(name="a", sha256=digest("x"), scopes=["calls:create"], from_=["1000"]),
        Token(name="b", sha256=digest("y"), scopes=list(SCOPES), origins=["http://localhost:8080"], expires_at=None),
    ]
    assert parse(written(tokens)) == tokens
    assert parse("") == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"scopes": ["calls:everything"]}, "scopes"),
        ({"sha256": "x"}, "sha256"),
        ({"name": "a b"}, "name"),
        ({"name": "a,origination_uuid=x"}, "name"),
        ({"colour": "red"}, "colour"),
        ({"from": ["*"]}, "reception: '\\*' is no number"),
        ({"to": ["0151XXXXXXX@carrier"]}, "reception: .*gateway"),
        ({"origins": ["https://www.example.org/"]}, "reception: .*is no origin"),
        ({"origins": ["*"]}, "reception: .*is no origin"),
        ({"expires_at": "tomorrow"}, "reception: instant"),
    ],
)
def test_a_bad_one_is_named(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        keyring(parse(file(**changed)))


def test_two_of_one_name_are_one_too_many() -> None:
    tokens = parse(file())
    with pytest.raises(ValueError, match="two tokens are called reception"):
        parse(written(tokens * 2))


def test_a_file_of_something_else_says_so() -> None:
    with pytest.raises(ValueError, match="the tokens' file"):
        parse("[]")
