"""Who there is: names, what a host needs, changes, and the file."""

import pytest

from credentials import users
from credentials.users import KEEPER, User
from lampfield_bus.access import ANY, Kind, OwnName

KINDS = {
    "switch": Kind("switch", compose=OwnName("main", "LAMPFIELD_SWITCH")),
    "display": Kind("display", compose=OwnName(ANY)),
    "viewer": Kind(reads=("#",)),
}
LOBBY = User("display", "lobby", "secret", numbers=False)


@pytest.mark.parametrize(
    ("kind", "name", "username"),
    [("viewer", None, "viewer"), ("display", ANY, "displays"), ("display", "lobby", "display-lobby")],
)
def test_a_user_is_called_by_its_kind_and_name(kind: str, name: str | None, username: str) -> None:
    assert User(kind, name, "x").username == username


def test_a_host_needs_its_services_its_people_and_the_keeper() -> None:
    assert set(users.wanted(KINDS, {})) == {KEEPER, "switch-main", "displays", "viewer"}
    assert "switch-berlin" in users.wanted(KINDS, {"LAMPFIELD_SWITCH": "berlin"})


def test_what_was_added_is_there_and_can_go() -> None:
    everyone = users.add({}, KINDS, "display", "lobby", LOBBY)
    assert everyone == {"display-lobby": LOBBY}
    assert users.remove(everyone, "display", "lobby") == {}


@pytest.mark.parametrize(
    ("kind", "name", "said"),
    [
        ("robot", "x", "allowed: display, switch, viewer"),
        ("display", ANY, "stands for every display"),
        ("display", "", "is empty"),
        ("display", "lobby", "is there already"),
        ("viewer", "me", "has no name"),
    ],
)
def test_who_cannot_be_added(kind: str, name: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        users.add({"display-lobby": LOBBY}, KINDS, kind, name, User(kind, name, "x"))


@pytest.mark.parametrize("name", ["hall", ANY])
def test_who_is_not_there_cannot_go_and_those_who_are_there_are_named(name: str) -> None:
    with pytest.raises(ValueError, match=r"there are: lobby"):
        users.remove({"display-lobby": LOBBY, "displays": User("display", ANY, "x")}, "display", name)


def test_new_passwords_for_those_named_only() -> None:
    before = {"display-lobby": LOBBY, "viewer": User("viewer", None, "old")}
    after = users.rotate(before, ["viewer"], ["new"])
    assert (after["viewer"].password, after["display-lobby"]) == ("new", LOBBY)
    with pytest.raises(ValueError, match="nobody: no such user"):
        users.rotate(before, ["nobody"], ["new"])


def test_the_file_gives_back_what_was_written() -> None:
    everyone = {"display-lobby": LOBBY, "viewer": User("viewer", None, "x")}
    assert users.decode(users.encode(everyone)) == everyone
    with pytest.raises(ValueError, match="truncated"):
        users.decode(b"[")
