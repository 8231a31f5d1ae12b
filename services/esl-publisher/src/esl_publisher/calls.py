"""A call as people count them, made of legs: its value, its state, and what is told of it.

Pure values and functions; the dicts are the ledger's (ledger.py).

A call's state is a function of its live legs:

- `active`: two legs that have both answered are bridged, or a leg is in a conference with somebody else; `held` when
  one of them holds.
- `waiting`: something has answered, and no two people talk: a queue, an IVR, a parking lot, voicemail, a conference
  with nobody else in it, or a person who is being connected elsewhere. Also in a queue that plays its music before it
  answers.
- `ringing`: otherwise.

A loopback's legs are nobody's: bridged with one, a leg talks only when the other half is bridged too.

Two rules keep people's picture steady while FreeSWITCH is between two events, without a clock:

- FreeSWITCH answers the dialled leg, then the caller's, then bridges. An answered leg that another leg dialled has its
  bridge under way: it and an originator that answered no earlier than it do not count as answered yet. So the call goes
  from `ringing` to `active`, and a call that waited (the originator answered earlier) from `waiting` to `active`.
- A bridge is early media until both have answered (FreeSWITCH sends CHANNEL_BRIDGE for a 183 with media too).

The third rule needs a clock: see SETTLE_MS in bridges.py.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from esl_publisher.causes import Ending
from esl_publisher.legs import ANSWERED, Leg
from lampfield_bus import instants
from lampfield_bus import messages as m

__all__ = [
    "MAX_LEGS",
    "Answered",
    "Call",
    "CallFact",
    "CallState",
    "Ended",
    "Outcome",
    "Started",
    "at_state",
    "called",
    "connected",
    "joined",
    "merged",
    "opened",
    "remembered",
    "renamed",
    "reopened",
    "state_of",
]

MAX_LEGS: Final = 64  # of a call's dead legs so many are remembered: its first ones and its last ones
MAX_CALL_ID: Final = 255  # characters of a SIP Call-ID; the far end chooses it
CallState = Literal["ringing", "waiting", "active", "held"]
Outcome = Literal["answered", "missed", "failed"]


class Call(Struct, frozen=True, kw_only=True):
    """One call. `legs` are all of them in the order in which they came, `live` those that have not hung up.

    `users` are the extensions in it. `rung` are those whose phones rang since people last began to talk: they missed it
    if nobody comes any more, not when another phone was answered. `sip_call_ids` are the Call-IDs of its legs, as far
    as known. `talked` are the legs of its last conversation; `rang` and `waited` tell whether it ever did. `queue` is
    the one that it is or was in, `queued` whether its caller waits there.
    """

    id: str
    legs: tuple[str, ...]
    live: tuple[str, ...]
    state: CallState = "ringing"
    caller_leg: str
    caller: m.Party
    callee: m.Party
    inbound: bool = False
    external: bool = False
    gateway: str | None = None
    queue: str | None = None
    queued: bool = False
    started_at: int
    answered_at: int | None = None
    endings: tuple[Ending, ...] = ()
    talked: frozenset[str] = frozenset()
    users: tuple[str, ...] = ()
    rung: tuple[str, ...] = ()
    sip_call_ids: tuple[str, ...] = ()
    rang: bool = False
    waited: bool = False

    @property
    def direction(self) -> Literal["inbound", "outbound", "internal"]:
        """By who is at the ends: a caller who is no extension, a called party who is none, or extensions alone."""
        return "inbound" if self.inbound else "outbound" if self.external else "internal"

    @property
    def outcome(self) -> Outcome:
        """What the call is if it ends now."""
        if self.answered_at is not None:
            return "answered"
        return "missed" if self.rang or self.waited else "failed"


class Started(Struct, frozen=True):
    """A call began."""

    call: Call
    at: int


class Answered(Struct, frozen=True):
    """A person was bridged for the first time."""

    call: Call
    at: int


class Ended(Struct, frozen=True):
    """A call ended, or became part of an older one."""

    call: Call
    at: int
    merged_into: str | None = None


CallFact = Started | Answered | Ended


def opened(call_id: str, leg: Leg) -> Call:
    """A call of which `leg` is the first leg heard of."""
    dialled = m.Party(number=leg.dialled, name="")
    stranger = leg.user is None and not leg.loopback
    if leg.originator is not None:  # its originator was not heard of: this leg tells what it was shown
        caller, callee = m.Party(number=leg.caller_number, name=leg.caller_name), _party(leg)
        inbound, external = False, stranger
    elif leg.outbound:  # FreeSWITCH itself called somebody up, who is the caller of whatever follows
        caller, callee = _party(leg), m.Party(number="", name="")
        inbound, external = False, stranger
    else:
        caller, callee = _party(leg), dialled
        inbound, external = stranger, False
    return _with_leg(
        Call(
            id=call_id,
            legs=(),
            live=(),
            caller_leg=leg.originator or leg.uuid,
            caller=caller,
            callee=callee,
            inbound=inbound,
            external=external,
            started_at=leg.started_at,
        ),
        leg,
    )


def joined(call: Call, leg: Leg) -> Call:
    """The call with one more leg."""
    first_target = leg.originator is not None and not leg.agent and len(call.legs) == 1
    call = _with_leg(call, leg)
    if leg.uuid == call.caller_leg:  # the originator's own CREATE came late
        return replace(
            call,
            caller=_party(leg),
            inbound=not leg.outbound and leg.user is None and not leg.loopback,
            started_at=min(call.started_at, leg.started_at),
        )
    external = call.external or (leg.outbound and leg.user is None and not leg.loopback)
    return replace(call, external=external, callee=_party(leg) if first_target else call.callee)


def _with_leg(call: Call, leg: Leg) -> Call:
    legs = call.legs if leg.uuid in call.legs else (*call.legs, leg.uuid)
    known = leg.user is None or leg.user in call.users
    return replace(
        call,
        legs=remembered(legs),
        live=(*call.live, leg.uuid),
        gateway=call.gateway or leg.gateway,
        users=call.users if known or leg.user is None else (*call.users, leg.user),
        sip_call_ids=called(call.sip_call_ids, leg.sip_call_id),
    )


def called(call_ids: tuple[str, ...], call_id: str) -> tuple[str, ...]:
    """A call's SIP Call-IDs with one more; MAX_LEGS of them, each no longer than a topic's level may be."""
    if not call_id or call_id in call_ids or len(call_id) > MAX_CALL_ID:
        return call_ids
    return (*call_ids[1 - MAX_LEGS :], call_id)


def remembered(legs: Iterable[str]) -> tuple[str, ...]:
    """Of a call's legs, in their order, those that it keeps: its first one and its last ones."""
    first, *others = legs
    return (first, *others[1 - MAX_LEGS :])


