"""The conference room: whoever comes first opens it and waits, whoever leaves last closes it.

May NOT read a clock or an unseeded random number.
"""

from demo_switch import people
from demo_switch.model import Conference
from demo_switch.office import Office
from demo_switch.pbx import Pbx
from demo_switch.people import Party
from demo_switch.schedule import Story


def conference(office: Office) -> Story:
    """Two to four desks meet in the room."""
    for party in office.take(office.rng.randint(2, 4)):
        office.spawn(_attend(office, party), office.between(0, 12))
    yield from ()


def _attend(office: Office, party: Party) -> Story:
    pbx = office.pbx
    call = pbx.begin("conference", party, None, people.CONFERENCE)
    play = "conference_next" if pbx.conference else "conference_first"
    room = pbx.conference = pbx.conference or Conference(pbx.uuid(), pbx.now)
    member, room.next_member = room.next_member, room.next_member + 1
    room.members[member] = call
    texts = {"conference": room.uuid, "member.id": str(member), "conference.size": str(len(room.members))}
    pbx.play(call, play, "join", _state(room), texts)
    _tell(pbx, room)
    yield office.between(20, 90)
    del room.members[member]
    play = "conference_first" if room.members else "conference_next"
    pbx.play(call, play, "leave", texts={"conference.size": str(len(room.members))})
    if not room.members:
        pbx.conference = None
    _tell(pbx, room)
    office.free(party)


def _state(room: Conference) -> str:
    return "active" if len(room.members) > 1 else "waiting"


def _tell(pbx: Pbx, room: Conference) -> None:
    """Who is alone waits; who no longer is talks."""
    for call in room.members.values():
        pbx.enter(call, _state(room))
