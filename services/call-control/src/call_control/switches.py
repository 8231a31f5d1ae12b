"""How many calls are live, as the switches say on the bus; or that nobody knows. Pure.

A wrong number is worse than none: a switch counts as long as its publisher is online, its link to FreeSWITCH stands,
and its health is young. When one of them is not to be trusted, the sum is not either.
"""

from typing import Final

from msgspec import Struct

from lampfield_bus.channels import SWITCH_AVAILABILITY, SWITCH_CALLS, SWITCH_HEALTH, SWITCH_INFO, match
from lampfield_bus.instants import parse
from lampfield_bus.messages import Calls, SwitchHealth, SwitchInfo
from lampfield_bus.node.arrivals import Arrival, Connected, Lost, Message, ReadingBegan, ReadingEnded

__all__ = ["FILTERS", "Switches"]

FILTERS: Final = tuple(row.filter() for row in (SWITCH_AVAILABILITY, SWITCH_INFO, SWITCH_HEALTH, SWITCH_CALLS))
STALE_MS: Final = 45_000


class _Switch(Struct):
    online: bool = False
    connected: bool = False
    health: int | None = None  # when it was told, ms since the epoch
    calls: int | None = None


class Switches:
    """What is known of every switch."""

    def __init__(self) -> None:
        self._known: dict[str, _Switch] = {}
        self._reading: dict[str, _Switch] | None = None
        self._bus = False

    def hear(self, arrival: Arrival) -> None:
        """Takes in what comes from the bus."""
        if isinstance(arrival, Lost):
            self._bus = False
        elif isinstance(arrival, Connected | ReadingBegan):
            self._reading = {}
        elif isinstance(arrival, ReadingEnded):
            if self._reading is not None:
                self._known = self._reading
            self._reading, self._bus = None, True
        elif isinstance(arrival, Message):
            self._note(arrival, self._known if self._reading is None else self._reading)

    def live(self, now: int) -> int | None:
        """The calls of all switches together; None when a number would be a guess."""
        if not self._bus or not self._known:
            return None
        total = 0
        for switch in self._known.values():
            young = switch.health is not None and now - switch.health <= STALE_MS
            if not (switch.online and switch.connected and young) or switch.calls is None:
                return None
            total += switch.calls
        return total

    def _note(self, message: Message, known: dict[str, _Switch]) -> None:
        row = match(message.topic)
        if row is None or row[0] not in (SWITCH_AVAILABILITY, SWITCH_INFO, SWITCH_HEALTH, SWITCH_CALLS):
            return
        channel, (name,) = row
        if not message.payload:
            if channel is SWITCH_AVAILABILITY:
                known.pop(name, None)  # it was forgotten
            return
        switch = known.setdefault(name, _Switch())
        try:
            said = channel.decode(message.payload)
        except ValueError:
            return
        if isinstance(said, str):
            switch.online = said == "online"
        elif isinstance(said, SwitchInfo):
            switch.connected = said.esl == "connected"
        elif isinstance(said, SwitchHealth):
            switch.health = parse(said.at)
        elif isinstance(said, Calls):
            switch.calls = said.total