def _party(leg: Leg) -> m.Party:
    return m.Party(number=leg.number, name=leg.name)


def connected(call: Call, a: Leg, b: Leg) -> Call:
    """The call after its legs `a` and `b` were bridged: who talks to whom now."""
    if call.caller_leg == b.uuid:
        a, b = b, a
    caller = call.caller if call.caller_leg in call.live else _party(a)
    caller_leg = call.caller_leg if call.caller_leg in call.live else a.uuid
    return replace(call, caller=caller, caller_leg=caller_leg, callee=_party(b))


def merged(older: Call, newer: Call) -> Call:
    """The older call with everything of the newer one in it."""
    return replace(
        older,
        legs=remembered(dict.fromkeys((*older.legs, *newer.legs))),
        live=(*older.live, *newer.live),
        gateway=older.gateway or newer.gateway,
        queue=older.queue or newer.queue,
        external=older.external or newer.external,
        users=tuple(dict.fromkeys((*older.users, *newer.users))),
        sip_call_ids=tuple(dict.fromkeys((*older.sip_call_ids, *newer.sip_call_ids)))[-MAX_LEGS:],
        endings=(*older.endings, *newer.endings)[-MAX_LEGS:],
        rung=tuple(dict.fromkeys((*older.rung, *newer.rung))),
        rang=older.rang or newer.rang,
        waited=older.waited or newer.waited,
        queued=older.queued or newer.queued,
    )


