"""Events and table rows of made-up legs, with FreeSWITCH's own spellings."""

from typing import Any, TypeVar

from esl_publisher import decode as d
from esl_publisher.legs import Leg
from esl_publisher.snapshot import BridgedPair, ChannelRow
from support.switchboard import DOMAIN

Variables = TypeVar("Variables", d.CreatedVariables, d.HungUpVariables)

T0 = 1_795_388_315_000  # a capture's day, ms


def us(at: int) -> str:
    """An instant as FreeSWITCH writes it."""
    return str(at * 1000)


def _told_apart(headers: dict[str, Any], kind: type[Variables]) -> tuple[dict[str, Any], Variables]:
    """The channel's own headers, and its variables."""
    names = headers.keys() & set(kind.__struct_fields__)
    return {name: headers[name] for name in headers.keys() - names}, kind(**{name: headers[name] for name in names})


def created(uuid: str, at: int = T0, *, user: str = "", by: str = "", **headers: Any) -> d.Created:
    """A leg begins: from `user` if nobody dialled it, to `user` if the leg `by` did."""
    outbound = bool(by)
    given: dict[str, Any] = {
        "callstate": "DOWN",
        "direction": "outbound" if outbound else "inbound",
        "presence_id": f"{user}@{DOMAIN}" if user else "",
        "call_uuid": by or uuid,
        "caller_number": "" if outbound else user,
        "destination": user if outbound else "71001",
        "user_name": "" if outbound else user,
        "dialed_user": user if outbound else "",
    }
    about, variables = _told_apart({**given, **headers}, d.CreatedVariables)
    return d.Created(name="CHANNEL_CREATE", timestamp=us(at), uuid=uuid, variables=variables, **about)


def state(uuid: str, callstate: str, at: int = T0, **headers: Any) -> d.Introduced:
    """A leg's callstate, and who it is."""
    return d.Introduced(name="CHANNEL_CALLSTATE", timestamp=us(at), uuid=uuid, callstate=callstate, **headers)


def bridge(a: str, b: str, at: int = T0) -> d.Bridged:
    """Two legs are bridged."""
    return d.Bridged(name="CHANNEL_BRIDGE", timestamp=us(at), uuid=a, a=a, b=b)


def conversation() -> list[d.Event]:
    """1000 (`a`) has called 1001 (`b`), who has answered."""
    return [
        created("a", user="1000"),
        created("b", user="1001", by="a"),
        state("b", "ACTIVE"),
        state("a", "ACTIVE"),
        bridge("a", "b"),
    ]


def unbridge(a: str, b: str, at: int = T0) -> d.Bridged:
    """Two legs no longer are."""
    return d.Bridged(name="CHANNEL_UNBRIDGE", timestamp=us(at), uuid=a, a=a, b=b)


def hangup(uuid: str, cause: str = "NORMAL_CLEARING", at: int = T0, **headers: Any) -> d.HungUp:
    """A leg ends."""
    about, variables = _told_apart(headers, d.HungUpVariables)
    return d.HungUp(name="CHANNEL_HANGUP", timestamp=us(at), uuid=uuid, cause=cause, variables=variables, **about)


def row(
    uuid: str, callstate: str = "ACTIVE", *, user: str = "", by: str = "", at: int = T0, **columns: Any
) -> ChannelRow:
    """A row of `show channels`."""
    given: dict[str, Any] = {
        "direction": "outbound" if by else "inbound",
        "created_epoch": str(T0 // 1000),
        "state": "CS_EXECUTE",
        "call_uuid": by,
        "presence_id": f"{user}@{DOMAIN}" if user else "",
        "cid_num": "" if by else user,
        "dest": user if by else "71001",
    }
    return ChannelRow(uuid=uuid, callstate=callstate, **{**given, **columns})


def pair(a: str, b: str, at: int = T0) -> BridgedPair:
    """A row of `show calls` with two legs."""
    return BridgedPair(uuid=a, b_uuid=b, call_created_epoch=str(at // 1000))


def leg(uuid: str = "a", **changes: Any) -> Leg:
    """A leg, as the ledger keeps it."""
    return Leg(uuid=uuid, **{"started_at": T0, "seen_at": T0, "heard_at": T0, **changes})
