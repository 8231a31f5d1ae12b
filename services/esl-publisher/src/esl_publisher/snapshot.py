"""What FreeSWITCH's tables answered, as facts: `show … as json` is read here, the others in tables.py.

Pure: the shell asks, this reads. The three of `show` are needed; of the others each may fail without harm to the rest.
The three are written by a database thread: a row appears 130-560 ms after its CHANNEL_CREATE and stays as long after
its CHANNEL_DESTROY, a registration's 220-390 ms (measured on an idle machine), so a snapshot is older than the events
that came before it. Whoever reconciles lives with that by LAG_MS.

All values are strings; with no rows there is no `rows` key (`{"row_count": 0}`).
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct

from esl_publisher import tables
from esl_publisher.framing import Octets
from esl_publisher.queue_tables import QueueTables
from esl_publisher.tables import GatewayRow, ParkedRow, RoomRow, UserRow
from lampfield_bus.topics import encode_name

__all__ = ["LAG_MS", "BridgedPair", "ChannelRow", "RegistrationRow", "Snapshot", "parse"]

LAG_MS: Final = 1_000  # an event that is younger than this when the tables are asked for may not be in them yet


class ChannelRow(Struct, frozen=True, kw_only=True, gc=False):
    """A row of `show channels`: a leg."""

    uuid: str
    direction: str = ""
    created_epoch: str = ""  # seconds
    name: str = ""  # sofia/internal/1000@…, loopback/1001-a
    state: str = ""  # CS_EXECUTE …
    callstate: str = ""
    call_uuid: str = ""  # of a leg that was originated: its originator's uuid
    member_uuid: str = ""  # no column: callcenter.py finds out which caller an agent's leg is for
    presence_id: str = ""
    cid_name: str = ""
    cid_num: str = ""
    callee_name: str = ""
    callee_num: str = ""
    dest: str = ""


class BridgedPair(Struct, frozen=True, kw_only=True, gc=False):
    """A row of `show calls` with both its legs: they are bridged. Rows without `b_uuid` are legs alone."""

    uuid: str
    b_uuid: str = ""
    call_created_epoch: str = ""  # seconds: when they were bridged


class RegistrationRow(Struct, frozen=True, kw_only=True, gc=False):
    """A row of `show registrations`: one contact of one address of record. `token` is its Call-ID."""

    reg_user: str
    realm: str = ""
    token: str = ""


class Snapshot(Struct, frozen=True, kw_only=True):
    """FreeSWITCH's tables, asked for at `asked_at` and complete at `answered_at` (ms, our clock).

    None is what was not told; `faults` say of which answers that is because they could not be read.
    """

    asked_at: int
    answered_at: int
    channels: tuple[ChannelRow, ...] = ()
    pairs: tuple[BridgedPair, ...] = ()
    registrations: tuple[RegistrationRow, ...] = ()
    gateways: tuple[GatewayRow, ...] | None = None
    conferences: tuple[RoomRow, ...] | None = None
    parked: tuple[ParkedRow, ...] | None = None
    users: tuple[UserRow, ...] | None = None
    callcenter: QueueTables | None = None
    faults: tuple[str, ...] = ()


class _Channels(Struct, frozen=True):
    rows: tuple[ChannelRow, ...] = ()


class _Calls(Struct, frozen=True):
    rows: tuple[BridgedPair, ...] = ()


class _Registrations(Struct, frozen=True):
    rows: tuple[RegistrationRow, ...] = ()


Table = TypeVar("Table", _Channels, _Calls, _Registrations)


class Reading:
    """A snapshot that is read table by table, so that one text at a time is enough."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[Any, ...] | None] = {}
        self._faults: list[str] = []

    def take(self, table: str, text: Octets) -> None:
        """The answer for a table of commands.TABLES. Raises ValueError for one of the three that is none; another one
        is left out.
        """
        if table in _SHOWN:
            self._rows[table] = _SHOWN[table](text)
            return
        try:
            self._rows[table] = tables.read(table, text.decode("utf-8", "replace"), _OTHERS[table])
        except ValueError as error:
            self._rows[table] = None
            self._faults.append(str(error))

    def snapshot(self, *, asked_at: int, answered_at: int) -> Snapshot:
        """What was read."""
        rows = self._rows
        lots, fifos = rows.get("lots"), rows.get("fifos")
        return Snapshot(
            asked_at=asked_at,
            answered_at=answered_at,
            channels=rows.get("channels") or (),
            pairs=rows.get("calls") or (),
            registrations=rows.get("registrations") or (),
            gateways=rows.get("gateways"),
            conferences=rows.get("conferences"),
            parked=None if lots is None or fifos is None else (*lots, *fifos),
            users=rows.get("users"),
            faults=tuple(self._faults),
        )


def parse(*, asked_at: int, answered_at: int, **texts: Octets | str) -> Snapshot:
    """All answers' texts at once, by the names of commands.TABLES. Raises ValueError as `take` does."""
    reading = Reading()
    for table, text in texts.items():
        reading.take(table, text.encode("utf-8", "replace") if isinstance(text, str) else text)
    return reading.snapshot(asked_at=asked_at, answered_at=answered_at)


def _channels(text: Octets) -> tuple[ChannelRow, ...]:
    return tuple(row for row in _table("show channels", text, _Channels).rows if _usable(row.uuid))


def _pairs(text: Octets) -> tuple[BridgedPair, ...]:
    return tuple(pair for pair in _table("show calls", text, _Calls).rows if pair.b_uuid)


def _usable(uuid: str) -> bool:
    try:
        return bool(encode_name(uuid))
    except ValueError:
        return False


def _table(what: str, text: Octets, model: type[Table]) -> Table:
    try:
        try:
            return msgspec.json.decode(text, type=model)
        except UnicodeDecodeError:  # a caller's name
            return msgspec.json.decode(text.decode("utf-8", "replace"), type=model)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f"{what}: no table of rows: {str(error)[:120]}") from None


_SHOWN: Final[dict[str, Callable[[Octets], tuple[Any, ...]]]] = {
    "channels": _channels,
    "calls": _pairs,
    "registrations": lambda text: _table("show registrations", text, _Registrations).rows,
}
_OTHERS: Final[dict[str, Callable[[str], tuple[Any, ...]]]] = {
    "gateways": tables.gateways,
    "conferences": tables.conferences,
    "lots": tables.lots,
    "fifos": tables.fifos,
    "users": tables.users,
}
