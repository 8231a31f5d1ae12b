"""What the bus has told of each switch, and how far it can be believed. Pure; one instance per reading.

A reading of retained state fills a fresh `Switches`, which then replaces the old one: what was deleted meanwhile
leaves no ghost.
"""

from typing import Final

from lampfield_bus import channels as c
from lampfield_bus import instants
from lampfield_bus.messages import Calls, Extension, SwitchHealth, SwitchInfo
from led_renderer.view import CallCounts, Lamp, View

__all__ = ["LOST_MS", "SKEW_MS", "STALE_MS", "Source", "Switches"]

STALE_MS: Final = 30_000  # a health older than this: what is shown may be stale
LOST_MS: Final = 45_000  # older than this: the publisher is lost
SKEW_MS: Final = 5_000  # clocks further apart than this: ages cannot be believed
# The least delayed of so many health messages tells how far the clocks are apart: enough that one late message does
# not count, few enough that a switch whose clock was set back is not taken for lost for long.
_SAMPLES: Final = 2


class Source:
    """One switch. Ages are by the switch's own clock, as far as its fresh `health` lets us know it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.topics: set[str] = set()  # every retained topic it has, `availability` apart
        self.expected: int | None = None  # how many it should have; None until a fresh health told
        self.online: bool | None = None
        self.info: SwitchInfo | None = None
        self.info_since: int | None = None
        self.health: SwitchHealth | None = None
        self.health_at: int | None = None
        self.calls = CallCounts()
        self.lamps: dict[str, Lamp] = {}
        self.samples: list[int] = []

    @property
    def skew(self) -> int | None:
        """By how many ms this clock is ahead of the switch's; None until a fresh health came."""
        return min(self.samples, default=None)

    @property
    def lacking(self) -> bool:
        """Whether it has topics that were not heard."""
        return self.expected is not None and len(self.topics) < self.expected

    def count(self, topic: str, *, there: bool, fresh: bool) -> None:
        """A topic was written or deleted. What comes and goes since the last health changes what is expected."""
        known = topic in self.topics
        (self.topics.add if there else self.topics.discard)(topic)
        if self.expected is not None and fresh and known != there:
            self.expected += 1 if there else -1

    def here(self, now: int) -> int:
        """What the switch's clock says now."""
        return now - (self.skew or 0)

    def age(self, now: int) -> int | None:
        """How old its last health is, in ms."""
        return None if self.health_at is None else max(self.here(now) - self.health_at, 0)

    def lost(self, now: int) -> bool:
        """Whether its numbers cannot be believed: no link to FreeSWITCH, or no publisher."""
        age = self.age(now)
        linked = self.info is not None and self.info.esl == "connected"
        return not linked or self.online is False or age is None or age >= LOST_MS

    @property
    def lost_since(self) -> int | None:
        """Since when (our clock) a lost one is lost, read back from what is retained; None where that does not tell."""
        linked = self.info is not None and self.info.esl == "connected"
        told = self.health_at if linked and self.health_at is not None else self.info_since
        known = self.health_at if told is None else told
        return None if known is None else known + (self.skew or 0)

    def stale(self, now: int) -> bool:
        """Whether what it told may be out of date. A health from the future: this clock is behind."""
        if self.health_at is None:
            return True
        age = self.here(now) - self.health_at
        return not -SKEW_MS <= age <= STALE_MS or abs(self.skew or 0) > SKEW_MS

    def edges(self) -> tuple[int, ...]:
        """Instants (our clock) at which it becomes stale, becomes lost, and is from the future no more."""
        if self.health_at is None:
            return ()
        told = self.health_at + (self.skew or 0)
        return (told + STALE_MS + 1, told + LOST_MS, told - SKEW_MS)


class Switches:
    """All switches of one reading, by name."""

    def __init__(self) -> None:
        self.sources: dict[str, Source] = {}
        self._view: tuple[tuple[str, ...], View] | None = None

    def adopt(self, older: "Switches") -> None:
        """Takes over what no retained message tells: how far the clocks are apart."""
        for name, source in self.sources.items():
            if name in older.sources:
                source.samples = older.sources[name].samples[-_SAMPLES:]

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
        self._view = None
        if channel is not c.SWITCH_AVAILABILITY:
            source.count(topic, there=bool(payload), fresh=fresh)
        self._put(source, channel, names, message, fresh=fresh, now=now)
        if source.online is None and not source.topics:
            del self.sources[source.name]

    def _put(
        self, source: Source, channel: c.Channel, names: tuple[str, ...], message: object, *, fresh: bool, now: int
    ) -> None:
        if channel is c.SWITCH_AVAILABILITY:
            source.online = None if message is None else message == "online"
        elif channel is c.SWITCH_INFO:
            _put_info(source, message)
        elif channel is c.SWITCH_HEALTH:
            _put_health(source, message, fresh=fresh, now=now)
        elif channel is c.SWITCH_CALLS:
            source.calls = _counts(message) if isinstance(message, Calls) else CallCounts()
        elif channel is c.SWITCH_EXTENSION:
            if isinstance(message, Extension):
                source.lamps[names[1]] = Lamp(names[1], message.state, message.registered)
            else:
                source.lamps.pop(names[1], None)

    def view(self, now: int) -> View:
        """What all switches that can be believed tell together; the same object as long as nothing changed."""
        heard = tuple(name for name, source in self.sources.items() if not source.lost(now))
        if self._view is None or self._view[0] != heard:
            self._view = (heard, _merged([self.sources[name] for name in heard]))
        return self._view[1]


def _put_info(source: Source, message: object) -> None:
    info = message if isinstance(message, SwitchInfo) else None
    since = None if info is None else instants.parse(info.since)  # before anything is changed: it may raise
    source.info, source.info_since = info, since


def _put_health(source: Source, message: object, *, fresh: bool, now: int) -> None:
    health = message if isinstance(message, SwitchHealth) else None
    at = None if health is None else instants.parse(health.at)
    source.health, source.health_at = health, at
    if fresh and health is not None and at is not None:
        # A stored one is up to 15 s old: what ended since would be missed in vain.
        source.expected = health.topics
        source.samples = [*source.samples[1 - _SAMPLES :], now - at]


def _counts(calls: Calls) -> CallCounts:
    return CallCounts(calls.ringing, calls.waiting, calls.active, calls.held)


def _merged(sources: list[Source]) -> View:
    calls = CallCounts(
        sum(source.calls.ringing for source in sources),
        sum(source.calls.waiting for source in sources),
        sum(source.calls.active for source in sources),
        sum(source.calls.held for source in sources),
    )
    lamps = [(lamp, source.name) for source in sources for lamp in source.lamps.values()]
    return View(calls, tuple(lamp for lamp, _ in sorted(lamps, key=_order)))


def _order(entry: tuple[Lamp, str]) -> tuple[int, int, str, str]:
    """2 before 10, numbers before names, and a switch's own order among equals."""
    extension = entry[0].extension
    digits = extension if extension.isascii() and extension.isdigit() else ""
    return (0 if digits else 1, int(digits or 0), extension, entry[1])
