"""Conferences: who takes part, and who talks.

Pure. A member is a leg; each member's leg is a call of its own. Whoever is in a conference with somebody else has a
conversation (`meets`); who is alone in one hears music and waits.

Of who talks FreeSWITCH tells all the time, which says nothing of who is there: of that the list is believed even so.

An event that comes twice changes nothing. One that was lost is made up for by `conference json_list`, and by the
leg's hangup: who has hung up takes part in nothing.
"""

from collections.abc import Container, Iterable

from msgspec import Struct, field

from esl_publisher.decode import Meeting
from esl_publisher.snapshot import LAG_MS
from esl_publisher.tables import RoomRow
from lampfield_bus import messages as m
from lampfield_bus.instants import rfc3339
from lampfield_bus.topics import encode_name

__all__ = ["Conferences"]


class Room(Struct):
    """One conference. `members` are its legs and whether each talks; `since` is FreeSWITCH's time.

    Ours are `heard_at`, when something but talking was told of it last, and `talked_at`, when talking was.
    """

    since: int
    instance: str = ""
    members: dict[str, bool] = field(default_factory=dict)
    locked: bool = False
    recording: bool = False
    heard_at: int = 0
    talked_at: int = 0


class Conferences:
    """Rooms by name. `touched` are those to look at again, `moved` the legs; whoever reads them empties them."""

    def __init__(self) -> None:
        self._rooms: dict[str, Room] = {}
        self._room_of: dict[str, str] = {}
        self._closed_at: dict[str, int] = {}  # lately, our clock, by instance: no older list may bring them back
        self._earlier: dict[str, int] = {}  # since when the rooms of an earlier run are
        self.touched: set[str] = set()
        self.moved: set[str] = set()

    def receive(self, event: Meeting, at: int, moment: int) -> None:
        """Something happened in a conference. Raises ValueError for a name that no topic can carry."""
        name = event.conference
        encode_name(name)
        room = self._rooms.get(name)
        match event.action:
            case "conference-create" | "add-member":
                began = moment if event.action == "conference-create" else self._earlier.get(name, moment)
                room = self._rooms.setdefault(name, Room(began))
                room.instance = event.instance or room.instance
                if event.action == "add-member" and event.uuid:
                    self._enter(name, room, event.uuid, talking=event.talking == "true")
            case "conference-destroy":
                if room is not None and event.instance in {room.instance, ""}:
                    self._closed_at[room.instance] = at
                    self._close(name)
            case "del-member":
                self.leave(event.uuid)
            case "lock" | "unlock" if room is not None:
                room.locked = event.action == "lock"
            case "start-recording" | "stop-recording" if room is not None:
                room.recording = event.action == "start-recording"
            case _:
                if room is not None and event.uuid in room.members:  # every event of a member tells whether it talks
                    room.members[event.uuid] = event.talking == "true"
                    room.talked_at = at
                    self.touched.add(name)
                return
        if room is not None:
            room.heard_at = at
            self.touched.add(name)

    def leave(self, uuid: str) -> None:
        """This leg is in no conference, if it was in one."""
        name = self._room_of.pop(uuid, None)
        if name is not None:
            room = self._rooms[name]
            room.members.pop(uuid, None)
            self.touched.add(name)
            self.moved |= {uuid, *room.members}

    def rename(self, old: str, new: str) -> None:
        """A leg got another uuid."""
        name = self._room_of.pop(old, None)
        if name is not None:
            self._room_of[new] = name
            members = self._rooms[name].members
            members[new] = members.pop(old)

    def reconcile(self, rows: Iterable[RoomRow], asked_at: int, buried: Container[str]) -> None:
        """FreeSWITCH's list, but for rooms that were heard of since LAG_MS before it, and for `buried` legs."""
        self._closed_at = {instance: at for instance, at in self._closed_at.items() if at > asked_at - LAG_MS}
        told = {row.name: row for row in rows if row.instance not in self._closed_at}
        for name, room in list(self._rooms.items()):
            if name not in told and room.heard_at <= asked_at - LAG_MS:
                self._close(name)
        for row in told.values():
            if row.name not in self._rooms:
                began = self._earlier.get(row.name, asked_at - row.run_seconds * 1000)
                self._rooms[row.name] = Room(began)
            room = self._rooms[row.name]
            if room.heard_at <= asked_at - LAG_MS:
                room.instance, room.locked, room.recording = row.instance, row.locked, row.recording
                for uuid in room.members.keys() - {member.uuid for member in row.members}:
                    self.leave(uuid)
                heard = dict(room.members) if room.talked_at > asked_at - LAG_MS else {}
                for member in row.members:
                    if member.uuid not in buried:
                        self._enter(row.name, room, member.uuid, talking=heard.get(member.uuid, member.talking))
            self.touched.add(row.name)
        self._earlier.clear()
        self.moved.update(self._room_of)

    def restore(self, name: str, since: int) -> None:
        """An earlier run had published this conference."""
        self._earlier[name] = since

    def clear(self) -> None:
        """FreeSWITCH restarted."""
        self._earlier.clear()
        for name in list(self._rooms):
            self._close(name)

    def meets(self, uuid: str) -> bool:
        """Whether this leg is in a conference with somebody else."""
        name = self._room_of.get(uuid)
        return name is not None and len(self._rooms[name].members) > 1

    def message(self, name: str) -> m.Conference | None:
        """What stands in this conference's topic; None: nothing any more."""
        room = self._rooms.get(name)
        if room is None:
            return None
        return m.Conference(
            members=len(room.members),
            talking=sum(room.members.values()),
            locked=room.locked,
            recording=room.recording,
            since=rfc3339(room.since),
        )

    def shift(self, delta: int) -> None:
        """Our clock stepped."""
        self._closed_at = {instance: at + delta for instance, at in self._closed_at.items()}
        for room in self._rooms.values():
            room.heard_at += delta
            room.talked_at += delta

    def _enter(self, name: str, room: Room, uuid: str, *, talking: bool) -> None:
        if self._room_of.get(uuid) != name:
            self.leave(uuid)
        self._room_of[uuid] = name
        room.members[uuid] = talking
        self.moved.update(room.members)

    def _close(self, name: str) -> None:
        for uuid in list(self._rooms[name].members):
            self.leave(uuid)
        del self._rooms[name]
        self.touched.add(name)
