"""The body of a `text/event-json` frame as a typed event; which events to ask FreeSWITCH for, and why.

Pure: bytes in, a struct out. Frames are the source's, meaning is the machine's. Each kind of event has its own struct
with only the headers that some rule reads: fields stand in the order in which FreeSWITCH sends them, because msgspec
looks for a header from where it found the last one. A header that is not read costs a comparison with every field:
so channel variables, two thirds of a large event, have a struct of their own (`variables`), and what stands before them
and after the headers that are read is cut out. Headers are matched by their exact names, so a channel variable that is
called `Event-Name` (an authenticated SIP call carries `variable_Event-Name=REQUEST_PARAMS`) cannot overwrite the real
one.

FreeSWITCH's JSON: every value is a string, or a list of strings for a multi-valued header; texts from the network may
hold invalid UTF-8. Source: captures of FreeSWITCH 1.11.1 (tests/data/esl).
"""

import json
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct, field

from lampfield_bus.instants import from_microseconds

__all__ = [
    "WANTED_EVENTS",
    "WANTED_SUBCLASSES",
    "Bowout",
    "Bridged",
    "Callcenter",
    "Created",
    "CreatedVariables",
    "Custom",
    "Event",
    "GatewayChanged",
    "HungUp",
    "HungUpVariables",
    "Introduced",
    "Mailbox",
    "Meeting",
    "Parked",
    "Pulse",
    "Registration",
    "Renamed",
    "StateChanged",
    "decode",
    "introduced",
    "subscription",
]

WANTED_EVENTS: Final = (
    "CHANNEL_CREATE",  # a leg begins: who it is, who originated it
    "CHANNEL_CALLSTATE",  # every change of a leg's state: ringing, answered, held, on its way elsewhere
    "CHANNEL_BRIDGE",  # two legs talk: with UNBRIDGE the only events that name both
    "CHANNEL_UNBRIDGE",  # they no longer do
    "CHANNEL_HANGUP",  # a leg ends. It has all that COMPLETE and DESTROY tell of cause and SIP status, and comes first
    "CHANNEL_UUID",  # a leg is renamed
    "HEARTBEAT",  # `stats`
    "MESSAGE_WAITING",  # voicemail
    "BACKGROUND_JOB",  # the answers to the source's own bgapi commands; the machine ignores it
)
_REGISTRATIONS: Final = ("sofia::register", "sofia::unregister", "sofia::expire")
_GATEWAYS: Final = ("sofia::gateway_state", "sofia::gateway_add", "sofia::gateway_delete")
WANTED_SUBCLASSES: Final = (
    *_REGISTRATIONS,
    *_GATEWAYS,
    "conference::maintenance",
    "valet_parking::info",
    "fifo::info",
    "callcenter::info",
    "loopback::bowout",
)


Read = Callable[[bytes], "Event"]
Kind = TypeVar("Kind", bound="Event")

_CALENDAR_END: Final = 4_102_444_800_000  # 2100


class Event(Struct, frozen=True, kw_only=True, gc=False):
    """What every event has. An event that no rule reads (asked for by RAW_EVENTS) is only this."""

    name: str = field(name="Event-Name")
    timestamp: str = field(default="", name="Event-Date-Timestamp")  # µs since the epoch, FreeSWITCH's clock

    @property
    def moment(self) -> int | None:
        """When FreeSWITCH says that it happened, in ms; None for nonsense."""
        moment = from_microseconds(self.timestamp)
        return None if moment is None or moment > _CALENDAR_END else moment


class Custom(Event, frozen=True, kw_only=True, gc=False):
    """A CUSTOM event that no rule reads."""

    subclass: str = field(default="", name="Event-Subclass")


class StateChanged(Event, frozen=True, kw_only=True, gc=False):
    """CHANNEL_CALLSTATE. It says who the leg is as well, which is read only if nothing has told (`introduced`)."""

    callstate: str = field(default="", name="Channel-Call-State")
    uuid: str = field(name="Unique-ID")
    cause: str = field(default="", name="Hangup-Cause")


class Introduced(StateChanged, frozen=True, kw_only=True, gc=False):
    """CHANNEL_CALLSTATE of a leg whose CREATE was lost: all that it says. It carries no variables."""

    channel: str = field(default="", name="Channel-Name")  # loopback/1001-a is no person's leg
    direction: str = field(default="", name="Call-Direction")
    presence_id: str = field(default="", name="Channel-Presence-ID")
    call_uuid: str = field(default="", name="Channel-Call-UUID")  # of an originated leg: its originator
    caller_number: str = field(default="", name="Caller-Caller-ID-Number")
    destination: str = field(default="", name="Caller-Destination-Number")


