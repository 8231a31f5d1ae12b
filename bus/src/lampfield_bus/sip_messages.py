"""What a sip-monitor says below `sip/<node>/`. A struct is what stands on the wire, nothing more."""

from typing import Annotated, Literal

from msgspec import Meta, field

from lampfield_bus.payloads import Count, Instant, Seconds, State

__all__ = ["SipDialog", "SipDialogState", "SipHealth", "SipLadder", "SipMessage", "SipSummary"]

SipDialogState = Literal[
    "trying", "ringing", "answered", "completed", "busy", "cancelled", "rejected", "failed", "diverted"
]
_Milliseconds = Annotated[int, Meta(ge=0)]


class SipHealth(State, frozen=True, kw_only=True):
    """Whether a sip-monitor keeps up."""

    at: Annotated[Instant, Meta(description="when this was written; its age tells whether the monitor lives")]
    uptime: Annotated[Seconds, Meta(description="of the monitor")]
    datagrams: Annotated[Count, Meta(description="received since the start")]
    bad_datagrams: Annotated[Count, Meta(description="of them no HEP, or no SIP within")]
    messages: Annotated[Count, Meta(description="SIP messages in them")]
    dialogs: Annotated[Count, Meta(description="that are held now, live and ended")]
    lost_datagrams: Annotated[Count, Meta(description="that the kernel dropped because we were too slow")]
    dropped_dialogs: Annotated[Count, Meta(description="that had to go before their time, for want of room")]
    topics: Annotated[Count, Meta(description="retained topics of this node")]
    rss_bytes: Annotated[Count, Meta(description="resident memory of the monitor")]


class SipDialog(State, frozen=True, kw_only=True):
    """All messages of one Call-ID, as one line: a call's leg, a registration, a subscription."""

    call_id: Annotated[str, Meta(description="the Call-ID header")]
    method: Annotated[str, Meta(description="of the request that began it: `INVITE`, `REGISTER` …")]
    from_: Annotated[str, Meta(description="who: user part of From, or its host")] = field(name="from")
    to: Annotated[str, Meta(description="whom: user part of To, or its host")]
    state: Annotated[
        SipDialogState,
        Meta(
            description="`answered`: a call or a subscription that is up; `busy`: 486, 600; `cancelled`: 487;"
            " `diverted`: 3xx; `failed`: 408, 480, 5xx, or no answer at all; `rejected`: any other refusal"
        ),
    ]
    status: Annotated[
        Annotated[int, Meta(ge=100, le=699)] | None, Meta(description="of the last answer to the request that began it")
    ]
    reason: Annotated[str | None, Meta(description="that answer's own words; ours where there was none")]
    cause: Annotated[
        str | None,
        Meta(description="of an end, FreeSWITCH's hangup cause: from a Reason header, else what the status stands for"),
    ] = None
    started_at: Annotated[Instant, Meta(description="when the first request was sent")]
    answered_at: Annotated[Instant | None, Meta(description="when the first 2xx was sent")]
    ended_at: Annotated[Instant | None, Meta(description="null: it lives")]
    setup_ms: Annotated[_Milliseconds | None, Meta(description="from the first request to the first 2xx")]
    messages: Annotated[Count, Meta(description="seen, retransmissions included")]
    retransmissions: Annotated[Count, Meta(description="of them")]
    switch_call: Annotated[str | None, Meta(description="the id of the switch's call that this is a leg of, if known")]


class SipMessage(State, frozen=True, kw_only=True):
    """One arrow of a ladder."""

    at: Annotated[Instant, Meta(description="when it was captured, by the sender's clock")]
    from_: Annotated[str, Meta(description="address and port it came from: `192.0.2.7:5060`")] = field(name="from")
    to: Annotated[str, Meta(description="address and port it went to")]
    transport: Annotated[str, Meta(description="`UDP`, `TCP`, `TLS` …; WebSockets are told as TCP")]
    first_line: Annotated[str, Meta(description="the request line or the status line")]
    cseq: Annotated[str, Meta(description="`2 INVITE`")]
    retransmission: Annotated[bool, Meta(description="it was seen before")]
    body: Annotated[
        str | None,
        Meta(description="the message's text without credentials; null when it had to go, for want of room"),
    ]


class SipLadder(State, frozen=True, kw_only=True):
    """The messages of a dialog, in the order in which they came; sort by `at` where several captured."""

    hosts: Annotated[list[str], Meta(description="the columns, in order of appearance")]
    messages: Annotated[list[SipMessage], Meta(description="of a very long dialog those in its middle are left out")]


class SipSummary(State, frozen=True, kw_only=True):
    """The last hour at a glance."""

    at: Annotated[Instant, Meta(description="when this was written")]
    live: Annotated[Count, Meta(description="calls that are up or being set up now")]
    per_minute: Annotated[Count, Meta(description="calls begun in the last full minute")]
    by_status: Annotated[
        dict[str, Count], Meta(description="what ended in the last hour, by its final status: `486`; `none`: no answer")
    ]
    registrations: Annotated[Count, Meta(description="that are valid now, of those that were seen")]
    answer_ratio: Annotated[
        Annotated[float, Meta(ge=0, le=1)] | None,
        Meta(description="of the last hour's calls that ended: how many had been answered"),
    ]
    post_dial_delay_ms: Annotated[
        _Milliseconds | None, Meta(description="from INVITE to ringing or answer, the median of the last hour")
    ]
