"""How many calls are live, as the switches say on the bus; or that nobody knows. Pure.

A wrong number is worse than none: a switch counts as long as its publisher lives, by the rule that a panel goes by,
and its link to FreeSWITCH stands. When one of them is not to be trusted, the sum is not either.
"""

from typing import Final

from lampfield_bus.channels import SWITCH_AVAILABILITY, SWITCH_CALLS, SWITCH_HEALTH, SWITCH_INFO, match
from lampfield_bus.messages import Calls, SwitchHealth, SwitchInfo
from lampfield_bus.node.arrivals import Arrival, Connected, Lost, Message, ReadingBegan, ReadingEnded
from lampfield_bus.node.life import Life, succeed

__all__ = ["FILTERS", "Switches"]

FILTERS: Final = tuple(row.filter() for row in (SWITCH_AVAILABILITY, SWITCH_INFO, SWITCH_HEALTH, SWITCH_CALLS))


class _Switch(Life):
    def __init__(self) -> None:
        super().__init__()
        self.esl: str | None = None
        self.calls: int | None = None

    @property
    def forgotten(self) -> bool:
        """Whether nothing of it is told any more."""
        return self.online is None and self.health_at is None and self.esl is None and self.calls is None


class Switches:
    """What is known of every switch."""

    def __init__(self) -> None:
        self._known: dict[str, _Switch] = {}
        self._reading: dict[str, _Switch] | None = None
        self._bus = False

    def step(self, delta_ms: int) -> None:
        """Our clock was set; instants are ms since the epoch, by it."""
        for switches in (self._known, self._reading or {}):
            for switch in switches.values():
                switch.shift(delta_ms)

    def hear(self, arrival: Arrival, now: int) -> None:
        """Takes in what comes from the bus. ValueError for a message that cannot be read; it changes nothing."""
        if isinstance(arrival, Lost):
            self._bus = False
        elif isinstance(arrival, Connected | ReadingBegan):
            self._reading = {}
        elif isinstance(arrival, ReadingEnded):
            if self._reading is not None:
                succeed(self._reading, self._known, complete=arrival.complete)
                self._known = self._reading
            self._reading, self._bus = None, True
        elif isinstance(arrival, Message):
            self._note(arrival, self._known if self._reading is None else self._reading, now)

    def live(self, now: int) -> int | None:
        """The calls of all switches together; None when a number would be a guess."""
        if not self._bus or not self._known:
            return None
        total = 0
        for switch in self._known.values():
            if switch.lost(now) or switch.esl != "connected" or switch.calls is None:
                return None
            total += switch.calls
        return total

    def _note(self, message: Message, known: dict[str, _Switch], now: int) -> None:
        row = match(message.topic)
        if row is None or row[0] not in (SWITCH_AVAILABILITY, SWITCH_INFO, SWITCH_HEALTH, SWITCH_CALLS):
            return
        channel, (name,) = row
        said = channel.decode(message.payload) if message.payload else None
        switch = known.get(name) or _Switch()
        if channel is SWITCH_AVAILABILITY:
            switch.hear_availability(said)
        elif channel is SWITCH_INFO:
            switch.esl = said.esl if isinstance(said, SwitchInfo) else None
        elif channel is SWITCH_HEALTH:
            at = said.at if isinstance(said, SwitchHealth) else None
            switch.hear_health(at, fresh=not message.retain, now=now)
        else:
            switch.calls = said.total if isinstance(said, Calls) else None
        known[name] = switch
        if switch.forgotten:
            del known[name]
