"""Payload models: what stands in each message. Everybody reads them from here.

What they are made of is in `payloads`, what a switch says in `switch_messages`, what call-control says in
`control_messages`, what a sip-monitor says in `sip_messages`; this module has the displays' and the commands'.
Behaviour lives in the services.
"""

from typing import Annotated, Literal

from msgspec import Meta, field

from lampfield_bus.control_messages import ControlCall, ControlCallEnded, ControlHealth
from lampfield_bus.payloads import LIMITS, Availability, Command, Count, Instant, Publication, Seconds, State, encode
from lampfield_bus.sip_messages import SipDialog, SipDialogState, SipHealth, SipLadder, SipMessage, SipSummary
from lampfield_bus.switch_messages import (
    Agent,
    Agents,
    Call,
    CallAnswered,
    CallEnded,
    Calls,
    CallStarted,
    Conference,
    Extension,
    Gateway,
    History,
    Parking,
    Party,
    Queue,
    QueueToday,
    SwitchHealth,
    SwitchInfo,
    SwitchStats,
    Today,
    Voicemail,
)

__all__ = [
    "LIMITS",
    "Agent",
    "Agents",
    "Availability",
    "Call",
    "CallAnswered",
    "CallEnded",
    "CallStarted",
    "Calls",
    "Command",
    "Conference",
    "ControlCall",
    "ControlCallEnded",
    "ControlHealth",
    "Count",
    "DisplayHealth",
    "DisplayInfo",
    "DisplayState",
    "Extension",
    "Gateway",
    "History",
    "Instant",
    "Notify",
    "PageTopic",
    "Parking",
    "Party",
    "Publication",
    "Queue",
    "QueueToday",
    "Result",
    "Seconds",
    "Single",
    "SipDialog",
    "SipDialogState",
    "SipHealth",
    "SipLadder",
    "SipMessage",
    "SipSummary",
    "State",
    "SwitchHealth",
    "SwitchInfo",
    "SwitchStats",
    "Today",
    "Voicemail",
    "WallPlace",
    "encode",
]


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
    brightness_since: Annotated[Instant | None, Meta(description="when it was set by hand; null: it was not")] = None
    power_mode: Annotated[Literal["auto", "manual"] | None, Meta(description="auto: the schedule decides")] = None
    power_since: Annotated[Instant | None, Meta(description="when it was set by hand; null: it was not")] = None
    levels: Annotated[
        dict[str, Literal["warn", "crit"]],
        Meta(description="pages whose value is over a threshold: hysteresis reads it back"),
    ] = field(default_factory=dict)


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
    """The answer to one command, to a page that cannot be shown (`page`), to a changed file of pages (`pages`)."""

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


class PageTopic(Command, frozen=True, kw_only=True):
    """One more page in the rotation, after the file's: a text or a widget. Retained; an empty payload takes it out."""

    text: Annotated[
        Annotated[str, Meta(min_length=1, max_length=LIMITS["text"])] | None,
        Meta(description="a template: `{calls.active}` stands for a value, `{{` for a brace"),
    ] = None
    widget: Annotated[
        Annotated[str, Meta(min_length=1, max_length=LIMITS["id"])] | None,
        Meta(description="a widget's name, instead of a text"),
    ] = None
    icon: Annotated[
        Annotated[str, Meta(min_length=1, max_length=LIMITS["id"])] | None, Meta(description="an icon's name")
    ] = None
    seconds: Annotated[int, Meta(ge=1, le=LIMITS["seconds"], description="how long its turn is")] = 10
    order: Annotated[int, Meta(ge=-1_000_000, le=1_000_000, description="smaller goes first; then by name")] = 0
    expires_at: Annotated[Instant | None, Meta(description="when it leaves by itself")] = None


class Single(Command, frozen=True, kw_only=True):
    """The JSON form of the single-valued commands: `{"value": "12", "transaction": "t-1"}`."""

    value: Annotated[str | int, Meta(description="what the plain form says")] = ""
    transaction: Annotated[
        Annotated[str, Meta(max_length=LIMITS["transaction"])] | None, Meta(description="comes back in the result")
    ] = None
