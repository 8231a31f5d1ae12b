"""What FreeSWITCH sends in scenarios of which there is no capture: faithful sequences of the events that we ask for.

Each builder is the list of (ms since T0, event); its docstring says where the order is known from. "Captured" means
that the order within is that of a stream in tests/data/esl. The others follow FreeSWITCH's source, whose function is
named.
"""

from collections.abc import Iterable
from typing import Any

from esl_publisher import decode as d
from support.legs import T0, bridge, created, hangup, state, unbridge, us
from support.switchboard import Switchboard

S = 1_000
Story = list[tuple[int, d.Event]]


def play(story: Story, board: Switchboard | None = None, *, at: int = T0) -> Switchboard:
    """The story on a board, with ten seconds of silence after it."""
    board = board or Switchboard()
    moment = at
    for offset, event in story:
        moment = at + offset
        board.run(moment)
        board.event(event, moment)
    board.run(moment + 10 * S)
    return board


def _at(offset: int, *events: d.Event) -> Story:
    stamp = us(T0 + offset)
    return [(offset, _stamped(event, stamp)) for event in events]


def _stamped(event: d.Event, stamp: str) -> d.Event:
    return type(event)(**{**{name: getattr(event, name) for name in event.__struct_fields__}, "timestamp": stamp})


def dialled(uuid: str, user: str, by: str, **headers: Any) -> list[d.Event]:
    """A phone is called and rings. Captured: call_bridged."""
    return [created(uuid, user=user, by=by, **headers), state(uuid, "RINGING", direction="outbound", call_uuid=by)]


def answered(a: str, b: str) -> list[d.Event]:
    """The dialled leg answers, then the caller's, then they are bridged. Captured: call_bridged."""
    return [state(b, "ACTIVE", direction="outbound", call_uuid=a), state(a, "ACTIVE"), bridge(a, b)]


def conversation(a: str, user_a: str, b: str, user_b: str, *, began: int = 0) -> Story:
    """One dials another, who answers a second later. Captured: call_bridged."""
    return [
        *_at(began, created(a, user=user_a), state(a, "RINGING"), *dialled(b, user_b, a)),
        *_at(began + S, *answered(a, b)),
    ]


def ended(began: int, *uuids: str, cause: str = "NORMAL_CLEARING") -> Story:
    """The legs hang up, one after the other. Captured: HANGUP, then CALLSTATE HANGUP."""
    return _at(began, *(e for uuid in uuids for e in (hangup(uuid, cause), state(uuid, "HANGUP", cause=cause))))


def fork(*, winner: str | None, gave_up: bool = False) -> Story:
    """1000 dials a group: 1001 and 1002 ring at once; one answers, nobody does, or 1000 gives up.

    switch_ivr_enterprise/originate: the losers are hung up with LOSE_RACE before the bridge is made; a caller's own
    hangup ends all with ORIGINATOR_CANCEL; a ring timeout ends them with NO_ANSWER and the caller as in call_no_answer.
    """
    phones = {"b": "1001", "c": "1002"}
    story = _at(0, created("a", user="1000"), state("a", "RINGING"))
    story += _at(10, *(event for uuid, user in phones.items() for event in dialled(uuid, user, "a")))
    if winner is None:
        cause = "ORIGINATOR_CANCEL" if gave_up else "NO_ANSWER"
        own = cause if gave_up else "NORMAL_CLEARING"
        return story + ended(5 * S, *phones, cause=cause) + _at(5 * S, hangup("a", own, disposition=cause))
    (loser,) = phones.keys() - {winner}
    first, *rest = answered("a", winner)
    story += _at(3 * S, first) + ended(3 * S, loser, cause="LOSE_RACE") + _at(3 * S, *rest)
    return story + ended(9 * S, winner, "a")


def attended_transfer(*, tell_bridge_first: bool = True) -> Story:
    """1000 talks with 1001, who holds, calls 1002 on a second call, and connects them (REFER with Replaces).

    sofia_handle_sip_i_refer: switch_ivr_uuid_bridge of the two far legs, then the transferrer's legs end with
    ATTENDED_TRANSFER. The two far legs' threads race with those of the near ones: the HANGUP may come first.
    """
    story = conversation("a", "1000", "b", "1001")
    story += _at(5 * S, state("b", "HELD"))
    story += conversation("c", "1001", "d", "1002", began=6 * S)
    together: Story = _at(10 * S, bridge("a", "d"))
    apart = _at(10 * S, unbridge("a", "b"), unbridge("c", "d"))
    gone = ended(10 * S, "c", "b", cause="ATTENDED_TRANSFER")
    story += apart + (together + gone if tell_bridge_first else gone + together)
    return story + ended(20 * S, "d", "a")


