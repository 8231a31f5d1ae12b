"""The conference room: whoever comes first opens it, whoever leaves last closes it.

May NOT read a clock or an unseeded random number.
"""

from demo_switch import people
from demo_switch.model import Conference
from demo_switch.office import Office
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
    pbx.play(call, play, "join", "active", texts)
    yield office.between(20, 90)
    del room.members[member]
    play = "conference_first" if room.members else "conference_next"
    pbx.play(call, play, "leave", texts={"conference.size": str(len(room.members))})
    if not room.members:
        pbx.conference = None
    office.free(party)
