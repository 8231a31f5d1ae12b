"""The plugin's file and commands. What mosquitto makes of them: tests/integration/test_access.py."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from credentials import plugin
from credentials.users import KEEPER, User
from lampfield_bus.access import Kind

KINDS = {"switch": Kind("switch"), "display": Kind("display", ("display/{display}/#",)), "viewer": Kind(reads=("#",))}
ROOT = "office/v1"
MAIN, LOBBY = User("switch", "main", "one"), User("display", "lobby", "two")
FOREIGN = {"username": "phone-app", "textname": "", "roles": [{"rolename": "app"}], "password": "x", "salt": "y"}


def salts() -> Callable[[], bytes]:
    numbers = itertools.count()
    return lambda: bytes([next(numbers)]) * 12


def document(*everyone: User, before: dict[str, Any] | None = None) -> dict[str, Any]:
    return plugin.document(before or {}, everyone, KINDS, ROOT, salts())


def passwords(*everyone: User) -> dict[str, str]:
    return {user.username: user.password for user in everyone}


def lines(role: dict[str, Any]) -> set[tuple[str, str]]:
    assert all(line["allow"] is True for line in role["acls"])
    return {(line["acltype"], line["topic"]) for line in role["acls"]}


def test_a_role_writes_subscribes_and_receives_below_the_root() -> None:
    everything = "office/v1/switch/main/#"
    assert lines(plugin.role(MAIN, KINDS, ROOT)) == {
        ("publishClientSend", everything),
        ("subscribePattern", everything),
        ("publishClientReceive", everything),
    }


def test_only_the_keeper_reaches_the_plugin_and_only_who_sees_all_the_brokers_figures() -> None:
    reach = {
        user.kind: {topic.split("/")[0] for _, topic in lines(plugin.role(user, KINDS, ROOT))}
        for user in (MAIN, LOBBY, User("viewer", None, "x"), User(KEEPER, None, "x"))
    }
    assert reach == {
        "switch": {"office"},
        "display": {"office"},
        "viewer": {"office", "$SYS"},
        KEEPER: {"office", "$SYS", "$CONTROL"},
    }


def test_a_user_whose_service_is_gone_is_refused() -> None:
    with pytest.raises(ValueError, match=r"robot-x: no access.toml has the kind robot"):
        plugin.role(User("robot", "x", "y"), KINDS, ROOT)


def test_nobody_may_do_what_no_role_says() -> None:
    assert document(MAIN)["defaultACLAccess"] == {
        "publishClientSend": False,
        "publishClientReceive": False,
        "subscribe": False,
        "unsubscribe": True,
    }


def test_no_password_stands_in_the_file_and_each_fits_its_own_hash_only() -> None:
    made = document(MAIN, LOBBY)
    assert "one" not in str(made)
    assert [plugin.is_for(client, "one") for client in made["clients"]] == [True, False]


def test_nothing_changes_for_nothing() -> None:
    made = document(MAIN, LOBBY)
    assert document(MAIN, LOBBY, before=made) == made
    assert plugin.changes(made, made, passwords(MAIN, LOBBY)) == []


def test_what_others_made_stays_and_what_we_made_goes_when_it_is_over() -> None:
    before = document(MAIN, LOBBY)
    before["clients"].append(FOREIGN)
    before["roles"].append({"rolename": "app", "acls": []})
    after = document(MAIN, before=before)
    assert [client["username"] for client in after["clients"]] == ["phone-app", "switch-main"]
    assert [role["rolename"] for role in after["roles"]] == ["app", "switch-main"]


def test_from_nothing_everything_is_made_roles_first() -> None:
    commands = plugin.changes({}, document(MAIN), passwords(MAIN))
    assert [each["command"] for each in commands] == ["setDefaultACLAccess", "createRole", "createClient"]
    assert commands[-1]["password"] == "one"


def test_a_client_goes_before_its_role() -> None:
    """The other way round mosquitto dies."""
    commands = plugin.changes(document(MAIN, LOBBY), document(MAIN), passwords(MAIN))
    assert commands == [
        {"command": "deleteClient", "username": "display-lobby"},
        {"command": "deleteRole", "rolename": "display-lobby"},
    ]


def test_a_new_password_is_told_and_only_that() -> None:
    changed = User("switch", "main", "new")
    before = document(MAIN, LOBBY)
    after = document(changed, LOBBY, before=before)
    assert plugin.changes(before, after, passwords(changed, LOBBY)) == [
        {"command": "setClientPassword", "username": "switch-main", "password": "new"}
    ]


def test_other_rights_are_told_whatever_the_order_and_the_plugins_own_spelling() -> None:
    before, after = document(LOBBY), document(LOBBY)
    before["roles"][0]["acls"] = [
        {"acltype": line["acltype"], "topic": line["topic"], "allow": True}
        for line in reversed(before["roles"][0]["acls"])
    ]
    assert plugin.changes(before, after, passwords(LOBBY)) == []
    before["roles"][0]["acls"].pop()
    assert [each["command"] for each in plugin.changes(before, after, passwords(LOBBY))] == ["modifyRole"]


def test_a_client_without_a_password_fits_none() -> None:
    assert not plugin.is_for({"username": "x"}, "")


def test_whatever_the_plugin_holds_is_mended_by_making_and_changing_everything() -> None:
    commands = plugin.mending(document(MAIN, LOBBY), passwords(MAIN, LOBBY))
    assert [each["command"] for each in commands] == [
        "setDefaultACLAccess",
        *["createRole", "createRole", "createClient", "createClient"],
        *["modifyRole", "modifyRole", "setClientPassword", "setClientPassword"],
    ]