def semi_attended_transfer(*, answers: bool = True) -> Story:
    """The same, but 1001 connects them while 1002's phone still rings: it rings for 1000 now.

    sofia_handle_sip_i_refer, CF_ORIGINATOR: the caller is sent to hear music, the transferrer's second leg names him in
    `transfer_to` and ends, its originate goes on (CF_XFER_ZOMBIE); switch_ivr_uuid_bridge follows the answer.
    """
    story = conversation("a", "1000", "b", "1001") + _at(5 * S, state("b", "HELD"))
    story += _at(6 * S, created("c", user="1001"), state("c", "RINGING"), *dialled("d", "1002", "c"))
    story += _at(8 * S, unbridge("a", "b")) + ended(8 * S, "b", cause="ATTENDED_TRANSFER")
    story += _at(8 * S, hangup("c", "ATTENDED_TRANSFER", transfer_to="satt:a"), state("c", "HANGUP"))
    if not answers:
        return story + ended(30 * S, "d", cause="NO_ANSWER") + ended(30 * S, "a")
    took = state("d", "ACTIVE", direction="outbound", call_uuid="c")
    return story + _at(12 * S, took) + _at(12 * S + 40, bridge("a", "d")) + ended(30 * S, "a", "d")


def asking(*, answers: bool = True) -> Story:
    """1001, who talks with 1000, presses the transfer key, and asks 1002 first (mod_dptools att_xfer).

    att_xfer originates from the transferrer's own leg (so Channel-Call-UUID is that leg), which is RING_WAIT meanwhile
    (switch_channel.c, CF_ORIGINATOR), and bridges it with the new one. The first bridge waits for that
    (CF_INNER_BRIDGE): no event tells of it. 1000 hears music.
    """
    story = conversation("a", "1000", "b", "1001")
    story += _at(5 * S, state("b", "RING_WAIT"), *dialled("c", "1002", "b"))
    if not answers:
        return story
    took = state("c", "ACTIVE", direction="outbound", call_uuid="b"), state("b", "ACTIVE")
    return story + _at(9 * S, *took, bridge("b", "c"))


def att_xfer_application() -> Story:
    """1001 connects the two by hanging up: att_thread_run calls switch_ivr_uuid_bridge for target and caller."""
    story = asking() + ended(15 * S, "b") + _at(15 * S, unbridge("b", "c"), unbridge("a", "b"))
    return story + _at(15 * S + 60, bridge("c", "a")) + ended(30 * S, "a", "c")


def att_xfer_declined() -> Story:
    """The same, but 1002 does not want to talk: 1001 goes on with 1000. No event tells of their bridge."""
    story = asking(answers=False)
    return story + ended(8 * S, "c", cause="CALL_REJECTED") + _at(8 * S, state("b", "ACTIVE")) + ended(30 * S, "a", "b")


def att_xfer_refused(*, told: bool = True) -> Story:
    """1002 talks with 1001, does not want the call, and hangs up: 1001 goes on with 1000.

    att_thread_run makes the first bridge anew (switch_ivr_uuid_bridge); in mod_kazoo, which leaves that out, it only
    goes on, and nothing is `told`.
    """
    story = asking() + ended(15 * S, "c") + _at(15 * S, unbridge("b", "c"))
    again = _at(15 * S, unbridge("a", "b")) + _at(15 * S + 60, bridge("b", "a")) if told else []
    return story + again + ended(30 * S, "a", "b")


