"""What a switch's publisher says below `switch/<switch>/`. A struct is what stands on the wire, nothing more."""

from typing import Annotated, Literal

from msgspec import Meta, field

from lampfield_bus.payloads import Count, Instant, Seconds, State

__all__ = [
    "Agent",
    "Agents",
    "Call",
    "CallAnswered",
    "CallEnded",
    "CallStarted",
    "Calls",
    "Conference",
    "Extension",
    "Gateway",
    "History",
    "Parking",
    "Party",
    "Queue",
    "QueueToday",
    "SwitchHealth",
    "SwitchInfo",
    "SwitchStats",
    "Today",
    "Voicemail",
]


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
    sip_call_ids: Annotated[
        list[str], Meta(description="the Call-IDs of legs, as far as known: a called leg's is told when that ends")
    ] = field(default_factory=list)


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
    cause: Annotated[
        str,
        Meta(
            description="FreeSWITCH's hangup cause: `USER_BUSY`; `SWITCH_RESTARTED`, our own: it restarted in mid-call"
        ),
    ]
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


class Gateway(State, frozen=True, kw_only=True):
    """A trunk. A registration that is refreshed, or a short silence, is no outage: see GATEWAY_GRACE_SECONDS."""

    state: Annotated[str, Meta(description="as FreeSWITCH says: `REGED`, `NOREG`, `TRYING`, `FAIL_WAIT` …")]
    up: Annotated[bool, Meta(description="whether calls can go over it; outlives a refresh")]
    ping_ms: Annotated[
        Annotated[float, Meta(ge=0)] | None,
        Meta(description="of the last answered ping; null: not pinged, or no answer"),
    ]
    since: Annotated[Instant, Meta(description="when `up` became what it is; of an outage, its beginning")]
    calls: Annotated[Count, Meta(description="live calls over it")]
    failed_today: Annotated[Count, Meta(description="calls over it that failed, since midnight in TZ")]


class Conference(State, frozen=True, kw_only=True):
    """A conference that has begun."""

    members: Annotated[Count, Meta(description="who takes part")]
    talking: Annotated[Count, Meta(description="of them speak now")]
    locked: Annotated[bool, Meta(description="nobody more is let in")]
    recording: Annotated[bool, Meta(description="whether it is recorded")]
    since: Annotated[Instant, Meta(description="when it began")]


class Parking(State, frozen=True, kw_only=True):
    """A valet parking lot or a fifo in which somebody waits."""

    parked: Annotated[int, Meta(ge=1, description="callers in it")]
    longest_since: Annotated[Instant, Meta(description="since when the first of them waits")]


Day = Annotated[
    str, Meta(pattern=r"^\d{4}-\d\d-\d\d$", description="the day in TZ that is counted", examples=["2026-11-22"])
]
_COMPLETE = Meta(description="false when the publisher missed part of this day")


class Today(State, frozen=True, kw_only=True):
    """The calls since midnight in TZ."""

    date: Day
    complete: Annotated[bool, _COMPLETE]
    started: Annotated[Count, Meta(description="calls that began")]
    answered: Annotated[Count, Meta(description="ended calls in which people talked")]
    missed: Annotated[Count, Meta(description="ended calls that rang or waited, and no person came")]
    failed: Annotated[Count, Meta(description="ended calls that never rang")]
    talk_seconds: Annotated[Seconds, Meta(description="of the ended calls together")]
    peak: Annotated[Count, Meta(description="the most calls at once")]


class History(State, frozen=True, kw_only=True):
    """The last hour, minute by minute; written at each full minute."""

    until: Annotated[Instant, Meta(description="the end of the last minute in it")]
    minutes: Annotated[
        list[Count],
        Meta(min_length=60, max_length=60, description="the highest number of calls in each minute, oldest first"),
    ]


class Agents(State, frozen=True, kw_only=True):
    """A queue's agents, each counted once."""

    available: Annotated[Count, Meta(description="may be offered a call, or is being rung")]
    on_call: Annotated[Count, Meta(description="talks with a caller of a queue")]
    on_break: Annotated[Count, Meta(description="on break, or logged in and not ready")]
    logged_out: Annotated[Count, Meta(description="not at work")]


class QueueToday(State, frozen=True, kw_only=True):
    """A queue's callers since midnight in TZ. Whom the queue itself sent on (a time limit, a key) is offered only."""

    date: Day
    complete: Annotated[bool, _COMPLETE]
    offered: Annotated[Count, Meta(description="callers who entered the queue")]
    answered: Annotated[Count, Meta(description="callers whom an agent answered")]
    abandoned: Annotated[Count, Meta(description="callers who hung up before")]
    answered_within_sla: Annotated[Count, Meta(description="answered within `sla_seconds`")]
    abandoned_within_sla: Annotated[Count, Meta(description="abandoned within `sla_seconds`")]
    wait_seconds: Annotated[Seconds, Meta(description="all waits that are over, together")]
    talk_seconds: Annotated[Seconds, Meta(description="all talks with agents that are over, together")]
    longest_wait: Annotated[Seconds, Meta(description="the longest wait that is over")]


class Queue(State, frozen=True, kw_only=True):
    """One queue of mod_callcenter."""

    waiting: Annotated[Count, Meta(description="callers whom no agent has answered yet")]
    longest_wait_since: Annotated[Instant | None, Meta(description="since when the first of them waits")]
    talking: Annotated[Count, Meta(description="callers who talk with an agent")]
    agents: Annotated[Agents, Meta(description="those who serve this queue")]
    today: Annotated[QueueToday, Meta(description="since midnight in TZ")]
    sla_seconds: Annotated[Count, Meta(description="LAMPFIELD_SLA_SECONDS: how soon a caller should be answered")]


class Agent(State, frozen=True, kw_only=True):
    """One agent of mod_callcenter."""

    name: Annotated[str, Meta(description="as mod_callcenter spells it: `1001@default`")]
    status: Annotated[str | None, Meta(description="`Available`, `On Break`, `Logged Out` …; null: untold")]
    state: Annotated[str | None, Meta(description="`Waiting`, `Receiving`, `In a queue call` …; null: untold")]
    since: Annotated[Instant, Meta(description="when status and state became what they are")]
    call: Annotated[str | None, Meta(description="the id of the call that is offered to it or that it is in")]
    answered_today: Annotated[Count, Meta(description="callers of queues, since midnight in TZ")]
