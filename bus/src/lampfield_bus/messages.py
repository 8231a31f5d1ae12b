"""Payload models: what stands in each message.

`State` structs are published by us and read by others: readers ignore fields they do not know. `Command` structs are
written by people and programs: unknown fields are refused. Instants are RFC 3339 strings (see `instants`), durations
seconds. A struct is what stands on the wire, nothing more; behaviour lives in the services.
"""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

__all__ = [
    "LIMITS",
    "Availability",
    "Call",
    "CallAnswered",
    "CallEnded",
    "CallStarted",
    "Calls",
    "Command",
    "DisplayHealth",
    "DisplayInfo",
    "DisplayState",
    "Extension",
    "Notify",
    "Party",
    "Publication",
    "Result",
    "Single",
    "State",
    "SwitchHealth",
    "SwitchInfo",
    "SwitchStats",
    "Voicemail",
    "WallPlace",
]

LIMITS: Final = {"text": 1000, "id": 64, "transaction": 128, "payload": 16_384, "repeat": 100, "seconds": 3600}

Instant = Annotated[
    str,
    Meta(
        pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$",
        description="RFC 3339, UTC with milliseconds when we write it",
        examples=["2026-11-22T23:11:53.341Z"],
    ),
]
Seconds = Annotated[float, Meta(ge=0, description="seconds, at most three decimals")]
Count = Annotated[int, Meta(ge=0)]
Availability = Literal["online", "offline"]


class Publication(Struct, frozen=True, gc=False):
    """One message on its way out: `topic` relative to the root, `payload` as it goes on the wire (empty deletes)."""

    topic: str
    payload: bytes
    qos: int
    retain: bool


class State(Struct, frozen=True, kw_only=True):
    """Tolerant to read: a reader ignores fields that it does not know."""


