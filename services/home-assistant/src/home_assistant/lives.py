"""Which displays and switches live, by the rule that a panel goes by. Pure.

A reading of retained state is collected beside what is known and takes its place; one that was not complete leaves who
it did not tell of as he was.
"""

from typing import Final

from lampfield_bus import channels as c
from lampfield_bus.messages import DisplayHealth, SwitchHealth
from lampfield_bus.node.arrivals import Arrival, Message, ReadingBegan, ReadingEnded
from lampfield_bus.node.life import Life, succeed

__all__ = ["LIVES", "Lives"]

LIVES: Final = (c.DISPLAY_AVAILABILITY, c.DISPLAY_HEALTH, c.SWITCH_AVAILABILITY, c.SWITCH_HEALTH)

_Lives = dict[tuple[str, str], Life]  # by kind (`display`, `switch`) and name


class Lives:
    """Everybody's life; instants are ms since the epoch."""

    def __init__(self) -> None:
        self._known: _Lives = {}
        self._fresh: _Lives | None = None

    def receive(self, arrival: Arrival, now: int) -> bool:
        """One arrival of the bus; whether it is of a life and nothing else.

        ValueError for a message that cannot be read; it changes nothing.
        """
        match arrival:
            case ReadingBegan():
                self._fresh = {}
            case ReadingEnded(complete):
                self._end(complete=complete)
            case Message():
                return self._put(arrival, now)
        return False

    def step(self, delta_ms: int) -> None:
        """Our clock was set."""
        for lives in (self._known, self._fresh or {}):
            for life in lives.values():
                life.shift(delta_ms)

    def lost(self, kind: str, name: str, now: int) -> bool:
        """Whether it is, or never said that it is there."""
        life = self._known.get((kind, name))
        return life is None or life.lost(now)

    def _end(self, *, complete: bool) -> None:
        fresh, self._fresh = self._fresh or {}, None
        succeed(fresh, self._known, complete=complete)
        self._known = fresh

    def _put(self, message: Message, now: int) -> bool:
        found = c.match(message.topic)
        if found is None or found[0] not in LIVES:
            return False
        channel, (name,) = found
        said = channel.decode(message.payload) if message.payload else None
        lives = self._known if self._fresh is None else self._fresh
        life = lives.setdefault((channel.parameters[0], name), Life())
        if channel in (c.DISPLAY_AVAILABILITY, c.SWITCH_AVAILABILITY):
            life.hear_availability(said)
        else:
            at = said.at if isinstance(said, DisplayHealth | SwitchHealth) else None
            life.hear_health(at, fresh=not message.retain, now=now)
        return True
