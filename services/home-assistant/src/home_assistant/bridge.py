"""The machine: what the bus tells in, what Home Assistant shall read out. Pure, in h11's manner.

    hear(arrival, now)  from the bus below our root: displays, switches and their parts come, live and go
    notice(arrival)     from Home Assistant's topics: what was written there before, and its birth message
    step(delta)         our clock was set
    tell(now)           what differs, as publications relative to Home Assistant's prefix; ask every second

Nothing is told before both sides were read once. Nothing is deleted on the word of a reading that was not complete: a
broker that loses half a reading removes no device. What is there twice is written once.
"""

from typing import Final, NamedTuple

import msgspec

from home_assistant import retired
from home_assistant.devices import Devices, Json, Watched
from home_assistant.lives import LIVES, Lives
from home_assistant.names import Names
from lampfield_bus import channels as c
from lampfield_bus.messages import DisplayInfo, Publication, SwitchInfo
from lampfield_bus.node.arrivals import Arrival, Message, ReadingBegan, ReadingEnded
from lampfield_bus.topics import encode_name

__all__ = ["BIRTH", "FILTERS", "OWN", "Bridge"]

_PARTS: Final = (c.DISPLAY_INFO, c.SWITCH_INFO, c.SWITCH_GATEWAY, c.SWITCH_QUEUE, c.SWITCH_EXTENSION)
FILTERS: Final = tuple(row.filter() for row in (*_PARTS, *LIVES))
# Relative to Home Assistant's prefix.
OWN: Final = ("device/+/config", "lampfield/+/registered", "lampfield/+/alive")
BIRTH: Final = "status"

_Names = tuple[str, ...]


class _Plan(NamedTuple):
    """Topics that should be there and what should stand in them; and where stands who lives: topic, kind, name."""

    topics: dict[str, bytes]
    alive: list[tuple[str, str, str]]


class _Reading:
    """Retained topics as one reading tells them; a new one is collected beside the old, and takes its place."""

    def __init__(self) -> None:
        self.topics: dict[str, bytes] = {}
        self.complete = False
        self.done = False
        self._fresh: dict[str, bytes] | None = None

    def receive(self, arrival: Arrival) -> None:
        match arrival:
            case ReadingBegan():
                self._fresh = {}
            case ReadingEnded(complete):
                fresh, self._fresh = self._fresh or {}, None
                self.topics = fresh if complete else {**self.topics, **fresh}
                self.complete, self.done = complete, True
            case Message(topic, payload):
                for topics in (self.topics,) if self._fresh is None else (self.topics, self._fresh):
                    topics.pop(topic, None)
                    if payload:
                        topics[topic] = payload


