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
    esl: Annotated[Literal["connecting", "connected", "lost"], Meta(description="the link to FreeSWITCH")]
    since: Annotated[Instant, Meta(description="when `esl` became what it is")]
    hostname: Annotated[str | None, Meta(description="the host of FreeSWITCH")]
    version: Annotated[str | None, Meta(description="FreeSWITCH's version")]
    core_uuid: Annotated[str | None, Meta(description="changes when FreeSWITCH is started anew")]
    domain: Annotated[str | None, Meta(description="the domain that bare extensions belong to")]
    epoch: Annotated[int, Meta(ge=0, description="grows by one when continuity was lost")]


class SwitchHealth(State, frozen=True, kw_only=True):
    """Whether the publisher keeps up."""

    at: Annotated[Instant, Meta(description="when this was written; its age tells whether the publisher lives")]
    uptime: Annotated[Seconds, Meta(description="of the publisher")]
    lag_ms: Annotated[float | None, Meta(description="FreeSWITCH's event time to ours, the last seconds' worst")]
    queue: Annotated[int, Meta(ge=0, description="events waiting between reader and machine")]
    dropped: Annotated[int, Meta(ge=0, description="messages that an overflow dropped")]
    resyncs: Annotated[Count, Meta(description="snapshots taken")]
    topics: Annotated[int, Meta(ge=0, description="retained topics of this switch")]
    rss_bytes: Annotated[Count, Meta(description="resident memory of the publisher")]


class SwitchStats(State, frozen=True, kw_only=True):
    """From FreeSWITCH's HEARTBEAT; `sessions` are legs, not calls."""

    at: Annotated[Instant, Meta(description="when FreeSWITCH said so")]
    sessions: Annotated[Count, Meta(description="live now")]
    sessions_peak: Annotated[Count, Meta(description="the most at once")]
    sessions_max: Annotated[Count, Meta(description="the limit")]
    sessions_per_second: Annotated[Count, Meta(description="begun in the last second")]
    sessions_total: Annotated[Count, Meta(description="since FreeSWITCH started")]
    idle_cpu: Annotated[float, Meta(ge=0, le=100, description="per cent")]
    uptime: Annotated[Seconds, Meta(description="of FreeSWITCH")]


class Calls(State, frozen=True, kw_only=True):
    """Calls as people count them, never legs; `total` is the sum of the four."""

    at: Annotated[Instant, Meta(description="of the last change")]
    ringing: Annotated[Count, Meta(description="nobody and nothing has answered")]
    waiting: Annotated[Count, Meta(description="answered by a queue, an IVR, a parking lot or voicemail only")]
    active: Annotated[Count, Meta(description="two people, or a conference, are bridged")]
    held: Annotated[Count, Meta(description="bridged, and someone holds")]
    total: Annotated[Count, Meta(description="all live calls")]


class Party(State, frozen=True, kw_only=True):
    """One end of a call; empty strings where FreeSWITCH knows nothing."""

    number: Annotated[str, Meta(description="as dialled or shown")]
    name: Annotated[str, Meta(description="as shown")]


CallState = Literal["ringing", "waiting", "active", "held"]


class Call(State, frozen=True, kw_only=True):
    """One call as a person tells it, with all its legs."""

    id: Annotated[str, Meta(description="stays the same while the call lives")]
    state: Annotated[CallState, Meta(description="what a person would say of it")]
    direction: Annotated[Literal["inbound", "outbound", "internal"], Meta(description="seen from the switch")]
    caller: Annotated[Party, Meta(description="who called")]
    callee: Annotated[Party, Meta(description="who was called")]
    started_at: Annotated[Instant, Meta(description="when the first leg began")]
    answered_at: Annotated[Instant | None, Meta(description="when a person (or a conference) was bridged")]
    gateway: Annotated[str | None, Meta(description="the trunk in use")]
    queue: Annotated[str | None, Meta(description="the queue it is or was in")]
    extensions: Annotated[list[str], Meta(description="who takes part or is being rung")]
    legs: Annotated[list[str], Meta(description="channel uuids")]


