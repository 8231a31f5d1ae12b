"""What call-control says below `control/<node>/`. A struct is what stands on the wire, nothing more."""

from typing import Annotated, Literal

from msgspec import Meta, field

from lampfield_bus.payloads import Count, Instant, Seconds, State

__all__ = ["ControlCall", "ControlCallEnded", "ControlHealth"]


class ControlHealth(State, frozen=True, kw_only=True):
    """Whether call-control keeps up."""

    at: Annotated[Instant, Meta(description="when this was written; its age tells whether call-control lives")]
    uptime: Annotated[Seconds, Meta(description="of call-control")]
    esl: Annotated[
        Literal["off", "connecting", "connected", "lost"],
        Meta(description="its link to FreeSWITCH, to start calls"),
    ]
    calls: Annotated[Count, Meta(description="live calls that it answers or has started")]
    documents: Annotated[Count, Meta(description="answers to mod_httapi since the start")]
    refused: Annotated[Count, Meta(description="requests refused since the start, mod_httapi's and web clients'")]
    rss_bytes: Annotated[Count, Meta(description="resident memory of call-control")]


class ControlCall(State, frozen=True, kw_only=True):
    """One call that call-control answers (`ivr`) or has started (`click`, `guest`)."""

    id: Annotated[str, Meta(description="the uuid of its first channel: one of a switch's call's `legs`")]
    kind: Annotated[
        Literal["ivr", "click", "guest"],
        Meta(description="ivr: in a flow; click: started by a web client; guest: by a visitor's one-time token"),
    ]
    from_: Annotated[str, Meta(description="who calls, or is rung first; empty: not known")] = field(name="from")
    to: Annotated[str, Meta(description="whom: a number; of a flow, the number that was dialled")]
    state: Annotated[
        Literal["ringing", "waiting", "active", "transferred", "unknown", "ended"],
        Meta(
            description="waiting: a flow, or the phone that was rung first, has answered; active: two people talk; "
            "transferred: a flow has handed it on; unknown: FreeSWITCH cannot be reached just now"
        ),
    ]
    started_at: Annotated[Instant, Meta(description="when it began")]
    answered_at: Annotated[Instant | None, Meta(description="when a flow or a person answered")]
    outcome: Annotated[
        Literal["answered", "missed", "failed"] | None,
        Meta(description="missed: it rang and nobody came; failed: it never rang; null: it lives"),
    ]


class ControlCallEnded(ControlCall, frozen=True, kw_only=True):
    """How such a call ended."""

    cause: Annotated[str | None, Meta(description="FreeSWITCH's hangup cause: `USER_BUSY`; null: not told")]
    sip_status: Annotated[
        Annotated[int, Meta(ge=100, le=699)] | None, Meta(description="the far end's; null: not told")
    ]
    sip_reason: Annotated[str | None, Meta(description="the far end's own words; null: not told")]
