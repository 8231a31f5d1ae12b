"""Which call of a switch a dialog is a leg of. Pure.

A switch's publisher names the Call-IDs of a call's legs (`sip_call_ids`); where FreeSWITCH is told to use one for the
other (inbound-use-callid-as-uuid, outbound-use-uuid-as-callid), a leg's uuid is its Call-ID. A call may be told of
before its dialog is heard of, or after it.
"""

from collections.abc import Iterator
from typing import Final

from lampfield_bus.messages import Call

__all__ = ["KNOWN_BOUND", "Correlation"]

KNOWN_BOUND: Final = 20_000  # Call-IDs and uuids of calls, the last ones


class Correlation:
    """The switches' calls by the ids of their legs."""

    def __init__(self, *, bound: int = KNOWN_BOUND) -> None:
        self._bound = bound
        self._calls: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._calls)

    def learn(self, call: Call) -> Iterator[str]:
        """Take a call in; tells the Call-IDs, and what may be some, whose call is another now."""
        for leg in (*call.sip_call_ids, *call.legs):
            if self._calls.get(leg) == call.id:
                continue
            if leg not in self._calls and len(self._calls) >= self._bound:
                del self._calls[next(iter(self._calls))]
            self._calls[leg] = call.id
            yield leg

    def call_of(self, call_id: str) -> str | None:
        """The id of the call with this leg."""
        return self._calls.get(call_id)
