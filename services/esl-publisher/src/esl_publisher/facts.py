"""Everything that enters the machine: one type for each kind of fact.

Pure: no I/O, no clock. Instants are ms since the epoch by this machine's clock. What FreeSWITCH says of its own time
is inside the events.
"""

from typing import Literal

from msgspec import Struct

from esl_publisher.decode import Event
from esl_publisher.snapshot import Snapshot

__all__ = [
    "ClockStepped",
    "ContinuityLost",
    "EslChanged",
    "EventReceived",
    "Fact",
    "HealthDue",
    "LegsAsked",
    "RetainedRead",
    "SnapshotTaken",
]

EslState = Literal["connecting", "connected", "lost"]


class EventReceived(Struct, frozen=True, gc=False):
    """An event and the bytes that it was decoded from (`raw/` publishes those as they came)."""

    event: Event
    body: bytes = b""


class SnapshotTaken(Struct, frozen=True):
    """FreeSWITCH's tables: at connect, a second later, then every RESYNC_SECONDS and after lost continuity."""

    snapshot: Snapshot


class LegsAsked(Struct, frozen=True):
    """What `uuid_exists` said of the legs that the machine suspects (`Switch.suspects`): no table is as fresh."""

    gone: tuple[str, ...]
    alive: tuple[str, ...]


class EslChanged(Struct, frozen=True, kw_only=True):
    """The ESL link's state. What FreeSWITCH tells of itself comes with `connected`; None is not (yet) known."""

    state: EslState
    hostname: str | None = None
    version: str | None = None
    core_uuid: str | None = None
    domain: str | None = None


class ContinuityLost(Struct, frozen=True):
    """Events were lost in mid-connection (the queue overflowed): only snapshots can tell what is true now."""

    reason: str


class RetainedRead(Struct, frozen=True):
    """The publisher's own retained topics (relative to the root), read back before anything else enters."""

    messages: dict[str, bytes]


class ClockStepped(Struct, frozen=True):
    """This machine's wall clock jumped: instants that we stamped and still wait on move with it."""

    delta_ms: int


class HealthDue(Struct, frozen=True, kw_only=True):
    """It is time to publish `health`: what only the shell knows."""

    uptime_ms: int
    queue: int
    dropped: int
    topics: int
    rss_bytes: int


Fact = EventReceived | SnapshotTaken | LegsAsked | EslChanged | ContinuityLost | RetainedRead | ClockStepped | HealthDue
