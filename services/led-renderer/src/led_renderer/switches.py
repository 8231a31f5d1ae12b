"""What the bus has told of each switch, and how far it can be believed. Pure; one instance per reading.

A reading of retained state fills a fresh `Switches`, which then replaces the old one: what was deleted meanwhile
leaves no ghost.
"""

from typing import Final, Self

from msgspec import structs

from lampfield_bus import channels as c
from lampfield_bus import instants
from lampfield_bus.messages import SwitchHealth, SwitchInfo
from lampfield_bus.node.life import Life, succeed
from led_renderer.merging import Told, merged
from led_renderer.view import View

__all__ = ["Source", "Switches"]

# What a display may not be allowed to read, because it tells people's numbers. It shows neither, or does without.
_PRIVATE: Final = ("switch_call", "switch_recent")

# The view's field that a channel is for.
_PARTS: Final = {
    "switch_calls": "calls",
    "switch_extension": "lamps",
    "switch_gateway": "gateways",
    "switch_conference": "conferences",
    "switch_parking": "parking",
    "switch_today": "today",
    "switch_history": "history",
    "switch_recent": "recent",
    "switch_queue": "queues",
    "switch_agent": "agents",
}


class Source(Life):
    """One switch."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.topics: set[str] = set()  # every retained topic it has, `availability` apart
        self.expected: int | None = None  # how many it should have; None until a fresh health told
        self.info: SwitchInfo | None = None
        self.info_since: int | None = None
        self.told = Told()
        self.reads_private = False
        self.read_again = False  # it lacked topics, and this is a later reading
        self.most_calls = self.most_calls_before = 0  # at once, since the last health, and from the one before to it

    def adopt(self, before: Self) -> None:
        """Whether topics were missing is taken over, too."""
        super().adopt(before)
        self.read_again = before.lacking or before.read_again

    @property
    def lacking(self) -> bool:
        """Whether it has topics that were not heard, and not because this display may not read them."""
        return self.expected is not None and len(self.topics) + self.hidden < self.expected

    @property
    def hidden(self) -> int:
        """How many topics an access list may hide from this display, once reading again has not brought them.

        `recent`, and one for every call; how many there were when `health` counted is known to within what two of its
        periods brought. As soon as one of them was heard, none is hidden.
        """
        if self.reads_private or not self.read_again:
            return 0
        return 1 + max(self.most_calls, self.most_calls_before)

    @property
    def live(self) -> int:
        """Its live calls, as it counts them."""
        return 0 if self.told.calls is None else self.told.calls.total

    def count(self, topic: str, *, there: bool, fresh: bool) -> None:
        """A topic was written or deleted. What comes and goes since the last health changes what is expected."""
        known = topic in self.topics
        (self.topics.add if there else self.topics.discard)(topic)
        if self.expected is not None and fresh and known != there:
            self.expected += 1 if there else -1

    def lost(self, now: int) -> bool:
        """Whether its numbers cannot be believed: no link to FreeSWITCH, or no publisher."""
        return not self._linked or super().lost(now)

    @property
    def _linked(self) -> bool:
        return self.info is not None and self.info.esl == "connected"

    @property
    def lost_since(self) -> int | None:
        """Since when (our clock) a lost one is lost, read back from what is retained; None where that does not tell."""
        if self.info_since is None or (self._linked and self.told_at is not None):
            return self.told_at
        return self.info_since + (self.skew or 0)


class Switches:
    """All switches of one reading, by name."""

    def __init__(self) -> None:
        self.sources: dict[str, Source] = {}
        self._heard: tuple[str, ...] = ()
        self._view = View()
        self._changed: set[str] = set()  # the view's fields that are to be merged again

    def adopt(self, older: "Switches", *, complete: bool = True) -> None:
        """Ends the reading that filled these, where `older` was known (`lampfield_bus.node.life.succeed`)."""
        succeed(self.sources, older.sources, complete=complete)

    def shift(self, delta_ms: int) -> None:
        """The wall clock was stepped: what was reckoned by it moves along."""
        for source in self.sources.values():
            source.shift(delta_ms)

    def receive(self, topic: str, payload: bytes, *, fresh: bool, now: int) -> None:
        """One message below `switch/`; `fresh`: not from the store. ValueError (with the field) for a bad one."""
        found = c.match(topic)
        if found is None or not found[0].retained:
            return
        channel, names = found
        message = channel.decode(payload) if payload else None
        source = self.sources.get(names[0])
        if source is None:
            if message is None:
                return
            source = self.sources[names[0]] = Source(names[0])
        if channel is not c.SWITCH_AVAILABILITY:
            source.count(topic, there=bool(payload), fresh=fresh)
        self._put(source, channel, names, message, fresh=fresh, now=now)
        if source.online is None and not source.topics:
            del self.sources[source.name]

    def _put(
        self, source: Source, channel: c.Channel, names: tuple[str, ...], message: object, *, fresh: bool, now: int
    ) -> None:
        part = _PARTS.get(channel.name)
        if channel.name in _PRIVATE and message is not None:
            source.reads_private = True
        if channel is c.SWITCH_AVAILABILITY:
            source.hear_availability(message)
        elif channel is c.SWITCH_INFO:
            _put_info(source, message)
        elif channel is c.SWITCH_HEALTH:
            _put_health(source, message, fresh=fresh, now=now)
        elif part is not None:
            source.told.put(part, names[-1], message)
            self._changed.add(part)
            source.most_calls = max(source.most_calls, source.live)

    def view(self, now: int) -> View:
        """What all switches that can be believed tell together; the same object as long as nothing changed."""
        heard = tuple(name for name, source in self.sources.items() if not source.lost(now))
        if heard != self._heard:
            self._heard = heard
            self._changed.update(_PARTS.values())
        if self._changed:
            self._merge()
        return self._view

    def _merge(self) -> None:
        """Merges what changed; what comes out as it was stays the object that it was."""
        known = {name: source.told for name, source in self.sources.items()}
        heard = {name: known[name] for name in self._heard}
        merged_anew = {part: merged(part, heard, known) for part in self._changed}
        self._changed.clear()
        different = {part: value for part, value in merged_anew.items() if value != getattr(self._view, part)}
        if different:
            self._view = structs.replace(self._view, **different)


def _put_info(source: Source, message: object) -> None:
    info = message if isinstance(message, SwitchInfo) else None
    since = None if info is None else instants.parse(info.since)  # before anything is changed: it may raise
    source.info, source.info_since = info, since


def _put_health(source: Source, message: object, *, fresh: bool, now: int) -> None:
    health = message if isinstance(message, SwitchHealth) else None
    source.hear_health(None if health is None else health.at, fresh=fresh, now=now)
    if fresh and health is not None:
        # A stored one is up to 15 s old: what ended since would be missed in vain.
        source.expected = health.topics
        source.most_calls, source.most_calls_before = source.live, source.most_calls
