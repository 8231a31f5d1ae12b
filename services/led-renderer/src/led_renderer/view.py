"""What widgets see of the switches: everything that a page may show, merged over all that are heard. Pure values.

The board makes a new view when state changes, never per frame, so that a still page costs nothing. Instants are
milliseconds since the epoch by the switch's clock. A name that two switches have in common is `<switch>/<name>`.
"""

from typing import Literal

from msgspec import Struct

from lampfield_bus.messages import Agents, QueueToday, Voicemail

__all__ = [
    "Agent",
    "CallCounts",
    "Conference",
    "Ended",
    "Gateway",
    "History",
    "Lamp",
    "LampState",
    "Lot",
    "Queue",
    "Today",
    "View",
]

LampState = Literal["idle", "ringing", "waiting", "active", "held"]


class CallCounts(Struct, frozen=True):
    """Calls as people count them; `total` is the sum of the four."""

    ringing: int = 0
    waiting: int = 0
    active: int = 0
    held: int = 0

    @property
    def total(self) -> int:
        """All live calls."""
        return self.ringing + self.waiting + self.active + self.held


class Lamp(Struct, frozen=True):
    """One extension's lamp. `name` is the directory's, empty where it has none; `voicemail` is None until told."""

    extension: str
    state: LampState = "idle"
    registered: bool = True
    name: str = ""
    since: int = 0
    voicemail: Voicemail | None = None
    missed_today: int = 0


class Queue(Struct, frozen=True, kw_only=True):
    """One queue. `longest_wait_since`: since when the first of those waiting waits."""

    name: str
    waiting: int = 0
    longest_wait_since: int | None = None
    talking: int = 0
    agents: Agents
    today: QueueToday
    sla_seconds: int = 20

    @property
    def service_level(self) -> int | None:
        """Per cent of today's callers who were answered in time; who gave up within that time does not count."""
        late = self.today.abandoned - self.today.abandoned_within_sla
        counted = self.today.answered + late
        return 100 * self.today.answered_within_sla // counted if counted > 0 else None


class Agent(Struct, frozen=True, kw_only=True):
    """One agent of the queues, in mod_callcenter's words."""

    name: str
    status: str | None = None
    state: str | None = None
    since: int = 0
    answered_today: int = 0


class Gateway(Struct, frozen=True, kw_only=True):
    """One gateway; `since`: when `up` became what it is."""

    name: str
    state: str
    up: bool
    ping_ms: float | None = None
    since: int = 0
    calls: int = 0
    failed_today: int = 0


class Conference(Struct, frozen=True, kw_only=True):
    """One conference that has begun."""

    name: str
    members: int
    talking: int = 0
    locked: bool = False
    recording: bool = False
    since: int = 0


class Lot(Struct, frozen=True, kw_only=True):
    """A parking lot in which somebody waits, the first of them since `longest_since`."""

    name: str
    parked: int
    longest_since: int


class Today(Struct, frozen=True, kw_only=True):
    """The day so far. Of several switches: their sum, but for `peak`, which their peaks do not tell."""

    date: str
    complete: bool
    started: int
    answered: int
    missed: int
    failed: int
    talk_seconds: float
    peak: int | None


class History(Struct, frozen=True):
    """The most calls in each of 60 minutes up to `until`, oldest first. Of several switches the sum: a bound."""

    until: int
    minutes: tuple[int, ...]


class Ended(Struct, frozen=True, kw_only=True):
    """How a call ended, in as few words as a ticker needs. `caller` and `callee` are numbers, names without one."""

    id: str
    ended_at: int
    caller: str
    callee: str
    outcome: Literal["answered", "missed", "failed"]
    cause: str
    sip_status: int | None = None


class View(Struct, frozen=True):
    """All of it. `lamps` and the other things are in the order of their names: 2 before 10, then by text."""

    calls: CallCounts | None = None  # None: nobody has told it, which is no zero
    lamps: tuple[Lamp, ...] = ()
    queues: tuple[Queue, ...] = ()
    agents: tuple[Agent, ...] = ()
    gateways: tuple[Gateway, ...] = ()
    conferences: tuple[Conference, ...] = ()
    parking: tuple[Lot, ...] = ()
    today: Today | None = None
    history: History | None = None
    recent: tuple[Ended, ...] = ()  # newest first

    @property
    def gateways_down(self) -> tuple[Gateway, ...]:
        """Those that no call can go over."""
        return tuple(gateway for gateway in self.gateways if not gateway.up)
