"""Profiles of httapi.conf.xml: defaults, lists, and what FreeSWITCH makes of `none`."""

from typing import Final

import pytest
from msgspec import structs

from call_control.documents.permissions import EVERYTHING, Names, Permissions, profiles
from support.httapi import DATA

LAB: Final = profiles((DATA / "httapi.conf.xml").read_bytes())


def one(inner: str) -> Permissions:
    return profiles(f'<a><profile name="a"><permissions>{inner}</permissions></profile></a>'.encode())["a"]


def test_a_profile_without_permissions_has_freeswitch_s_defaults() -> None:
    assert LAB["noperm"] == Permissions()
    assert (Permissions().dial, Permissions().conference, Permissions().execute_apps) == (True, True, False)


def test_none_grants_everything_as_all_does() -> None:
    assert LAB["none"] == LAB["full"] == EVERYTHING
    assert all(
        getattr(EVERYTHING, name) for name in structs.asdict(EVERYTHING) if isinstance(getattr(EVERYTHING, name), bool)
    )


def test_a_profile_is_read_with_its_lists() -> None:
    ivr = LAB["ivr"]
    assert ivr.applications.permits("answer")
    assert not ivr.applications.permits("echo")
    assert ivr.gettable.permits("lab_ok")
    assert not ivr.settable.permits("sip_user_agent")
    assert (ivr.extended_data, ivr.dial_set_context, ivr.dial) == (False, False, True)


def test_a_list_that_is_absent_permits_every_name() -> None:
    assert one('<permission name="execute-apps" value="true"/>').applications.permits("system")


@pytest.mark.parametrize(
    ("default", "kind", "permitted", "others"),
    [("deny", "", True, False), ("allow", "deny", False, True), ("allow", "", True, True), ("", "allow", True, False)],
)
def test_a_list_says_what_its_names_are_and_the_others(
    default: str, kind: str, *, permitted: bool, others: bool
) -> None:
    typed = f' type="{kind}"' if kind else ""
    text = f'<application-list default="{default}"><application name="x"{typed}/></application-list>'
    names = one(f'<permission name="execute-apps" value="true">{text}</permission>').applications
    assert (names.permits("x"), names.permits("y")) == (permitted, others)


@pytest.mark.parametrize(
    ("value", "true"), [("true", True), ("on", True), ("1", True), ("0", False), ("", False), ("no", False)]
)
def test_what_is_true(value: str, *, true: bool) -> None:
    assert one(f'<permission name="expand-vars" value="{value}"/>').expand_vars == true


def test_a_context_brings_dial_with_it() -> None:
    text = '<permission name="dial" value="false"/><permission name="dial-set-context" value="true"/>'
    assert one(text).dial


def test_a_permission_that_nobody_knows_grants_nothing() -> None:
    assert one('<permission name="everything" value="true"/>') == Permissions()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"<a", "is no XML"),
        (b"<a/>", "has no <profile>"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><profile/>', "is no XML"),
        (b"", "is no XML"),
    ],
)
def test_what_is_no_such_file_is_said(text: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        profiles(text)


def test_names() -> None:
    assert Names().permits("anything")
    assert not Names(others=False).permits("anything")