class CreatedVariables(Struct, frozen=True, kw_only=True, gc=False):
    """The channel variables of a CHANNEL_CREATE."""

    sip_call_id: str = field(default="", name="variable_sip_call_id")  # of an inbound leg; a dialled one has none yet
    inbound_gateway: str = field(default="", name="variable_sip_gateway")
    effective_name: str = field(default="", name="variable_effective_caller_id_name")
    user_name: str = field(default="", name="variable_user_name")  # set when the directory knew the caller
    outbound_gateway: str = field(default="", name="variable_sip_gateway_name")
    member_uuid: str = field(default="", name="variable_cc_member_session_uuid")  # of an agent's leg: its caller's leg
    # Who is dialled without being joined to the caller: by an enterprise originate (`:_:`), by a fifo that rings all.
    enterprise_caller: str = field(default="", name="variable_ent_originate_aleg_uuid")
    fifo_caller: str = field(default="", name="variable_fifo_bridge_uuid")
    dialed_user: str = field(default="", name="variable_dialed_user")  # set when user/… was dialled
    loopback_twin: str = field(default="", name="variable_other_loopback_leg_uuid")  # of a loopback leg: its other half


class Created(Event, frozen=True, kw_only=True, gc=False):
    """CHANNEL_CREATE."""

    callstate: str = field(default="", name="Channel-Call-State")
    channel: str = field(default="", name="Channel-Name")
    uuid: str = field(name="Unique-ID")
    direction: str = field(default="", name="Call-Direction")
    presence_id: str = field(default="", name="Channel-Presence-ID")
    call_uuid: str = field(default="", name="Channel-Call-UUID")
    caller_name: str = field(default="", name="Caller-Caller-ID-Name")
    caller_number: str = field(default="", name="Caller-Caller-ID-Number")
    callee_name: str = field(default="", name="Caller-Callee-ID-Name")
    destination: str = field(default="", name="Caller-Destination-Number")
    variables: CreatedVariables = CreatedVariables()


class Bridged(Event, frozen=True, kw_only=True, gc=False):
    """CHANNEL_BRIDGE and CHANNEL_UNBRIDGE: one of each per bridge, on the A leg. UNBRIDGE may lack the pair."""

    a: str = field(default="", name="Bridge-A-Unique-ID")
    b: str = field(default="", name="Bridge-B-Unique-ID")
    uuid: str = field(default="", name="Unique-ID")


class HungUpVariables(Struct, frozen=True, kw_only=True, gc=False):
    """The channel variables of a CHANNEL_HANGUP."""

    disposition: str = field(default="", name="variable_originate_disposition")  # how this leg's own dialling ended
    application_data: str = field(default="", name="variable_current_application_data")  # sofia/gateway/carrier/5551234
    failure_phrase: str = field(default="", name="variable_sip_invite_failure_phrase")
    sip_call_id: str = field(default="", name="variable_sip_call_id")
    transfer_to: str = field(default="", name="variable_transfer_to")  # satt:<leg>: for whom its target rings on
    term_status: str = field(default="", name="variable_sip_term_status")  # only if it received a final response or BYE
    bridge_cause: str = field(default="", name="variable_last_bridge_hangup_cause")
    bridge_protocol_cause: str = field(default="", name="variable_last_bridge_proto_specific_hangup_cause")  # sip:486


class HungUp(Event, frozen=True, kw_only=True, gc=False):
    """CHANNEL_HANGUP."""

    uuid: str = field(name="Unique-ID")
    cause: str = field(default="", name="Hangup-Cause")
    variables: HungUpVariables = HungUpVariables()


class Renamed(Event, frozen=True, kw_only=True, gc=False):
    """CHANNEL_UUID."""

    uuid: str = field(name="Unique-ID")
    old_uuid: str = field(default="", name="Old-Unique-ID")


class Bowout(Event, frozen=True, kw_only=True, gc=False):
    """loopback::bowout: a real leg takes a loopback leg's place, which will hang up. Sent before it does."""

    subclass: str = field(default="", name="Event-Subclass")
    resigning: str = field(default="", name="Resigning-UUID")
    acquired: str = field(default="", name="Acquired-UUID")


class Registration(Event, frozen=True, kw_only=True, gc=False):
    """sofia::register and sofia::unregister (from-user@from-host), sofia::expire (user@host)."""

    subclass: str = field(default="", name="Event-Subclass")
    from_user: str = field(default="", name="from-user")
    from_host: str = field(default="", name="from-host")
    call_id: str = field(default="", name="call-id")
    user: str = field(default="", name="user")
    host: str = field(default="", name="host")
    effective_name: str = field(default="", name="effective_caller_id_name")