def att_xfer_impatient(*, answers: bool = True) -> Story:
    """1001 hangs up while 1002's phone still rings: it rings for 1000 now.

    switch_ivr_originate, soft_holding: the phone's leg goes on without its originator, and when it answers,
    switch_ivr_uuid_bridge takes the caller there; else both are hung up.
    """
    story = asking(answers=False) + ended(7 * S, "b") + _at(7 * S, unbridge("a", "b"))
    if not answers:
        return story + ended(30 * S, "c", cause="NO_ANSWER") + ended(30 * S, "a", cause="NORMAL_UNSPECIFIED")
    took = state("c", "ACTIVE", direction="outbound", call_uuid="b")
    return story + _at(12 * S, took) + _at(12 * S + 40, bridge("a", "c")) + ended(30 * S, "a", "c")


def att_xfer_given_up() -> Story:
    """1000 hangs up while 1001 and 1002 talk, who go on; 1001's leg follows when its own bridge is over."""
    story = asking() + ended(11 * S, "a") + _at(11 * S, unbridge("a", "b"))
    return story + ended(20 * S, "c") + _at(20 * S, unbridge("b", "c")) + ended(20 * S + 100, "b")


def blind_transfer(*, answers: bool = True) -> Story:
    """1000 sends 1001 on to 1002 by REFER. Captured: transfer_blind_refer; without an answer as in call_no_answer."""
    story = conversation("a", "1000", "b", "1001")
    story += _at(3 * S, state("b", "RING_WAIT"), unbridge("a", "b"), hangup("a"), *dialled("c", "1002", "b"))
    if not answers:
        return story + ended(9 * S, "c", cause="NO_ANSWER") + ended(9 * S, "b")
    return story + _at(5 * S, *answered("b", "c")) + ended(9 * S, "c", "b")


def api_transfer() -> Story:
    """`uuid_transfer b 1002`: an API sends 1001's leg elsewhere; 1000's is hung up after the bridge.

    switch_ivr_session_transfer resets the leg, which ends its bridge; what follows is a dialplan run of its own.
    """
    story = conversation("a", "1000", "b", "1001")
    story += _at(3 * S, unbridge("a", "b"), state("b", "RING_WAIT"), *dialled("c", "1002", "b")) + ended(3 * S, "a")
    return story + _at(5 * S, *answered("b", "c")) + ended(9 * S, "c", "b")


def api_bridge() -> Story:
    """Two calls are parked, and `uuid_bridge` connects them.

    switch_ivr_uuid_bridge: both legs leave their application; CHANNEL_BRIDGE comes on the first one named.
    """
    story: Story = []
    for began, uuid, user in ((0, "a", "1000"), (2 * S, "c", "1002")):
        story += _at(began, created(uuid, user=user), state(uuid, "RINGING"), state(uuid, "ACTIVE"))
    return story + _at(6 * S, bridge("c", "a")) + ended(9 * S, "a", "c")


def parked(*, fetched: bool) -> Story:
    """1001 parks 1000 (the leg is transferred to `park`); 1002 fetches the call, or 1000 gives up.

    A parked leg is answered and alone; who fetches it bridges it to himself (valet_park, intercept): uuid_bridge.
    """
    story = conversation("a", "1000", "b", "1001")
    story += _at(4 * S, unbridge("a", "b")) + ended(4 * S, "b")
    if fetched:
        story += _at(10 * S, created("p", user="1002"), state("p", "RINGING"), state("p", "ACTIVE"), bridge("p", "a"))
        return story + ended(20 * S, "p", "a")
    return story + ended(20 * S, "a")


def picked_up() -> Story:
    """1001 rings; 1002 dials the pickup code and takes the call (mod_dptools intercept).

    intercept answers the picker, bridges him with the caller (uuid_bridge) and ends the ringing phone with PICKED_OFF.
    """
    story = _at(0, created("a", user="1000"), state("a", "RINGING"), *dialled("b", "1001", "a"))
    story += _at(3 * S, created("p", user="1002"), state("p", "RINGING"), state("p", "ACTIVE"))
    story += ended(3 * S, "b", cause="PICKED_OFF") + _at(3 * S, state("a", "ACTIVE"), bridge("a", "p"))
    return story + ended(8 * S, "a", "p")


