"""Who may do what on the bus: a service's paragraph of access.toml, read against the table of channels.

A right is given by rows of the table, never by a topic spelt by hand: what nobody writes or reads has no row, and a new
row is granted to its writer the day it is added. Topics here are relative to the root. Pure.
"""

import tomllib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
from msgspec import Struct

from lampfield_bus.channels import CHANNELS, Channel
from lampfield_bus.topics import encode_name

__all__ = ["ANY", "Kind", "Rights", "kinds", "rights"]

ANY = "+"  # in place of a name: every name


class OwnName(Struct, frozen=True, forbid_unknown_fields=True):
    """What a service of docker-compose.yml is called: `default`, unless `setting` (a variable) says otherwise."""

    default: str
    setting: str = ""


class Kind(Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of user. `writer`: the rows of the table that it writes, and so reads; `reads`: what else it reads;
    `commands`: which of the operator's rows it writes as well.

    An address in `reads` may end in `#`. The writer's own `{name}` in one (`display/{display}/#`) is the user's name,
    any other is free. `outside`: filters of topics that are not below the root, another program's, to write and read.
    `compose`: the name by which docker-compose.yml runs one of them.
    """

    writer: str = ""
    reads: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    compose: OwnName | None = None

    @property
    def parameter(self) -> str | None:
        """The name in the table's addresses that tells one such user from another: `switch`, `display`, `node`."""
        rows = [row for row in CHANNELS if row.writer == self.writer]
        first = {row.parameters[0] if row.parameters else "" for row in rows}
        return first.pop() if len(first) == 1 else None


class Rights(NamedTuple):
    """Topic filters relative to the root, names encoded."""

    write: tuple[str, ...]
    read: tuple[str, ...]


def kinds(text: str) -> dict[str, Kind]:
    """The kinds of user of one access.toml, by table. Raises ValueError that names what is wrong."""
    found = msgspec.convert(tomllib.loads(text), dict[str, Kind])  # ValidationError, TOMLDecodeError: ValueErrors
    for name, kind in found.items():
        if kind.writer and not any(row.writer == kind.writer for row in CHANNELS):
            raise ValueError(f"{name}: writer: {kind.writer!r} writes no row of the table of channels")
        for address in kind.reads:
            if not _below(address):
                raise ValueError(f"{name}: reads: {address!r} is no row of the table of channels")
        for address in kind.commands:
            if not any(row.address == address and row.writer == "operator" for row in CHANNELS):
                raise ValueError(f"{name}: commands: {address!r} is no row that the operator writes")
    return found


def rights(kind: Kind, name: str | None = None, *, numbers: bool = True) -> Rights:
    """What the user `name` of this kind may do; ANY stands for every name, None for a kind without names.

    Without `numbers` it reads no row in which parties' numbers and names stand. Raises ValueError for a bad name.
    """
    parameter = kind.parameter
    if (parameter is None) != (name is None):
        raise ValueError(
            f"name: {name!r}: a user that writes as {kind.writer or 'nobody'} has {parameter or 'no'} name"
        )
    own = {} if parameter is None or name is None else {parameter: ANY if name == ANY else encode_name(name)}
    writes = [row for row in CHANNELS if kind.writer and row.writer == kind.writer]
    reads = {row.address: row for row in writes}
    theirs: dict[str, Channel] = {}
    for address in kind.reads:
        mine = parameter is not None and f"{{{parameter}}}" in address
        (reads if mine else theirs).update((row.address, row) for row in _below(address))
    allowed = [row for row in reads.values() if numbers or not row.parties]
    others = [row for row in theirs.values() if numbers or not row.parties]
    read = [*_filters(allowed, own), *_filters(others, {})]
    commands = [row for row in CHANNELS if row.address in kind.commands]
    everything = ("#",) if "#" in read else tuple(dict.fromkeys(read))
    return Rights((*_filters(writes, own), *_filters(commands, {})), everything)


def _below(address: str) -> list[Channel]:
    """The rows that an address with or without a `#` at its end means."""
    if address == "#":
        return list(CHANNELS)
    stem = address.removesuffix("/#")
    return [row for row in CHANNELS if row.address == stem or (stem != address and row.address.startswith(f"{stem}/"))]


def _filters(rows: Sequence[Channel], own: Mapping[str, str]) -> list[str]:
    """The fewest filters that match these rows and no other row of the table."""
    granted = {row.address for row in rows}
    return list(_cover((), granted, own)) if granted else []


def _cover(stem: tuple[str, ...], granted: set[str], own: Mapping[str, str]) -> list[str]:
    """The filters for the granted rows below `stem`; `stem/#` where that is all of them, whatever their names."""
    here = [row.address.split("/") for row in CHANNELS if row.address.split("/")[: len(stem)] == list(stem)]
    wanted = [levels for levels in here if "/".join(levels) in granted]
    if not wanted:
        return []
    names_are_free = not any(level[1:-1] in own for levels in here for level in levels[len(stem) :])
    if len(wanted) == len(here) > 1 and names_are_free:
        return [_filter((*stem, "#"), own)]
    if len(here) == 1:
        return [_filter(tuple(wanted[0]), own)]
    found = [_filter(stem, own)] if list(stem) in wanted else []
    for level in dict.fromkeys(levels[len(stem)] for levels in here if len(levels) > len(stem)):
        found += _cover((*stem, level), granted, own)
    return found


def _filter(levels: Sequence[str], own: Mapping[str, str]) -> str:
    return "/".join(own.get(level[1:-1], ANY) if level.startswith("{") else level for level in levels)