class Command(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Strict to write: an unknown field is refused, and the answer names it."""


# --- switch/<switch>/ ------------------------------------------------------------------------------------------------


class SwitchInfo(State, frozen=True, kw_only=True):
    """Who publishes for this switch, and how its ESL link is."""

    instance: Annotated[str, Meta(description="random per process")]
    esl: Literal["connecting", "connected", "lost"]
    since: Annotated[Instant, Meta(description="when `esl` became what it is")]
    hostname: str | None
    version: str | None
    core_uuid: str | None
    domain: str | None
    epoch: Annotated[int, Meta(ge=0, description="grows by one when continuity was lost")]


class SwitchHealth(State, frozen=True, kw_only=True):
    """Whether the publisher keeps up."""

    at: Instant
    uptime: Seconds
    lag_ms: Annotated[float | None, Meta(description="FreeSWITCH's event time to ours, the last seconds' worst")]
    queue: Annotated[int, Meta(ge=0, description="events waiting between reader and machine")]
    dropped: Annotated[int, Meta(ge=0, description="messages that an overflow dropped")]
    resyncs: Count
    topics: Annotated[int, Meta(ge=0, description="retained topics of this switch")]
    rss_bytes: Count


class SwitchStats(State, frozen=True, kw_only=True):
    """From FreeSWITCH's HEARTBEAT; `sessions` are legs, not calls."""

    at: Instant
    sessions: Count
    sessions_peak: Count
    sessions_max: Count
    sessions_per_second: Count
    sessions_total: Count
    idle_cpu: Annotated[float, Meta(ge=0, le=100, description="per cent")]
    uptime: Seconds


class Calls(State, frozen=True, kw_only=True):
    """Calls as people count them, never legs; `total` is the sum of the four."""

    at: Instant
    ringing: Count
    waiting: Count
    active: Count
    held: Count
    total: Count


class Party(State, frozen=True, kw_only=True):
    """One end of a call; empty strings where FreeSWITCH knows nothing."""

    number: str
    name: str


CallState = Literal["ringing", "waiting", "active", "held"]


class Call(State, frozen=True, kw_only=True):
    """One call as a person tells it, with all its legs."""

    id: str
    state: CallState
    direction: Literal["inbound", "outbound", "internal"]
    caller: Party
    callee: Party
    started_at: Instant
    answered_at: Annotated[Instant | None, Meta(description="when a person (or a conference) was bridged")]
    gateway: str | None
    queue: str | None
    extensions: list[str]
    legs: Annotated[list[str], Meta(description="channel uuids")]


class CallStarted(Call, frozen=True, kw_only=True):
    """A call began."""

    event: Literal["started"]
    at: Instant


class CallAnswered(Call, frozen=True, kw_only=True):
    """A person was bridged for the first time."""

    event: Literal["answered"]
    at: Instant


class CallEnded(Call, frozen=True, kw_only=True):
    """How a call ended."""

    event: Literal["ended"]
    at: Instant
    ended_at: Instant
    outcome: Literal["answered", "missed", "failed"]
    ring_seconds: Seconds
    talk_seconds: Seconds
    cause: Annotated[str, Meta(description="FreeSWITCH's hangup cause: `USER_BUSY`")]
    sip_status: Annotated[int | None, Meta(ge=100, le=699)]
    sip_reason: str | None
    sip_source: Annotated[
        Literal["wire", "mapped"] | None, Meta(description="the far end's own status, or mapped from the cause")
    ]
    merged_into: Annotated[str | None, Meta(description="the older call that this one became part of")]


class Voicemail(State, frozen=True, kw_only=True):
    """Messages in a mailbox."""

    new: Count
    saved: Count


class Extension(State, frozen=True, kw_only=True):
    """One extension: what its lamp shows."""

    state: Literal["idle", "ringing", "waiting", "active", "held"]
    name: str | None
    registered: bool
    contacts: Count
    calls: Annotated[list[str], Meta(description="call ids")]
    since: Annotated[Instant, Meta(description="when `state` became what it is")]
    voicemail: Annotated[Voicemail | None, Meta(description="null: FreeSWITCH has not told")]
    missed_today: Count


# --- display/<display>/ ----------------------------------------------------------------------------------------------


class WallPlace(State, frozen=True, kw_only=True):
    """A tile of a wall: the wall's name and size in pixels, and where this display's upper left corner is."""

    name: str
    width: Count
    height: Count
    x: Count
    y: Count


class DisplayInfo(State, frozen=True, kw_only=True):
    """What a display is."""

    version: str
    driver: str
    width: Annotated[int, Meta(ge=1, description="pixels")]
    height: Annotated[int, Meta(ge=1, description="pixels")]
    groups: list[str]
    wall: WallPlace | None
    pages: list[str]
    since: Instant


class DisplayState(State, frozen=True, kw_only=True):
    """What a display does now."""

    power: Literal["on", "off"]
    brightness: Annotated[int, Meta(ge=0, le=15)]
    brightness_mode: Literal["auto", "manual"]
    page: str | None
    page_mode: Literal["auto", "manual"]
    notification: Annotated[str | None, Meta(description="the id of the one showing")]


class DisplayHealth(State, frozen=True, kw_only=True):
    """Whether a display keeps up."""

    at: Instant
    uptime: Seconds
    frames: Annotated[int, Meta(ge=0, description="frames drawn")]
    skipped_frames: Annotated[int, Meta(ge=0, description="frames that were due while another was being sent")]
    spi_bytes: Count
    spi_errors: Count
    messages: Annotated[int, Meta(ge=0, description="messages received")]
    rejected: Annotated[int, Meta(ge=0, description="messages refused or not understood")]
    clock_skew: Annotated[float | None, Meta(description="seconds by which this clock is ahead of the switch's")]
    rss_bytes: Count


class Result(State, frozen=True, kw_only=True):
    """The answer to one command or page: refused ones say why, and which field."""

    cmd: Annotated[str, Meta(description="the verb")]
    ok: bool
    error: str | None = None
    field: str | None = None
    transaction: str | None = None


class Notify(Command, frozen=True, kw_only=True):
    """`cmd/notify` and the JSON form of `cmd/text`. Only `text` is required."""

    text: Annotated[str, Meta(min_length=1, max_length=LIMITS["text"])]
    id: Annotated[str, Meta(min_length=1, max_length=LIMITS["id"])] | None = None
    priority: Literal["info", "warning", "critical"] = "info"
    seconds: Annotated[float, Meta(gt=0, le=LIMITS["seconds"])] | None = None
    repeat: Annotated[int, Meta(ge=1, le=LIMITS["repeat"])] = 1
    hold: bool = False
    icon: Annotated[str, Meta(min_length=1, max_length=LIMITS["id"])] | None = None
    effect: Literal["none", "blink", "invert"] = "none"
    at: Annotated[Instant, Meta(description="when it starts, for several displays at once")] | None = None
    transaction: Annotated[str, Meta(max_length=LIMITS["transaction"])] | None = None


class Single(Command, frozen=True, kw_only=True):
    """The JSON form of the single-valued commands: `{"value": "12", "transaction": "t-1"}`."""

    value: str | int = ""
    transaction: Annotated[str, Meta(max_length=LIMITS["transaction"])] | None = None


_encoder = msgspec.json.Encoder()


def encode(message: State | Command) -> bytes:
    """A message as JSON bytes."""
    return _encoder.encode(message)