class GatewayChanged(Event, frozen=True, kw_only=True, gc=False):
    """sofia::gateway_state (only when something changed), sofia::gateway_add, sofia::gateway_delete."""

    subclass: str = field(default="", name="Event-Subclass")
    gateway: str = field(default="", name="Gateway")
    state: str = field(default="", name="State")  # NOREG, REGED, UNREGED, TRYING, REGISTER, FAILED, FAIL_WAIT, DOWN …
    ping: str = field(default="", name="Ping-Status")  # UP, DOWN; also for a gateway that is not pinged


class Meeting(Event, frozen=True, kw_only=True, gc=False):
    """conference::maintenance. What a member does has its leg's uuid."""

    subclass: str = field(default="", name="Event-Subclass")
    conference: str = field(default="", name="Conference-Name")
    instance: str = field(default="", name="Conference-Unique-ID")  # the next one of this name has another
    uuid: str = field(default="", name="Unique-ID")
    talking: str = field(default="", name="Talking")
    action: str = field(default="", name="Action")


class Parked(Event, frozen=True, kw_only=True, gc=False):
    """valet_parking::info and fifo::info. From their sources; no capture has one with a leg's headers."""

    subclass: str = field(default="", name="Event-Subclass")
    uuid: str = field(default="", name="Unique-ID")
    lot: str = field(default="", name="Valet-Lot-Name")
    action: str = field(default="", name="Action")  # hold, bridge, exit
    fifo: str = field(default="", name="FIFO-Name")
    fifo_action: str = field(default="", name="FIFO-Action")  # push, caller_pop, abort, timeout, …


class Mailbox(Event, frozen=True, kw_only=True, gc=False):
    """MESSAGE_WAITING. The account is `sip:1000@…` when a phone subscribed, `1000@…` when a message came or went."""

    account: str = field(default="", name="MWI-Message-Account")
    messages: str = field(default="", name="MWI-Voice-Message")  # new/saved (new urgent/saved urgent), or absent


class Callcenter(Event, frozen=True, kw_only=True, gc=False):
    """callcenter::info: something happened in a queue, or to an agent. Its own times have whole seconds."""

    subclass: str = field(default="", name="Event-Subclass")
    queue: str = field(default="", name="CC-Queue")
    action: str = field(default="", name="CC-Action")
    agent: str = field(default="", name="CC-Agent")
    status: str = field(default="", name="CC-Agent-Status")
    state: str = field(default="", name="CC-Agent-State")
    answered: str = field(default="", name="CC-Agent-Answered-Time")
    joined: str = field(default="", name="CC-Member-Joined-Time")
    cancel_reason: str = field(default="", name="CC-Cancel-Reason")
    member: str = field(default="", name="CC-Member-UUID")
    session: str = field(default="", name="CC-Member-Session-UUID")


class Pulse(Event, frozen=True, kw_only=True, gc=False):
    """HEARTBEAT, every 20 s. Sessions are legs."""

    uptime_ms: str = field(default="", name="Uptime-msec")
    sessions: str = field(default="", name="Session-Count")
    sessions_max: str = field(default="", name="Max-Sessions")
    per_second: str = field(default="", name="Session-Per-Sec-Last")
    total: str = field(default="", name="Session-Since-Startup")
    peak: str = field(default="", name="Session-Peak-Max")
    idle_cpu: str = field(default="", name="Idle-CPU")


_KINDS: Final[dict[str, type[Event]]] = {
    "CHANNEL_CREATE": Created,
    "CHANNEL_CALLSTATE": StateChanged,
    "CHANNEL_BRIDGE": Bridged,
    "CHANNEL_UNBRIDGE": Bridged,
    "CHANNEL_HANGUP": HungUp,
    "CHANNEL_UUID": Renamed,
    "HEARTBEAT": Pulse,
    "MESSAGE_WAITING": Mailbox,
    "CUSTOM": Custom,
    **dict.fromkeys(_REGISTRATIONS, Registration),
    **dict.fromkeys(_GATEWAYS, GatewayChanged),
    "conference::maintenance": Meeting,
    "valet_parking::info": Parked,
    "fifo::info": Parked,
    "callcenter::info": Callcenter,
    "loopback::bowout": Bowout,
}

