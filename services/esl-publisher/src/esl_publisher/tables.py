"""The answers that are no `show … as json`: gateways, conferences, parking lots, fifos, the directory.

Pure. Each reader takes an answer's text and gives its rows, or None for a text that is none (ValueError says why); a
module that FreeSWITCH has not loaded (`-ERR … Command not found!`) has no rows. Sizes are bounded, and XML that
declares anything (a DTD, an entity) is refused before a parser sees it: none of FreeSWITCH's does.

Unlike `show …` these read what the modules hold in memory: they do not lag behind the events.
"""

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

import msgspec
from msgspec import Struct

from lampfield_bus.topics import encode_name

__all__ = [
    "MAX_CHARACTERS",
    "MAX_USERS",
    "GatewayRow",
    "MemberRow",
    "ParkedRow",
    "RoomRow",
    "UserRow",
    "absent",
    "conferences",
    "fifos",
    "gateways",
    "lots",
    "read",
    "users",
]

MAX_CHARACTERS: Final = 4_000_000
MAX_USERS: Final = 5_000  # of a directory; beyond, an extension is shown when it is seen

Row = TypeVar("Row")


class GatewayRow(Struct, frozen=True, kw_only=True, gc=False):
    """A gateway of `sofia xmlstatus gateway`. `ping_ms` is None where no ping was answered."""

    name: str
    state: str
    reachable: bool
    up_ms: int = 0
    ping_ms: float | None = None


class MemberRow(Struct, frozen=True, gc=False):
    """A conference's member: its leg."""

    uuid: str
    talking: bool


class RoomRow(Struct, frozen=True, kw_only=True):
    """A conference of `conference json_list`; it has gone on for `run_seconds`."""

    name: str
    instance: str
    run_seconds: int
    locked: bool
    recording: bool
    members: tuple[MemberRow, ...]


class ParkedRow(Struct, frozen=True, gc=False):
    """A caller in a lot or a fifo: its leg."""

    lot: str
    uuid: str


class UserRow(Struct, frozen=True, gc=False):
    """A user of the directory."""

    user: str
    domain: str
    name: str


def absent(text: str) -> bool:
    """Whether an answer says that the module which would give it is not loaded."""
    return text.startswith("-ERR") and text.rstrip().endswith("Command not found!")


def read(what: str, text: str, reader: Callable[[str], tuple[Row, ...]]) -> tuple[Row, ...]:
    """The rows of an answer, none if its module is not loaded. Raises ValueError that names the answer."""
    if absent(text):
        return ()
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"{what}: cannot be read: longer than {MAX_CHARACTERS} characters")
    try:
        return reader(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{what}: cannot be read: {str(error)[:120]}") from None


def gateways(text: str) -> tuple[GatewayRow, ...]:
    """`sofia xmlstatus gateway`. While a ping is under way the status reads `DOWN (ping)`."""
    rows = []
    for node in _xml(text).iter("gateway"):
        told = {child.tag: (child.text or "").strip() for child in node}
        if not _is_name(told.get("name", "")):
            continue
        pinged = _number(told.get("pingfreq")) > 0
        milliseconds = _number(told.get("pingtime"))
        rows.append(
            GatewayRow(
                name=told["name"],
                state=told.get("state", ""),
                reachable=told.get("status", "").partition(" ")[0] == "UP",
                up_ms=int(_number(told.get("uptime-usec")) / 1000),
                ping_ms=round(milliseconds, 1) if pinged and milliseconds else None,
            )
        )
    return tuple(rows)


def lots(text: str) -> tuple[ParkedRow, ...]:
    """`valet_info`: the lots, and in each the extensions that somebody is parked at."""
    return tuple(_parked(_xml(text), "lot", "extension"))


def fifos(text: str) -> tuple[ParkedRow, ...]:
    """`fifo list`: the fifos and their callers. Whoever talks already no longer waits."""
    return tuple(_parked(_xml(text), "fifo", "callers/caller"))


def _parked(root: ET.Element, place: str, caller: str) -> Iterator[ParkedRow]:
    for lot in root.iter(place):
        name = lot.get("name", "")
        for node in lot.iterfind(caller):
            uuid = node.get("uuid", "")
            if uuid and _is_name(name) and node.get("status", "WAITING") == "WAITING":
                yield ParkedRow(name, uuid)


class _Flags(Struct):
    talking: bool = False


class _Member(Struct):
    uuid: str = ""
    flags: _Flags = msgspec.field(default_factory=_Flags)


class _Room(Struct):
    conference_name: str = ""
    conference_uuid: str = ""
    run_time: int = 0
    locked: bool = False
    recording: bool = False
    members: tuple[_Member, ...] = ()


_rooms: Final = msgspec.json.Decoder(tuple[_Room, ...])


def conferences(text: str) -> tuple[RoomRow, ...]:
    """`conference json_list`. A member without a leg (a recording) is none."""
    return tuple(
        RoomRow(
            name=room.conference_name,
            instance=room.conference_uuid,
            run_seconds=max(room.run_time, 0),
            locked=room.locked,
            recording=room.recording,
            members=tuple(MemberRow(each.uuid, each.flags.talking) for each in room.members if each.uuid),
        )
        for room in _rooms.decode(text.encode("utf-8", "replace"))
        if _is_name(room.conference_name)
    )


def users(text: str) -> tuple[UserRow, ...]:
    """`list_users`: a header, then a line per user and group, with pipes; the same user may be in several groups.

    The columns, from mod_commands.c: userid, context, domain, group, contact, callgroup, effective_caller_id_name,
    effective_caller_id_number. A contact or a name may itself have a pipe: what is wanted is counted from both ends.
    """
    lines = text.split("\n")  # a name may hold what else Python takes for a line's end
    if not lines[0].startswith("userid|context|domain|"):
        raise ValueError("has no header of columns")
    width = len(lines[0].split("|"))
    found: dict[tuple[str, str], UserRow] = {}
    for line in lines[1:]:
        columns = line.split("|")
        if len(columns) >= width >= 8 and columns[0] and len(found) < MAX_USERS:
            row = UserRow(columns[0], columns[2], columns[-2])
            found.setdefault((row.user, row.domain), row)
    return tuple(found.values())


def _xml(text: str) -> ET.Element:
    if "<!" in text:
        raise ValueError("declares a document type or an entity")
    try:
        return ET.fromstring(text)  # noqa: S314 (nothing in it can expand)
    except ET.ParseError as error:
        raise ValueError(f"no XML: {error}") from None


def _is_name(name: str) -> bool:
    try:
        return bool(encode_name(name))
    except ValueError:
        return False


def _number(text: str | None) -> float:
    try:
        number = float(text or "0")
    except ValueError:
        return 0.0
    return number if 0 <= number < 1e18 else 0.0