def three_way() -> Story:
    """1001 adds 1002 to the conversation with 1000 (att_xfer, key 0: `three_way`); then 1001 leaves, the others go on.

    The added leg eavesdrops with a voice: no CHANNEL_BRIDGE tells of it. The first bridge is made anew
    (switch_ivr_uuid_bridge); when one of its two hangs up, hanguphook bridges the added leg with the other.
    """
    story = asking() + _at(15 * S, unbridge("b", "c"), unbridge("a", "b")) + _at(15 * S + 60, bridge("b", "a"))
    story += ended(25 * S, "b") + _at(25 * S, unbridge("b", "a")) + _at(25 * S + 60, bridge("c", "a"))
    return story + ended(35 * S, "a", "c")


def hunt_group(*, winner: str | None, fifo: bool = False) -> Story:
    """1000 dials a group whose phones are dialled with `:_:`; or waits in a fifo that has them all rung.

    switch_ivr_enterprise_originate and mod_fifo's ringall_thread_run originate without a session: Channel-Call-UUID is
    each leg's own. Only a variable tells for whom it is.
    """
    named: dict[str, Any] = {"fifo_caller" if fifo else "enterprise_caller": "a"}
    story = _at(0, created("a", user="1000"), state("a", "ACTIVE" if fifo else "RINGING"))
    phones = {"b": "1001", "c": "1002"}
    for uuid, user in phones.items():
        leg = created(uuid, user=user, by=uuid, **named), state(uuid, "RINGING", direction="outbound", call_uuid=uuid)
        story += _at(20, *leg)
    if winner is None:
        story += ended(8 * S, *phones, cause="NO_ANSWER")
        return story + _at(8 * S, hangup("a", "NORMAL_CLEARING", disposition="NO_ANSWER"))
    (loser,) = phones.keys() - {winner}
    story += _at(3 * S, state(winner, "ACTIVE", direction="outbound", call_uuid=winner))
    story += ended(3 * S, loser, cause="LOSE_RACE")
    story += _at(3 * S, state("a", "ACTIVE"), bridge(*(winner, "a") if fifo else ("a", winner)))
    return story + ended(9 * S, winner, "a")


def forwarded(*, answers: bool = True) -> Story:
    """1001 does not come to the phone, so 1002 is dialled: `bridge user/1001|user/1002` (call_no_answer, then fork)."""
    story = _at(0, created("a", user="1000"), state("a", "RINGING"), *dialled("b", "1001", "a"))
    story += ended(8 * S, "b", cause="NO_ANSWER") + _at(8 * S, *dialled("c", "1002", "a"))
    if answers:
        return story + _at(11 * S, *answered("a", "c")) + ended(20 * S, "c", "a")
    return story + ended(16 * S, "c", cause="NO_ANSWER") + _at(16 * S, hangup("a", disposition="NO_ANSWER"))


def picked_up_for_a_group() -> Story:
    """1001 rings, and whoever dials the group's code may take the call (`bridge user/1001,pickup/sales`): 1002 does.

    mod_dptools pickup_function: the pickup leg is marked answered, and the picker's takes its place (CF_CHANNEL_SWAP).
    """
    stand_in = created("s", by="a", destination="sales", channel="pickup/sales")
    story = _at(0, created("a", user="1000"), state("a", "RINGING"), *dialled("b", "1001", "a"), stand_in)
    story += _at(3 * S, created("p", user="1002"), state("p", "RINGING"), state("p", "ACTIVE"))
    story += _at(3 * S + 20, state("s", "ACTIVE", channel="pickup/sales")) + ended(3 * S + 20, "b", cause="LOSE_RACE")
    story += _at(3 * S + 20, state("a", "ACTIVE"), bridge("a", "p"))
    return story + ended(3 * S + 40, "s") + ended(9 * S, "a", "p")


def taken_over() -> Story:
    """1002 takes 1000 away from 1001, with whom it talks (mod_dptools intercept): 1001 is hung up with PICKED_OFF."""
    story = conversation("a", "1000", "b", "1001")
    story += _at(5 * S, created("p", user="1002"), state("p", "RINGING"), state("p", "ACTIVE"), unbridge("a", "b"))
    story += ended(5 * S, "b", cause="PICKED_OFF") + _at(5 * S + 60, bridge("p", "a"))
    return story + ended(20 * S, "a", "p")


def listened_to() -> Story:
    """1002 listens in on 1000 and 1001 (mod_dptools eavesdrop: a media bug, no bridge), or speaks along (three_way)."""
    story = conversation("a", "1000", "b", "1001")
    story += _at(5 * S, created("p", user="1002"), state("p", "RINGING"), state("p", "ACTIVE"))
    return story + ended(20 * S, "p") + ended(30 * S, "a", "b")


