"""The live legs and calls: what each event does to them.

Pure. The one owner of both dicts; it notes what changed (`changes`), so nobody compares or copies the whole.

A leg stays in the call in which it was first seen: with its originator's, its caller's (an agent's leg), or its own.
Channel-Call-UUID is believed only then, because FreeSWITCH resets it around a hangup, at a varying moment. Calls merge
when legs of two are bridged: the older id lives.
"""

from msgspec.structs import replace

from esl_publisher.bridges import Bridges
from esl_publisher.calls import (
    MAX_LEGS,
    Answered,
    Call,
    CallState,
    Ended,
    Started,
    at_state,
    called,
    connected,
    joined,
    merged,
    opened,
    renamed,
    state_of,
)
from esl_publisher.causes import NO_GATEWAY, Ending
from esl_publisher.changes import Changes
from esl_publisher.graves import Graves
from esl_publisher.legs import Leg, is_through, person

__all__ = ["Ledger"]


class Ledger:
    """Live legs by uuid, live calls by id. `counts` are the calls by state, `changes` is for those who tell."""

    def __init__(self) -> None:
        self.legs: dict[str, Leg] = {}
        self.calls: dict[str, Call] = {}
        self.counts: dict[CallState, int] = dict.fromkeys(("ringing", "waiting", "active", "held"), 0)
        self.graves = Graves()
        self.retained: dict[str, Call] = {}  # of an earlier run: alive once one of their legs is found
        self._home: dict[str, str] = {}  # leg → call, also for legs that are not (yet) live
        self._by_user: dict[str, dict[str, None]] = {}
        self.changes = Changes()
        self._bridges = Bridges(self.legs, self.changes)

    def legs_of(self, user: str) -> list[Leg]:
        """An extension's live legs, oldest first."""
        uuids = self._by_user.get(user)
        return [self.legs[uuid] for uuid in uuids] if uuids else []

    def retain(self, call: Call) -> None:
        """A call that an earlier run published: it is the same call if one of its legs still lives."""
        self.retained[call.id] = call
        self._home.update(dict.fromkeys((call.id, *call.legs), call.id))

    # --- events -------------------------------------------------------------------------------------------------------

    def add(self, leg: Leg, moment: int) -> None:
        """A leg that was not live until now."""
        call_id = self._home_of(leg)
        leg = replace(leg, call=call_id)
        self.legs[leg.uuid] = leg
        self._home[leg.uuid] = call_id
        self._index(leg)
        call = self.calls.get(call_id)
        if call is not None:
            grown = joined(call, leg)
            for uuid in call.legs if len(call.legs) == len(grown.legs) else ():  # a crowded call forgot its second leg
                if uuid not in grown.legs:
                    self._home.pop(uuid, None)
            call = grown
        else:
            call = self._open(call_id, leg, moment)
        self._set(call, moment)
        self._ring(leg)
        # It may have been spoken of before it was heard of: then its originator may be at home in another call.
        self.link(leg.originator or "", leg.uuid, moment)

    def _open(self, call_id: str, leg: Leg, moment: int) -> Call:
        former = self.retained.pop(call_id, None)
        call = joined(former, leg) if former is not None else opened(call_id, leg)
        self.calls[call_id] = call
        self.counts[call.state] += 1
        if former is None:
            self.changes.facts.append(Started(call, moment))
        return call

    def _home_of(self, leg: Leg) -> str:
        for uuid in (leg.uuid, leg.originator):
            if uuid is not None and uuid in self.legs:
                return self.legs[uuid].call
            if uuid is not None and uuid in self._home:
                return self._home[uuid]
        if leg.originator is None or leg.originator in self.graves:
            return leg.uuid
        self._home[leg.originator] = leg.originator  # not heard of yet: when it is, it is at home here
        return leg.originator

    def update(self, leg: Leg, at: int, moment: int) -> None:
        """A live leg's new value: its stage, or more of who it is."""
        old = self.legs[leg.uuid]
        self.legs[leg.uuid] = leg
        if old.user != leg.user:
            self._unindex(old)
            self._index(leg)
        elif old.stage != leg.stage:
            self.changes.touch(leg)
        if leg.stage == "seeking" and (leg.partner is not None or leg.conferring):
            self._bridges.leave(leg, at)
        elif leg.left is not None and leg.partner is None:
            self._bridges.resume(leg.uuid)
        elif leg.partner is not None and not leg.talking and not leg.loose:
            self._talk(leg.uuid, leg.partner)
        if not old.rang or old.user != leg.user:
            self._ring(leg)
        call = self.calls[leg.call]
        self._set(call if call.gateway or not leg.gateway else replace(call, gateway=leg.gateway), moment)

    def link(self, one: str, other: str, moment: int) -> None:
        """Two legs are of one call (loopback::bowout); nothing, if either is not live."""
        if one in self.legs and other in self.legs and self.legs[one].call != self.legs[other].call:
            self._set(self.calls[self._merge(self.legs[one].call, self.legs[other].call, moment)], moment)

    def bridge(self, a: str, b: str, at: int, moment: int) -> None:
        """Two legs are bridged; nothing, if either is not live (a snapshot will tell)."""
        if a not in self.legs or b not in self.legs or a == b:
            return
        if self.legs[a].call != self.legs[b].call:
            self._merge(self.legs[a].call, self.legs[b].call, moment)
        self._bridges.join(a, b, at)
        self._bridges.join(b, a, at)
        self._talk(a, b)
        call = self.calls[self.legs[a].call]
        people = person(self.legs[a], self.legs), person(self.legs[b], self.legs)
        if people[0] is not None and people[1] is not None and people[0] is not people[1]:
            call = connected(call, people[0], people[1])
        self._set(call, moment)

    def unbridge(self, a: str, b: str, at: int, *, heard: bool = True) -> None:
        """Two legs are no longer bridged; an empty `b` is whoever `a` was bridged with. `heard`: an event says so."""
        self._bridges.unjoin(a, b, at, heard=heard)

    def hang_up(self, ending: Ending, at: int, moment: int) -> None:
        """A leg hung up. A leg that was not live is buried all the same: nothing may bring it back."""
        self.graves.bury(ending.uuid, at)
        leg = self.legs.pop(ending.uuid, None)
        if leg is None:
            return
        self._bridges.loose.pop(leg.uuid, None)
        self._unindex(leg)
        call = self.calls[leg.call]
        if leg.partner in self.legs and leg.loopback and call.state not in {"active", "held"}:
            self._bridges.part(leg.partner)  # nobody was at the pipe's other end
        elif leg.partner is not None:
            self._bridges.loosen(leg.partner, at)
        live = tuple(uuid for uuid in call.live if uuid != leg.uuid)
        # It was to go out, and no leg of it did: only the ending of the leg that dialled tells.
        external = call.external or ending.gateway is not None or ending.cause in NO_GATEWAY
        endings = (*call.endings[1 - MAX_LEGS :], ending)
        call = replace(
            call,
            live=live,
            external=external,
            gateway=call.gateway or ending.gateway,
            endings=endings,
            sip_call_ids=called(call.sip_call_ids, ending.sip_call_id),
        )
        if live:
            self._set(call, moment)
        else:
            self._close(call, moment, None)

    def rename(self, old: str, new: str, at: int, moment: int) -> None:
        """A live leg got another uuid (CHANNEL_UUID); its call keeps its id. An earlier snapshot lacks it."""
        if old not in self.legs or old == new:
            return
        if new in self.legs:
            self._unite(old, new, moment)
        leg = self.legs.pop(old)
        self.graves.bury(old, at)
        self._unindex(leg)
        leg = replace(leg, uuid=new, seen_at=at, heard_at=at)
        self.legs[new] = leg
        self._home[new] = leg.call
        if old != leg.call:
            self._home.pop(old, None)
        self._index(leg)
        loose = self._bridges.loose
        if old in loose:
            loose[new] = loose.pop(old)
        call = self.calls[leg.call]
        for uuid in call.live:
            other = self.legs.get(uuid)
            if other is not None and old in {other.partner, other.left, other.originator}:
                self.legs[uuid] = replace(
                    other,
                    partner=new if other.partner == old else other.partner,
                    left=new if other.left == old else other.left,
                    originator=new if other.originator == old else other.originator,
                )
        self._set(renamed(call, old, new), moment)

    def confer(self, uuid: str, at: int, moment: int, *, meets: bool) -> None:
        """A leg is in a conference with somebody else, or no longer is: then, as after a bridge, it likely hangs up."""
        leg = self.legs.get(uuid)
        if leg is None or (leg.conferring and not leg.loose) == meets:
            return
        if meets:
            self.settle(uuid, moment)
            self.legs[uuid] = replace(self.legs[uuid], conferring=True, talked=True)
            self._set(replace(self.calls[leg.call], talked=frozenset((uuid,))), moment)
        elif leg.conferring:
            self._bridges.loosen(uuid, at)

    def has_talked(self, uuid: str, moment: int) -> None:
        """A live leg was in a bridge that now waits: nobody heard of it then, but it rings for nobody."""
        leg = self.legs[uuid]
        self.legs[uuid] = replace(leg, talked=True)
        self.changes.touch(leg)
        self._set(self.calls[leg.call], moment)

    def settle(self, uuid: str, moment: int) -> None:
        """A leg is somewhere else for sure: whatever it was in is over."""
        leg = self.legs.get(uuid)
        if leg is not None and (leg.partner is not None or leg.conferring):
            self._bridges.part(uuid)
            self._set(self.calls[leg.call], moment)

    def queue(self, uuid: str, name: str | None, moment: int) -> None:
        """The leg is in this queue and waits there; None: no longer. Nothing, if it is not live."""
        leg = self.legs.get(uuid)
        if leg is not None:
            call = self.calls[leg.call]
            queued = replace(call, queue=name or call.queue, queued=name is not None)
            if queued != call:
                self.calls[call.id] = queued
                self._set(queued, moment)

    def close_retained(self, moment: int, ending: Ending | None = None) -> None:
        """The calls of an earlier run of which no leg was found: they ended while nobody looked."""
        for call in list(self.retained.values()):
            self._close(call if ending is None else replace(call, endings=(ending,)), moment, None)
        self.retained.clear()

    # --- time ---------------------------------------------------------------------------------------------------------

    def due(self) -> int | None:
        """When the next loose bridge is over."""
        return self._bridges.due()

    def tick(self, at: int) -> None:
        """Loose bridges whose time has passed are over."""
        for uuid in self._bridges.expire(at):
            self._set(self.calls[self.legs[uuid].call], at)

    def shift(self, delta: int) -> None:
        """Our clock stepped: what is stamped with it moves along."""
        self._bridges.shift(delta)
        self.graves.shift(delta)
        for uuid, leg in self.legs.items():
            self.legs[uuid] = replace(leg, seen_at=leg.seen_at + delta, heard_at=leg.heard_at and leg.heard_at + delta)

    # --- inside -------------------------------------------------------------------------------------------------------

    def _talk(self, a: str, b: str) -> None:
        if not self._bridges.talk(a, b):
            return
        one, other = self.legs[a], self.legs[b]
        if all(not leg.loopback or is_through(leg, self.legs) for leg in (one, other)):
            self.calls[one.call] = replace(self.calls[one.call], talked=frozenset((a, b)), rung=())

    def _ring(self, leg: Leg) -> None:
        call = self.calls[leg.call]
        if leg.rang and not leg.talked and leg.user is not None and leg.user not in call.rung:
            self.calls[call.id] = replace(call, rung=(*call.rung, leg.user))

    def _set(self, call: Call, moment: int) -> None:
        before = self.calls[call.id]
        legs = [self.legs[uuid] for uuid in call.live]
        state = state_of(call, legs, self.legs)
        if state != call.state or not call.rang:  # else nothing that follows from them has changed
            call = at_state(call, state, legs, moment)
            if call.answered_at is not None and before.answered_at is None:
                self.changes.facts.append(Answered(call, moment))
        self.calls[call.id] = call
        self.changes.calls.add(call.id)
        if state != before.state:
            self.counts[before.state] -= 1
            self.counts[state] += 1
        elif call.live == before.live:
            return
        # A lamp shows its leg, and of the call this much; who changes a leg touches its lamp.
        self.changes.users.update([leg.user for leg in legs if leg.user is not None])

    def _merge(self, one: str, other: str, moment: int) -> str:
        older, newer = sorted((self.calls[one], self.calls[other]), key=lambda call: call.started_at)
        for uuid in (*older.live, *newer.live):
            self.legs[uuid] = replace(self.legs[uuid], call=older.id)
            self.changes.touch(self.legs[uuid])
        whole = self.calls[older.id] = merged(older, newer)
        newer = replace(newer, answered_at=moment if newer.answered_at is None else newer.answered_at)
        self._close(newer, moment, older.id)
        for uuid in older.legs:  # a crowded call forgets some of them
            self._home.pop(uuid, None)
        self._home.update(dict.fromkeys(whole.legs, older.id))
        return older.id

    def _unite(self, uuid: str, twin: str, moment: int) -> None:
        # A snapshot told of the leg's new name before its event did: one leg that stands here twice.
        if self.legs[uuid].call != self.legs[twin].call:
            self._merge(self.legs[uuid].call, self.legs[twin].call, moment)
        self._bridges.part(twin)
        gone = self.legs.pop(twin)
        self._unindex(gone)
        call = self.calls[gone.call]
        without = (tuple(other for other in those if other != twin) for those in (call.legs, call.live))
        self.calls[call.id] = replace(call, legs=next(without), live=next(without))

    def _close(self, call: Call, moment: int, merged_into: str | None) -> None:
        if call.id in self.calls:
            self.counts[self.calls.pop(call.id).state] -= 1
        for uuid in (call.id, *call.legs):
            self._home.pop(uuid, None)
        self.changes.facts.append(Ended(call, moment, merged_into))
        self.changes.calls.add(call.id)

    def _index(self, leg: Leg) -> None:
        if leg.user is not None:
            self._by_user.setdefault(leg.user, {})[leg.uuid] = None
            self.changes.users.add(leg.user)

    def _unindex(self, leg: Leg) -> None:
        if leg.user is not None:
            self._by_user[leg.user].pop(leg.uuid, None)
            if not self._by_user[leg.user]:
                del self._by_user[leg.user]
            self.changes.users.add(leg.user)
