"""The calls that call-control answers or has started, as they stand on the bus. Pure.

A call is on `control/<node>/call/<id>` while it lives; its end is an event. What an earlier run of this service left
there is read back once, and handed to whoever knows whether that call still lives.
"""

from collections.abc import Mapping

import msgspec

from lampfield_bus.channels import CONTROL_CALL, CONTROL_CALL_ENDED, match
from lampfield_bus.messages import ControlCall, ControlCallEnded, Publication
from lampfield_bus.node.arrivals import Arrival, Message, ReadingBegan, ReadingEnded

__all__ = ["Register"]


class Register:
    """One node's calls, by id."""

    def __init__(self, node: str) -> None:
        self._node = node
        self._live: dict[str, ControlCall] = {}
        self._read: dict[str, ControlCall] | None = {}  # None: read
        self._orphans: dict[str, ControlCall] = {}
        self._unreadable: list[str] = []

    @property
    def live(self) -> Mapping[str, ControlCall]:
        """Every call that has been told and has not ended."""
        return self._live

    def tell(self, call: ControlCall) -> list[Publication]:
        """The call as it stands now; nothing if the bus has it so already. ValueError for an id that no topic has."""
        topic = CONTROL_CALL.topic(self._node, call.id)
        if self._live.get(call.id) == call:
            return []
        self._live[call.id] = call
        return [CONTROL_CALL.publication(topic, call)]

    def end(
        self,
        call: ControlCall,
        *,
        cause: str | None = None,
        sip_status: int | None = None,
        sip_reason: str | None = None,
    ) -> list[Publication]:
        """The call as it stood last, and how it ended; a call ends once."""
        if self._live.pop(call.id, None) is None:
            return []
        fields = msgspec.structs.asdict(call) | {"state": "ended"}
        ended = ControlCallEnded(**fields, cause=cause, sip_status=sip_status, sip_reason=sip_reason)
        return [
            CONTROL_CALL.deletion(CONTROL_CALL.topic(self._node, call.id)),
            CONTROL_CALL_ENDED.publication(CONTROL_CALL_ENDED.topic(self._node), ended),
        ]

    # --- what an earlier run has left ---------------------------------------------------------------------------------

    def hear(self, arrival: Arrival) -> list[Publication]:
        """Takes in what is read back; deletes what cannot be understood. Deaf after the first complete reading."""
        if self._read is None:
            return []
        if isinstance(arrival, ReadingBegan):
            self._read = {}
            self._unreadable = []
        elif isinstance(arrival, Message) and arrival.payload:
            self._note(arrival, self._read)
        elif isinstance(arrival, ReadingEnded) and arrival.complete:
            self._orphans = {id_: call for id_, call in self._read.items() if id_ not in self._live}
            self._read = None
            return [CONTROL_CALL.deletion(topic) for topic in self._unreadable]
        return []

    def orphans(self, *kinds: str) -> list[ControlCall]:
        """The calls of these kinds that an earlier run has left, each once: `adopt` or `end` them."""
        found = [call for call in self._orphans.values() if call.kind in kinds]
        for call in found:
            del self._orphans[call.id]
            self._live.setdefault(call.id, call)
        return found

    def _note(self, message: Message, read: dict[str, ControlCall]) -> None:
        row = match(message.topic)
        if row is None or row[0] is not CONTROL_CALL or row[1][0] != self._node:
            return
        try:
            call = msgspec.json.decode(message.payload, type=ControlCall)
        except ValueError:
            self._unreadable.append(message.topic)
            return
        if call.id == row[1][1]:
            read[call.id] = call
        else:
            self._unreadable.append(message.topic)