def renamed(call: Call, old: str, new: str) -> Call:
    """The call after one of its legs got another uuid."""

    def name(uuid: str) -> str:
        return new if uuid == old else uuid

    return replace(
        call,
        legs=tuple(map(name, call.legs)),
        live=tuple(map(name, call.live)),
        caller_leg=name(call.caller_leg),
        talked=frozenset(map(name, call.talked)),
    )


def state_of(call: Call, live: Sequence[Leg], legs: Mapping[str, Leg]) -> CallState:
    """The call's state by its live legs: the rules at the head of this module. `legs` are all that live, by uuid."""
    state: CallState | None = None
    answered = False
    for leg in live:
        if leg.conferring or (leg.talking and not leg.loopback and _reaches(leg, call, legs)):
            if leg.stage == "held":
                return "held"
            state = "active"
        if leg.stage in ANSWERED:
            answered = True
    return state or ("waiting" if call.queued or (answered and _waits(call, live)) else "ringing")


def at_state(call: Call, state: CallState, live: Iterable[Leg], moment: int) -> Call:
    """The call, its state being `state` at this moment: with what that leaves behind."""
    answered_at = call.answered_at
    if answered_at is None and state in {"active", "held"}:
        answered_at = moment
    rang = call.rang or any(leg.rang for leg in live)
    waited = call.waited or state == "waiting"
    if (state, answered_at, rang, waited) == (call.state, call.answered_at, call.rang, call.waited):
        return call
    return replace(call, state=state, answered_at=answered_at, rang=rang, waited=waited)


def _waits(call: Call, live: Iterable[Leg]) -> bool:
    """Whether a leg has answered that has no bridge under way."""
    answered = [leg for leg in live if leg.stage in ANSWERED]
    for leg in answered:
        dialled = leg.originator in call.live and (leg.talking or not leg.talked)
        if not (dialled or leg.loopback or _connects(leg, answered)):
            return True
    return False


def _connects(leg: Leg, answered: Iterable[Leg]) -> bool:
    """Whether it dialled one that answered no later than it and has not talked yet."""
    return any(
        other.originator == leg.uuid and not other.talked and (leg.answered_at or 0) >= (other.answered_at or 0)
        for other in answered
    )


def _reaches(leg: Leg, call: Call, legs: Mapping[str, Leg]) -> bool:
    pipe = legs.get(leg.partner or "")
    if pipe is None or not pipe.loopback or pipe.twin is None:
        return True
    twin = legs.get(pipe.twin)
    # Its halves hang up one after the other; what follows is told in a moment, until then it is as it was.
    return call.state in {"active", "held"} if twin is None else twin.talking


def reopened(message: m.Call) -> Call:
    """The call that an earlier run of the publisher published. Its live legs are yet to be found.

    Raises ValueError for a message whose instants are none, or that has no legs.
    """
    if not message.legs:
        raise ValueError("call: has no legs")
    return Call(
        id=message.id,
        legs=tuple(message.legs[:MAX_LEGS]),
        live=(),
        state=message.state,
        caller_leg=message.legs[0],
        caller=message.caller,
        callee=message.callee,
        inbound=message.direction == "inbound",
        external=message.direction == "outbound",
        gateway=message.gateway,
        queue=message.queue,
        started_at=instants.parse(message.started_at),
        answered_at=None if message.answered_at is None else instants.parse(message.answered_at),
        users=tuple(message.extensions),
        sip_call_ids=tuple(message.sip_call_ids[:MAX_LEGS]),
        rang=message.state == "ringing",
        waited=message.state == "waiting",
    )