class CallStarted(Call, frozen=True, kw_only=True):
    """A call began."""

    event: Annotated[Literal["started"], Meta(description="which event this is")]
    at: Annotated[Instant, Meta(description="when it happened")]


class CallAnswered(Call, frozen=True, kw_only=True):
    """A person was bridged for the first time."""

    event: Annotated[Literal["answered"], Meta(description="which event this is")]
    at: Annotated[Instant, Meta(description="when it happened")]


class CallEnded(Call, frozen=True, kw_only=True):
    """How a call ended."""

    event: Annotated[Literal["ended"], Meta(description="which event this is")]
    at: Annotated[Instant, Meta(description="when it happened")]
    ended_at: Annotated[Instant, Meta(description="when the last leg ended")]
    outcome: Annotated[
        Literal["answered", "missed", "failed"],
        Meta(description="missed: it rang or waited and no person came; failed: it never rang"),
    ]
    ring_seconds: Annotated[Seconds, Meta(description="until a person was bridged, or the end")]
    talk_seconds: Annotated[Seconds, Meta(description="from the first bridge of two people to the end")]
    cause: Annotated[str, Meta(description="FreeSWITCH's hangup cause: `USER_BUSY`")]
    sip_status: Annotated[
        Annotated[int, Meta(ge=100, le=699)] | None, Meta(description="of the far end, or what the cause stands for")
    ]
    sip_reason: Annotated[str | None, Meta(description="the far end's own words")]
    sip_source: Annotated[
        Literal["wire", "mapped"] | None, Meta(description="the far end's own status, or mapped from the cause")
    ]
    merged_into: Annotated[str | None, Meta(description="the older call that this one became part of")]


class Voicemail(State, frozen=True, kw_only=True):
    """Messages in a mailbox."""

    new: Annotated[Count, Meta(description="not heard yet")]
    saved: Annotated[Count, Meta(description="heard and kept")]


class Extension(State, frozen=True, kw_only=True):
    """One extension: what its lamp shows."""

    state: Annotated[
        Literal["idle", "ringing", "waiting", "active", "held"],
        Meta(description="several calls: ringing > active > held > waiting"),
    ]
    name: Annotated[str | None, Meta(description="from the directory")]
    registered: Annotated[bool, Meta(description="whether a telephone is registered")]
    contacts: Annotated[Count, Meta(description="how many telephones are registered")]
    calls: Annotated[list[str], Meta(description="call ids")]
    since: Annotated[Instant, Meta(description="when `state` became what it is")]
    voicemail: Annotated[Voicemail | None, Meta(description="null: FreeSWITCH has not told")]
    missed_today: Annotated[
        Count, Meta(description="since midnight in TZ; not when another telephone that rang took the call")
    ]


# --- display/<display>/ ----------------------------------------------------------------------------------------------


class WallPlace(State, frozen=True, kw_only=True):
    """A tile of a wall: the wall's name and size in pixels, and where this display's upper left corner is."""

    name: Annotated[str, Meta(description="of the wall")]
    width: Annotated[Count, Meta(description="of the wall, pixels")]
    height: Annotated[Count, Meta(description="of the wall, pixels")]
    x: Annotated[Count, Meta(description="of this tile's left edge, pixels")]
    y: Annotated[Count, Meta(description="of this tile's upper edge, pixels")]


class DisplayInfo(State, frozen=True, kw_only=True):
    """What a display is."""

    version: Annotated[str, Meta(description="of led-renderer")]
    driver: Annotated[str, Meta(description="what drives the panel")]
    width: Annotated[int, Meta(ge=1, description="pixels")]
    height: Annotated[int, Meta(ge=1, description="pixels")]
    groups: Annotated[list[str], Meta(description="whose commands it obeys")]
    wall: Annotated[WallPlace | None, Meta(description="null: stands alone")]
    pages: Annotated[list[str], Meta(description="names, in the order of the rotation")]
    since: Annotated[Instant, Meta(description="when the renderer started")]


