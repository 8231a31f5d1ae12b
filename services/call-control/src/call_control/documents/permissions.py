"""What a profile of httapi.conf.xml permits, read from that file. Pure.

Source of the names, their defaults and of what FreeSWITCH makes of a list: mod_httapi.c (do_config) and
switch_event.c (switch_event_check_permission_list) of 1.11.1, and calls that were refused by it. `none` set to true
grants everything there, as `all` does, and a list that is absent permits every name.
"""

from collections.abc import Mapping
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import fromstring
from msgspec import Struct

__all__ = ["EVERYTHING", "SHIPPED", "Names", "Permissions", "profiles"]


class Names(Struct, frozen=True):
    """Which names a permission is for: `others` says what becomes of those that are in neither set."""

    others: bool = True
    allowed: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()

    def permits(self, name: str) -> bool:
        """Whether it is for this one."""
        return name not in self.denied and (name in self.allowed or self.others)


class Permissions(Struct, frozen=True, kw_only=True):
    """One profile. Defaults are those of a profile without any `<permissions>`."""

    set_params: bool = True
    set_vars: bool = False
    settable: Names = Names()
    get_vars: bool = False
    gettable: Names = Names()
    extended_data: bool = False
    execute_apps: bool = False
    applications: Names = Names()
    expand_vars: bool = False
    dial: bool = True
    dial_set_context: bool = False
    dial_set_dialplan: bool = False
    dial_set_cid_name: bool = False
    dial_set_cid_number: bool = False
    dial_full_originate: bool = False
    conference: bool = True
    conference_set_profile: bool = False


_SWITCHES: Final = tuple(
    name for name in Permissions.__struct_fields__ if name not in ("settable", "gettable", "applications")
)
# Permission → the field of its list, the list's tag, and the tag of a name in it.
_LISTS: Final = {
    "set_vars": ("settable", "variable-list", "variable"),
    "get_vars": ("gettable", "variable-list", "variable"),
    "execute_apps": ("applications", "application-list", "application"),
}
_TRUE: Final = ("yes", "on", "true", "t", "enabled", "active", "allow")  # switch_true(), switch_utils.h

EVERYTHING: Final = Permissions(**dict.fromkeys(_SWITCHES, True))  # type: ignore[arg-type]  # the names are of switches
# freeswitch/httapi.conf.xml, profile `lampfield`: a test compares them.
SHIPPED: Final = Permissions(
    set_params=False,
    execute_apps=True,
    applications=Names(False, frozenset({"answer", "callcenter"})),
    conference=False,
)


def profiles(text: bytes) -> Mapping[str, Permissions]:
    """The profiles of an httapi.conf.xml, by name. Raises ValueError for what is none."""
    try:
        root = fromstring(text, forbid_dtd=True)
    except (ParseError, ValueError) as error:  # defusedxml's are ValueErrors
        raise ValueError(f"is no XML: {error}") from None
    found = {each.get("name", ""): _permissions(each.find("permissions")) for each in root.iter("profile")}
    if not found:
        raise ValueError("has no <profile>: is this an httapi.conf.xml?")
    return found


def _permissions(given: Element | None) -> Permissions:
    if given is None:
        return Permissions()
    fields: dict[str, bool | Names] = {}
    for each in given.iter("permission"):
        name, value = each.get("name", "").replace("-", "_"), _true(each.get("value", ""))
        if name in ("all", "none") and value:
            fields |= dict.fromkeys(_SWITCHES, True)
        elif name in _SWITCHES:
            fields[name] = value
            if name == "dial_set_context" and value:
                fields["dial"] = True
            if name in _LISTS:
                field, many, one = _LISTS[name]
                fields[field] = _names(each.find(many), one)
    return Permissions(**fields)  # type: ignore[arg-type]  # the name of a field tells its type


def _names(given: Element | None, one: str) -> Names:
    if given is None:
        return Names()
    types = {each.get("name", ""): each.get("type", "allow") for each in given.iter(one)}
    denied = frozenset(name for name, kind in types.items() if kind.startswith("d"))
    return Names(given.get("default", "").startswith("a"), frozenset(types) - denied, denied)


def _true(text: str) -> bool:
    return text.lower() in _TRUE or (text.lstrip("-").isdigit() and int(text) != 0)
