"""A leg: one channel of FreeSWITCH, as far as a panel needs to know it.

Pure values and functions; the dicts are the machine's (calls.py). Instants named `…_at` are FreeSWITCH's time unless
they say otherwise; `seen_at` and `heard_at` are this machine's.

Callstates, from switch_channel.c: DOWN, RINGING, EARLY, ACTIVE, HELD, RING_WAIT (answered, and originating another
leg), UNHELD (stays after a hold: as good as ACTIVE), HANGUP. DIALING is never emitted.
"""

from collections.abc import Callable, Mapping
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from esl_publisher.causes import Ending
from esl_publisher.decode import Created, Introduced
from esl_publisher.snapshot import ChannelRow
from lampfield_bus.topics import encode_name

__all__ = [
    "ANSWERED",
    "Leg",
    "Vouch",
    "adopt",
    "born",
    "ending_of",
    "from_row",
    "heard",
    "introduced",
    "is_through",
    "local_user",
    "person",
    "same_domain",
    "stage_of",
]

Stage = Literal["down", "ringing", "answered", "held", "seeking"]
_STAGES: Final[dict[str, Stage]] = {
    "RINGING": "ringing",
    "EARLY": "ringing",
    "ACTIVE": "answered",
    "UNHELD": "answered",
    "HELD": "held",
    "RING_WAIT": "seeking",
}
ANSWERED: Final[frozenset[Stage]] = frozenset({"answered", "held", "seeking"})
# How the names of channels begin that are nobody's: of mod_loopback; of mod_dptools, for a colleague who may pick up.
_NOBODYS: Final = ("loopback/", "pickup/")
_PLACEHOLDER: Final = "Outbound Call"  # FreeSWITCH's callee name for a leg that nobody has named yet

Vouch = Callable[[str], bool]


class Leg(Struct, frozen=True, kw_only=True, gc=False):
    """One live leg.

    `originator` is the leg that dialled this one, or for which it was dialled (an agent's, a hunt group's); it may be
    unknown here or gone.
    `user` is the extension at its far end; `number` and `name` are what FreeSWITCH knows of that end, `caller_*` what
    this leg was shown. `partner` is the leg that it is bridged with; the bridge may be early media, so
    `talking` is true from when both have answered. `conferring`: it is in a conference with somebody else. `loose`:
    that bridge came apart and nothing has told yet what the leg does now. `left`: whom it talked with when it went
    looking for another leg, until something tells that this bridge came apart, too. `absences` counts the
    successive snapshots that lack it.

    A `loopback` leg is nobody's: one half of a pipe inside FreeSWITCH (`loopback/1001-a` and `-b`, mod_loopback.c), by
    which a call is sent through the dialplan again. `twin` is the other half, if known. So is a `pickup` leg: it stands
    beside the phones that ring (`bridge user/1001,pickup/sales`) for whoever takes the call from elsewhere.
    """

    uuid: str
    call: str = ""
    outbound: bool = False
    stage: Stage = "down"
    originator: str | None = None
    agent: bool = False
    user: str | None = None
    number: str = ""
    name: str = ""
    caller_number: str = ""
    caller_name: str = ""
    dialled: str = ""
    gateway: str | None = None
    sip_call_id: str = ""
    loopback: bool = False
    twin: str | None = None
    started_at: int
    answered_at: int | None = None
    rang: bool = False
    partner: str | None = None
    talking: bool = False
    talked: bool = False
    conferring: bool = False
    loose: bool = False
    left: str | None = None
    seen_at: int
    heard_at: int = 0
    absences: int = 0

    @property
    def answered(self) -> bool:
        """Whether its far end has answered."""
        return self.stage in ANSWERED


def stage_of(callstate: str) -> Stage:
    """The stage that a Channel-Call-State stands for; an unknown one is `down`."""
    return _STAGES.get(callstate, "down")


def same_domain(one: str, other: str) -> bool:
    """Whether two names are of one domain; capitals make no other one."""
    return one.lower() == other.lower()


def local_user(presence_id: str, domain: str | None) -> str | None:
    """The extension that a presence id names: `1000` in the switch's own domain, `1000@other.example` in another.

    Until FreeSWITCH has told its domain (`domain` None) every domain is taken for its own. None for no name, and for
    one that no topic can carry.
    """
    user, _, host = presence_id.partition("@")
    name = user if not host or domain is None or same_domain(host, domain) else presence_id
    try:
        encode_name(name)
    except ValueError:
        return None
    return name if user else None


def _vouched(presence_id: str, witness: str, domain: str | None, vouch: Vouch) -> str | None:
    # Whose leg is it? FreeSWITCH gives a presence id to a leg from or to a user; a gateway's has none (captures). But
    # an unauthenticated caller may bring one too, so somebody must vouch for the user in it: the directory (`user_name`
    # when it knew the caller, `dialed_user` when user/… was dialled), or what the machine knows (a registration, the
    # setting, an extension seen before). No stranger becomes a lamp.
    user = local_user(presence_id, domain)
    if user is None:
        return None
    return user if witness == presence_id.partition("@")[0] or vouch(user) else None