def into_a_conference() -> Story:
    """`uuid_transfer a -both conference`: both who talk are sent into one. Captured: conference, what a member does."""

    def meets(uuid: str, action: str) -> d.Event:
        return d.Meeting(
            name="CUSTOM",
            subclass="conference::maintenance",
            conference="3000",
            instance="i",
            uuid=uuid,
            action=action,
        )

    story = conversation("a", "1000", "b", "1001") + _at(5 * S, unbridge("a", "b"))
    story += _at(5 * S + 40, meets("", "conference-create"), meets("a", "add-member")) + _at(
        5 * S + 90, meets("b", "add-member")
    )
    story += _at(20 * S, meets("b", "del-member")) + ended(20 * S, "b")
    return story + _at(40 * S, meets("a", "del-member"), meets("", "conference-destroy")) + ended(40 * S, "a")


def loopback(*, bowout: bool, swapped: bool = False) -> Story:
    """1000 dials a number whose dialplan calls loopback/1001, which calls the phone of 1001.

    mod_loopback.c: the dialled half `-a` makes the half `-b`, an inbound leg that runs the dialplan; each names the
    other (other_loopback_leg_uuid) before its CREATE, and their two CREATEs race. When both ends are bridged to real
    legs, these are bridged with each other (uuid_bridge) and the halves hang up, by default with NORMAL_UNSPECIFIED.
    """
    half_a = created("la", by="a", destination="1001", loopback_twin="lb")
    half_b = created("lb", caller_number="1000", destination="1001", loopback_twin="la")
    halves = [half_b, half_a] if swapped else [half_a, half_b]
    story = _at(0, created("a", user="1000"), state("a", "RINGING"), *halves, state("lb", "RINGING"))
    story += _at(100, *dialled("c", "1001", "lb"), state("la", "RINGING", direction="outbound", call_uuid="a"))
    story += _at(2 * S, *answered("lb", "c"), *answered("a", "la"))
    if not bowout:
        return story + ended(9 * S, "c", "lb", "la", "a")
    story += _at(2100, unbridge("a", "la"), unbridge("lb", "c"), bridge("a", "c"))
    return story + ended(2120, "la", "lb", cause="NORMAL_UNSPECIFIED") + ended(9 * S, "c", "a")


def loopback_to_ivr() -> Story:
    """The same, but behind the loopback is an IVR: on execute, the real leg takes its place (loopback::bowout).

    mod_loopback.c, channel_on_execute with loopback_bowout_on_execute: the event names the half that resigns and the
    real leg, then that one runs the IVR and the halves hang up.
    """
    half_a = created("la", by="a", destination="5000", loopback_twin="lb")
    half_b = created("lb", caller_number="1000", destination="5000", loopback_twin="la")
    story = _at(0, created("a", user="1000"), state("a", "RINGING"), half_a, half_b, state("lb", "RINGING"))
    story += _at(S, state("lb", "ACTIVE"), *answered("a", "la"))
    story += _at(4 * S, d.Bowout(name="CUSTOM", subclass="loopback::bowout", resigning="lb", acquired="a"))
    story += ended(4 * S, "lb", "la", cause="NORMAL_UNSPECIFIED") + _at(4 * S, unbridge("a", "la"))
    return story + ended(9 * S, "a")


def renamed(uuid: str, old: str, offset: int) -> Story:
    """CHANNEL_UUID (switch_core_session_set_uuid): the leg is the same, its name is another from now on."""
    return _at(offset, d.Renamed(name="CHANNEL_UUID", uuid=uuid, old_uuid=old))


def without_create(uuids: Iterable[str]) -> Story:
    """A refused INVITE: only the end of a leg that never began. Captured in full by call_unallocated of INDEX.md."""
    return ended(0, *uuids, cause="CALL_REJECTED")


def gateway_down() -> Story:
    """1000 dials out and the gateway is down: no leg is made. Captured: gateway_down_up."""
    return _at(0, created("a", user="1000", destination="05551234"), state("a", "RINGING")) + _at(
        10, hangup("a", "GATEWAY_DOWN", disposition="GATEWAY_DOWN")
    )
