"""The kinds of call, but for the queue's, that this office has, each from its first event to its last.

May NOT read a clock or an unseeded random number. The order of a call's events is that of the capture its play is cut
from.
"""

from demo_switch import people
from demo_switch.office import Office
from demo_switch.people import Party
from demo_switch.schedule import Story

# What people outside dial to reach the office.
OFFICE_NUMBER = "+442079460000"


def internal(office: Office) -> Story:
    """One desk calls another, they talk, the caller hangs up."""
    for caller, callee in _pairs(office):
        yield from _talk(office, caller, callee, callee.number)
        office.free(caller, callee)


def inbound(office: Office) -> Story:
    """Somebody outside calls a desk, which answers, or does not."""
    if not office.pbx.gateway_up:
        return
    for callee in office.take(1):
        caller = people.outside(office.rng)
        if office.chance(0.7):
            yield from _talk(office, caller, callee, OFFICE_NUMBER)
        else:
            yield from _unanswered(office, caller, callee, OFFICE_NUMBER)
        office.free(callee)


def outbound(office: Office) -> Story:
    """A desk calls somebody outside; while the gateway is down that fails at once."""
    for caller in office.take(1):
        callee = people.outside(office.rng)
        if office.pbx.gateway_up:
            yield from _talk(office, caller, callee, f"0{callee.number}")
        else:
            call = office.pbx.begin("outbound", caller, callee, f"0{callee.number}")
            office.pbx.play(call, "gateway_down", "ring", "ringing")
            yield 0.1
            office.pbx.play(call, "gateway_down", "end")
        office.free(caller)


def held(office: Office) -> Story:
    """They talk, the caller holds and comes back, and maybe the callee does the same."""
    for caller, callee in _pairs(office):
        pbx = office.pbx
        call = pbx.begin("held", caller, callee, callee.number)
        pbx.play(call, "held", "ring", "ringing")
        yield office.ring_seconds()
        pbx.play(call, "held", "answer", "active")
        for who in ("", "_callee") if office.chance(0.4) else ("",):
            yield office.between(4, 12)
            pbx.play(call, "held", f"hold{who}", "held")
            yield office.between(5, 15)
            pbx.play(call, "held", f"unhold{who}", "active")
        yield office.between(4, 20)
        pbx.play(call, "held", "end")
        office.free(caller, callee)


def transfer(office: Office) -> Story:
    """The caller sends the callee on to a third desk, which answers at once."""
    took = office.take(3)
    if not took:
        return
    caller, callee, third = took
    pbx = office.pbx
    call = pbx.begin("transfer", caller, callee, callee.number, third)
    pbx.play(call, "transfer", "ring", "ringing")
    yield office.ring_seconds()
    pbx.play(call, "transfer", "answer", "active")
    yield office.between(5, 15)
    pbx.play(call, "transfer", "transfer", "active")
    office.free(caller)
    yield office.talk_seconds()
    pbx.play(call, "transfer", "end")
    office.free(callee, third)


def busy(office: Office) -> Story:
    """A desk calls one that is in a call and answers 486."""
    talking = office.talking()
    if talking:
        callee = office.rng.choice(talking)
        for caller in office.take(1):
            yield from _refused(office, "busy", caller, callee)
            office.free(caller)


def rejected(office: Office) -> Story:
    """A desk calls another, which answers 603."""
    for caller, callee in _pairs(office):
        yield from _refused(office, "rejected", caller, callee)
        office.free(caller, callee)


def no_answer(office: Office) -> Story:
    """It rings, and nobody comes."""
    for caller, callee in _pairs(office):
        yield from _unanswered(office, caller, callee, callee.number)
        office.free(caller, callee)


def voicemail(office: Office) -> Story:
    """A desk leaves a message in another's mailbox, which is heard some time later."""
    for caller, owner in _pairs(office):
        office.free(owner)
        pbx = office.pbx
        call = pbx.begin("voicemail", caller, owner, f"*99{owner.number}")
        pbx.play(call, "voicemail", "ring", "waiting")
        yield office.between(6, 20)
        new, saved = pbx.mailboxes.get(owner.number, [0, 0])
        pbx.mailboxes[owner.number] = [new + 1, saved]
        pbx.play(call, "voicemail", "end", texts=pbx.mailbox_texts(owner))
        office.free(caller)
        yield office.between(30, 120)
        new, saved = pbx.mailboxes[owner.number]
        pbx.mailbox(owner, 0, saved + new)
        yield office.between(5, 20)
        pbx.mailbox(owner, pbx.mailboxes[owner.number][0], 0)


def _pairs(office: Office) -> list[tuple[Party, Party]]:
    """Two free desks: one pair, or none when there are not two."""
    took = office.take(2)
    return [(took[0], took[1])] if took else []


def _talk(office: Office, caller: Party, callee: Party, dialled: str) -> Story:
    pbx = office.pbx
    kind = "inbound" if caller.outside else "outbound" if callee.outside else "internal"
    call = pbx.begin(kind, caller, callee, dialled)
    pbx.play(call, "bridged", "ring", "ringing")
    yield office.ring_seconds()
    pbx.play(call, "bridged", "answer", "active")
    yield office.talk_seconds()
    pbx.play(call, "bridged", "end")


def _unanswered(office: Office, caller: Party, callee: Party, dialled: str) -> Story:
    call = office.pbx.begin("no_answer", caller, callee, dialled)
    office.pbx.play(call, "no_answer", "ring", "ringing")
    yield office.between(8, 20)
    office.pbx.play(call, "no_answer", "end")


def _refused(office: Office, play: str, caller: Party, callee: Party) -> Story:
    call = office.pbx.begin(play, caller, callee, callee.number)
    office.pbx.play(call, play, "ring", "ringing")
    yield office.between(0.2, 1.0)
    office.pbx.play(call, play, "end")