def born(event: Created, at: int, moment: int, domain: str | None, vouch: Vouch) -> Leg:
    """The leg of a CHANNEL_CREATE that came `at` (ours) and happened at `moment` (FreeSWITCH's)."""
    variables = event.variables
    outbound = event.direction == "outbound"
    gateway = (variables.outbound_gateway if outbound else variables.inbound_gateway) or None
    witness = variables.dialed_user if outbound else variables.user_name
    for_caller = variables.member_uuid or variables.fifo_caller  # who waits in a queue
    originator = event.call_uuid if event.call_uuid != event.uuid else for_caller or variables.enterprise_caller
    twin = variables.loopback_twin or None
    if twin is not None and not outbound:  # it runs the dialplan, because its twin was dialled
        originator = twin
    shown_name = event.callee_name if event.callee_name != _PLACEHOLDER else ""
    return Leg(
        uuid=event.uuid,
        outbound=outbound,
        stage=stage_of(event.callstate),
        originator=originator or None,
        agent=bool(for_caller),
        user=None if gateway or twin else _vouched(event.presence_id, witness, domain, vouch),
        number=event.destination if outbound else event.caller_number,
        name=shown_name if outbound else (variables.effective_name if variables.user_name else "") or event.caller_name,
        caller_number=event.caller_number,
        caller_name=event.caller_name,
        dialled=event.destination,
        gateway=gateway,
        sip_call_id=variables.sip_call_id,
        loopback=twin is not None or event.channel.startswith(_NOBODYS),
        twin=twin,
        started_at=moment,
        seen_at=at,
        heard_at=at,
    )


def adopt(event: Introduced, at: int, moment: int, domain: str | None, vouch: Vouch) -> Leg:
    """The leg of a CHANNEL_CALLSTATE whose CREATE was not heard: the event says who it is, but has no variables."""
    outbound = event.direction == "outbound"
    loopback = event.channel.startswith(_NOBODYS)
    return heard(
        Leg(
            uuid=event.uuid,
            outbound=outbound,
            originator=event.call_uuid if outbound and event.call_uuid != event.uuid else None,
            user=None if loopback else _vouched(event.presence_id, "", domain, vouch),
            loopback=loopback,
            number=event.destination if outbound else event.caller_number,
            caller_number=event.caller_number,
            dialled=event.destination,
            started_at=moment,
            seen_at=at,
        ),
        event.callstate,
        at,
        moment,
    )


def heard(leg: Leg, callstate: str, at: int, moment: int) -> Leg:
    """The leg after a CHANNEL_CALLSTATE. What was answered stays so: a ringing that comes later is an older one."""
    stage = stage_of(callstate)
    if leg.answered and stage in {"down", "ringing"}:
        stage = leg.stage
    answered = stage in ANSWERED
    return replace(
        leg,
        stage=stage,
        answered_at=(leg.answered_at or moment) if answered else leg.answered_at,
        rang=leg.rang or (stage == "ringing" and leg.outbound and not leg.loopback),
        heard_at=at,
    )


def from_row(row: ChannelRow, at: int, domain: str | None, vouch: Vouch) -> Leg:
    """The leg of a row of `show channels` that no event told of. `created_epoch` has whole seconds."""
    outbound = row.direction == "outbound"
    moment = int(row.created_epoch) * 1000 if row.created_epoch.isdecimal() else at
    loopback = row.name.startswith(_NOBODYS)
    shown_name = row.callee_name if row.callee_name != _PLACEHOLDER else ""
    originated = outbound and row.call_uuid not in {"", row.uuid}
    leg = Leg(
        uuid=row.uuid,
        outbound=outbound,
        originator=row.member_uuid or (row.call_uuid if originated else None),
        agent=bool(row.member_uuid),
        user=None if loopback else _vouched(row.presence_id, "", domain, vouch),
        loopback=loopback,
        number=row.dest if outbound else row.cid_num,
        name=shown_name if outbound else row.cid_name,
        caller_number=row.cid_num,
        caller_name=row.cid_name,
        dialled=row.dest,
        started_at=moment,
        seen_at=at,
    )
    return replace(heard(leg, row.callstate, at, moment), heard_at=0)


def introduced(leg: Leg, told: Leg) -> Leg:
    """The leg, its CREATE (`told`) come late: that knows who it is, not what has become of it."""
    return replace(
        leg,
        user=told.user or leg.user,
        number=told.number,
        name=told.name,
        gateway=told.gateway,
        agent=told.agent,
        loopback=told.loopback or leg.loopback,
        twin=told.twin,
    )


def ending_of(uuid: str, leg: Leg | None, cause: str = "") -> Ending:
    """How this leg ended; `leg` is what was known of it."""
    originated = leg is not None and leg.originator is not None
    agent, answered = (False, False) if leg is None else (leg.agent, leg.answered)
    return Ending(uuid=uuid, originated=originated, agent=agent, answered=answered, cause=cause)


def is_through(pipe: Leg, legs: Mapping[str, Leg]) -> bool:
    """Whether a loopback's other half talks to somebody."""
    twin = legs.get(pipe.twin or "")
    return twin is not None and twin.talking


def person(leg: Leg, legs: Mapping[str, Leg]) -> Leg | None:
    """Whoever is at this end of a bridge: behind a loopback's leg, whom its other half talks with or was dialled by."""
    if not leg.loopback:
        return leg
    twin = legs.get(leg.twin or "")
    far = None if twin is None else legs.get(twin.partner or twin.originator or "")
    return None if far is None or far.loopback else far
