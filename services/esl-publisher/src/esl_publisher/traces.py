"""What happened to which call, in a line each, for a log at debug. Pure.

A line names the call by its id, as the topics do, and its legs by FreeSWITCH's own ids, which its log has too. Parties'
numbers and names stand in no log.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
from msgspec import Struct

from lampfield_bus.channels import CALL_ANSWERED, CALL_ENDED, CALL_STARTED, SWITCH_CALL, match
from lampfield_bus.messages import Publication

__all__ = ["traces"]

_OF_CALLS: Final = {row.name for row in (SWITCH_CALL, CALL_STARTED, CALL_ANSWERED, CALL_ENDED)}


class _Told(Struct):
    """What of `call/<id>` and `event/call/…` goes into a log."""

    id: str
    state: str
    legs: list[str]
    event: str = ""
    outcome: str = ""
    cause: str | None = None
    sip_status: int | None = None
    merged_into: str | None = None


_read: Final = msgspec.json.Decoder(_Told).decode


def traces(publications: Iterable[Publication]) -> Iterator[tuple[str, str]]:
    """The ids of calls that these tell of, and what: `call 1f0c is active; legs: 9a…, 4b…`."""
    for publication in publications:
        found = match(publication.topic)
        if found is None or found[0].name not in _OF_CALLS or not publication.payload:
            continue
        told = _read(publication.payload)
        yield told.id, f"call {told.id} {_what(told)}; legs: {', '.join(told.legs) or 'gone'}"


def _what(told: _Told) -> str:
    if not told.event:
        return f"is {told.state}"
    if told.event != "ended":
        return f"was {told.event}"
    why = [told.outcome, told.cause, told.sip_status and f"SIP {told.sip_status}"]
    merged = f" into {told.merged_into}" if told.merged_into else ""
    return f"has ended{merged}: {', '.join(str(one) for one in why if one)}"