class Bridge:
    """Everything that is known of both sides. `root` is that of our topics, `prefix` Home Assistant's; `node` is called
    the service itself, and `own` is where it stands below that prefix."""

    def __init__(self, root: str, prefix: str, version: str, node: str) -> None:
        self.own = f"lampfield/{encode_name(node)}"
        self.availability = f"{self.own}/availability"
        self._devices = Devices(root, version)
        self._names = Names(root)
        self._prefix = prefix
        self._bus = _Reading()
        self._lives = Lives()
        self._there = _Reading()
        self._plan: _Plan | None = None  # what follows from what was heard; None: it is to be made anew
        self._born = False
        self._told: dict[str, bytes] = {}
        self.faults: dict[str, str] = {}  # topics whose payloads could not be read, and why

    def hear(self, arrival: Arrival, now: int) -> None:
        """Take one thing in that came from the bus."""
        topic = arrival.topic if isinstance(arrival, Message) else ""
        try:
            is_life = self._lives.receive(arrival, now)
        except ValueError as error:
            self.faults[topic] = str(error)  # who cannot say how he is grows old
            return
        if is_life:
            self.faults.pop(topic, None)
        else:
            self._bus.receive(arrival)
            self._plan = None

    def step(self, delta_ms: int) -> None:
        """Our clock was set by so much."""
        self._lives.step(delta_ms)

    def notice(self, arrival: Arrival) -> None:
        """Take one thing in that came from Home Assistant's topics."""
        if isinstance(arrival, Message) and arrival.topic == BIRTH:
            self._born = self._born or arrival.payload == b"online"
            return
        self._there.receive(arrival)

    @property
    def ready(self) -> bool:
        """Whether both sides were read."""
        return self._bus.done and self._there.done

    @property
    def devices(self) -> list[str]:
        """The ids of all that Home Assistant should have."""
        return [topic.split("/")[1] for topic in self._planned().topics if topic.startswith("device/")]

    def clear(self) -> list[Publication]:
        """What takes all of ours out of Home Assistant."""
        ours = sorted(topic for topic in {**self._there.topics, **self._told} if self._is_ours(topic))
        return [Publication(topic, b"", 1, True) for topic in ours]

    def tell(self, now: int) -> list[Publication]:
        """What is to be written now."""
        if not self.ready:
            return []
        plan = self._planned()
        wanted = {**plan.topics, **{topic: self._word(kind, name, now) for topic, kind, name in plan.alive}}
        written = {**self._there.topics, **self._told}
        born, self._born = self._born, False
        out = [
            Publication(topic, payload, 1, True)
            for topic, payload in wanted.items()
            if born or written.get(topic) != payload
        ]
        if self._bus.complete:
            ghosts = [topic for topic in written if topic not in wanted and self._is_ours(topic)]
            out += [Publication(topic, b"", 1, True) for topic in sorted(ghosts)]
            self._there.topics = {topic: text for topic, text in self._there.topics.items() if topic not in ghosts}
            self._told = wanted
        else:
            self._told = {**self._told, **wanted}
        return out

    def _word(self, kind: str, name: str, now: int) -> bytes:
        return b"offline" if self._lives.lost(kind, name, now) else b"online"

    def _planned(self) -> _Plan:
        if self._plan is None:
            self._plan = self._made()
        return self._plan

    def _made(self) -> _Plan:
        found: dict[str, dict[_Names, bytes]] = {}
        for topic, payload in self._bus.topics.items():
            match = c.match(topic)
            if match is not None:
                row, names = match
                found.setdefault(row.name, {})[tuple(names)] = payload
        plan = _Plan({}, [])
        for (display,), payload in found.get(c.DISPLAY_INFO.name, {}).items():
            about = self._read(c.DISPLAY_INFO, display, payload)
            if isinstance(about, DisplayInfo):
                told = self._devices.display(display, about, self._watched("display", display))
                self._put(plan, "display", display, told)
            else:
                self._keep(plan, "display", display)
        for (switch,), payload in found.get(c.SWITCH_INFO.name, {}).items():
            info = self._read(c.SWITCH_INFO, switch, payload)
            if isinstance(info, SwitchInfo):
                self._switch(plan, switch, info, found)
            elif self._keep(plan, "switch", switch):
                self._count(plan, switch, found)
        return plan

    def _switch(self, plan: _Plan, switch: str, info: SwitchInfo, found: dict[str, dict[_Names, bytes]]) -> None:
        gateways, queues = (
            [names[1] for names in found.get(row.name, {}) if names[0] == switch]
            for row in (c.SWITCH_GATEWAY, c.SWITCH_QUEUE)
        )
        registered = self._own("switch", switch, "registered")
        watched = self._watched("switch", switch)
        told = self._devices.switch(switch, info, gateways, queues, f"{self._prefix}/{registered}", watched)
        self._put(plan, "switch", switch, told)
        self._count(plan, switch, found)

    def _count(self, plan: _Plan, switch: str, found: dict[str, dict[_Names, bytes]]) -> None:
        """How many of its extensions are registered."""
        extensions = found.get(c.SWITCH_EXTENSION.name, {})
        count = sum(_is_registered(text) for names, text in extensions.items() if names[0] == switch)
        plan.topics[self._own("switch", switch, "registered")] = str(count).encode()

    def _put(self, plan: _Plan, kind: str, name: str, device: Json) -> None:
        topic, before = self._before(kind, name)
        whole = retired.complete(device, before, certain=self._bus.complete, again=topic in self._told)
        plan.topics[topic] = msgspec.json.encode(whole)
        plan.alive.append((self._own(kind, name, "alive"), kind, name))

    def _keep(self, plan: _Plan, kind: str, name: str) -> bool:
        """One whose `info` cannot be read stays as it was told; whether it was."""
        topic, before = self._before(kind, name)
        if before is None:
            return False
        plan.topics[topic] = before
        plan.alive.append((self._own(kind, name, "alive"), kind, name))
        return True

    def _before(self, kind: str, name: str) -> tuple[str, bytes | None]:
        """Where it stands for Home Assistant, and as what."""
        topic = f"device/{self._names.device(kind, name)}/config"
        return topic, self._told.get(topic, self._there.topics.get(topic))

    def _own(self, kind: str, name: str, what: str) -> str:
        """A topic of ours, relative to Home Assistant's prefix."""
        return f"lampfield/{self._names.device(kind, name)}/{what}"

    def _watched(self, kind: str, name: str) -> Watched:
        return Watched(f"{self._prefix}/{self._own(kind, name, 'alive')}", f"{self._prefix}/{self.availability}")

    def _read(self, row: c.Channel, name: str, payload: bytes) -> c.Message | None:
        topic = row.topic(name)
        try:
            message = row.decode(payload)
        except ValueError as error:
            self.faults[topic] = str(error)
            return None
        self.faults.pop(topic, None)
        return message

    def _is_ours(self, topic: str) -> bool:
        levels = topic.split("/")
        return len(levels) == 3 and self._names.is_ours(levels[1])


class _Registered(msgspec.Struct):
    registered: bool = False


_decode_registered: Final = msgspec.json.Decoder(_Registered).decode


def _is_registered(payload: bytes) -> bool:
    try:
        return _decode_registered(payload).registered
    except (ValueError, RecursionError):
        return False