class DisplayState(State, frozen=True, kw_only=True):
    """What a display does now."""

    power: Annotated[Literal["on", "off"], Meta(description="whether the panel is lit")]
    brightness: Annotated[int, Meta(ge=0, le=15, description="0 is dim, not dark")]
    brightness_mode: Annotated[Literal["auto", "manual"], Meta(description="auto: the schedule decides")]
    page: Annotated[str | None, Meta(description="the page in turn; null while there is none")]
    page_mode: Annotated[Literal["auto", "manual"], Meta(description="manual: stays until `auto`")]
    notification: Annotated[str | None, Meta(description="the id of the one showing")]


class DisplayHealth(State, frozen=True, kw_only=True):
    """Whether a display keeps up."""

    at: Annotated[Instant, Meta(description="when this was written; its age tells whether the display lives")]
    uptime: Annotated[Seconds, Meta(description="of the renderer")]
    frames: Annotated[int, Meta(ge=0, description="frames drawn")]
    skipped_frames: Annotated[int, Meta(ge=0, description="frames that were due while another was being sent")]
    spi_bytes: Annotated[Count, Meta(description="sent since the start")]
    spi_errors: Annotated[Count, Meta(description="since the start")]
    messages: Annotated[int, Meta(ge=0, description="messages received")]
    rejected: Annotated[int, Meta(ge=0, description="messages refused or not understood")]
    clock_skew: Annotated[float | None, Meta(description="seconds by which this clock is ahead of the switch's")]
    rss_bytes: Annotated[Count, Meta(description="resident memory of the renderer")]


class Result(State, frozen=True, kw_only=True):
    """The answer to one command or page: refused ones say why, and which field."""

    cmd: Annotated[str, Meta(description="the verb")]
    ok: Annotated[bool, Meta(description="whether it is done")]
    error: Annotated[str | None, Meta(description="why not")] = None
    field: Annotated[str | None, Meta(description="the field that is wrong")] = None
    transaction: Annotated[str | None, Meta(description="as given in the command")] = None


class Notify(Command, frozen=True, kw_only=True):
    """`cmd/notify` and the JSON form of `cmd/text`. Only `text` is required."""

    text: Annotated[str, Meta(min_length=1, max_length=LIMITS["text"], description="what to show")]
    id: Annotated[
        Annotated[str, Meta(min_length=1, max_length=LIMITS["id"])] | None,
        Meta(description="a notification with the same id is replaced"),
    ] = None
    priority: Annotated[
        Literal["info", "warning", "critical"], Meta(description="critical goes before warning before info")
    ] = "info"
    seconds: Annotated[
        Annotated[float, Meta(gt=0, le=LIMITS["seconds"])] | None,
        Meta(description="how long; default: 6 s or one full scroll, the longer"),
    ] = None
    repeat: Annotated[int, Meta(ge=1, le=LIMITS["repeat"], description="how often it is shown")] = 1
    hold: Annotated[bool, Meta(description="until dismissed")] = False
    icon: Annotated[
        Annotated[str, Meta(min_length=1, max_length=LIMITS["id"])] | None, Meta(description="an icon's name")
    ] = None
    effect: Annotated[Literal["none", "blink", "invert"], Meta(description="how it is drawn")] = "none"
    at: Annotated[Instant | None, Meta(description="when it starts, for several displays at once")] = None
    transaction: Annotated[
        Annotated[str, Meta(max_length=LIMITS["transaction"])] | None, Meta(description="comes back in the result")
    ] = None


class Single(Command, frozen=True, kw_only=True):
    """The JSON form of the single-valued commands: `{"value": "12", "transaction": "t-1"}`."""

    value: Annotated[str | int, Meta(description="what the plain form says")] = ""
    transaction: Annotated[
        Annotated[str, Meta(max_length=LIMITS["transaction"])] | None, Meta(description="comes back in the result")
    ] = None


_encoder = msgspec.json.Encoder()


def encode(message: State | Command) -> bytes:
    """A message as JSON bytes."""
    return _encoder.encode(message)