# switch_channel_event_set_data() writes what the channel is, the caller's profile, the other leg's, then the variables.
# What is read stands before a landmark, and among the variables. In JSON a quote that is part of a text has a backslash
# before it, so these bytes are the beginning of that header and nothing else. (They are few, and the last of them is
# rare: so they are found quickly.)
_PROFILE: Final = b',"Caller-D'  # Caller-Direction, the profile's first
_REST: Final = b',"Caller-Uniq'  # Caller-Unique-ID, which follows the destination, the last that is read of a profile
_VARIABLES: Final = b',"variable_'
_LANDMARK_FROM: Final = 768  # bytes that come before one in any event (captures: 838 at least); earlier is not looked


def _head(read: Read, landmark: bytes, body: bytes) -> Event:
    """Of what stands before the landmark."""
    end = body.find(landmark, _LANDMARK_FROM)
    return read(body if end < 0 else body[:end] + b"}")


def _head_and_variables(read: Read, landmark: bytes, body: bytes) -> Event:
    """Of what stands before the landmark, and of the variables, which become an object of their own."""
    end = body.find(landmark, _LANDMARK_FROM)
    start = body.find(_VARIABLES, end)  # from -1: among the last two bytes
    if end < 0 or start < 0:
        return _tolerantly(body)
    return read(b"".join((body[:end], b',"variables":{', body[start + 1 :], b"}")))


_CUTS: Final[dict[type[Event], tuple[Callable[[Read, bytes, bytes], Event], bytes]]] = {
    StateChanged: (_head, _PROFILE),
    Bridged: (_head, _PROFILE),
    HungUp: (_head_and_variables, _PROFILE),
    Created: (_head_and_variables, _REST),
}


def _reader(kind: type[Event]) -> Read:
    read: Read = msgspec.json.Decoder(kind).decode
    if kind in _CUTS:
        cut, landmark = _CUTS[kind]
        return partial(cut, read, landmark)
    return read


_decoders: Final = {name.encode(): _reader(kind) for name, kind in _KINDS.items()}
_event: Final = _reader(Event)
_custom: Final = _reader(Custom)


def decode(body: bytes) -> Event:
    """The event in a frame's body. Invalid UTF-8 becomes U+FFFD; of a multi-valued header the last value is taken.

    Raises ValueError for what is not a JSON object with an `Event-Name` (and, for a leg's event, a `Unique-ID`).
    """
    # The kind stands first in what FreeSWITCH's cJSON prints: a peek spares a first pass. The rest goes slowly.
    try:
        if body.startswith(b'{"Event-Name":"'):
            return _decoders.get(body[15 : body.find(b'"', 15)], _event)(body)
        if body.startswith(b'{"Event-Subclass":"'):
            return _decoders.get(body[19 : body.find(b'"', 19)], _custom)(body)
    except (msgspec.DecodeError, UnicodeDecodeError):  # ValidationError is a DecodeError: a list in a string's place
        pass
    return _tolerantly(body)


def introduced(body: bytes) -> Introduced:
    """All that a CHANNEL_CALLSTATE says of its leg. Raises ValueError for what is none."""
    return _told(_texts(body), Introduced)


def _tolerantly(body: bytes) -> Event:
    texts = _texts(body)
    kind = _KINDS.get(texts.get("Event-Subclass", "")) or _KINDS.get(texts.get("Event-Name", ""), Event)
    return _told(texts, kind)


def _texts(body: bytes) -> dict[str, str]:
    try:
        headers = json.loads(body.decode("utf-8", "replace"))
        return {name: _text(value) for name, value in headers.items()}
    except (RecursionError, AttributeError):
        raise ValueError("event: not a JSON object of headers") from None


def _told(texts: dict[str, str], kind: type[Kind]) -> Kind:
    try:
        return msgspec.convert({**texts, "variables": texts}, kind)
    except msgspec.ValidationError as error:
        raise ValueError(f"event: {error}") from None


def _text(value: Any) -> str:
    if isinstance(value, list):
        value = value[-1] if value else ""
    return (
        value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""
    )  # JSON can spell half a surrogate


def subscription(raw_events: Iterable[str] = ()) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The event names and the CUSTOM subclasses to ask for, those of `raw_events` (RAW_EVENTS) included.

    A name with `::` in it is a subclass: `sofia::gateway_state`. CUSTOM itself is no name: its subclasses say it.
    """
    listed = tuple(raw_events)
    names = dict.fromkeys((*WANTED_EVENTS, *(name for name in listed if "::" not in name and name != "CUSTOM")))
    subclasses = dict.fromkeys((*WANTED_SUBCLASSES, *(name for name in listed if "::" in name)))
    return tuple(names), tuple(subclasses)
