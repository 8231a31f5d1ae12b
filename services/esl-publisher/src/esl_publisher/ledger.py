"""The live legs and calls: what each event does to them.

Pure. The one owner of both dicts; it notes what changed (`take`), so nobody compares or copies the whole.

A leg stays in the call in which it was first seen: with its originator's, its caller's (an agent's leg), or its own.
Channel-Call-UUID is believed only then, because FreeSWITCH resets it around a hangup, at a varying moment. Calls merge
when legs of two are bridged: the older id lives.
"""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from esl_publisher.calls import (
    MAX_LEGS,
    Answered,
    Call,
    CallFact,
    CallState,
    Ended,
    Started,
    connected,
    joined,
    opened,
    remembered,
    state_of,
)
from esl_publisher.causes import NO_GATEWAY, Ending
from esl_publisher.graves import Graves
from esl_publisher.legs import Leg

__all__ = ["SETTLE_MS", "Changes", "Ledger"]

# FreeSWITCH tells that a bridge came apart (UNBRIDGE, or one leg's HANGUP) before it tells what becomes of the legs.
# Most hang up too, within 20 ms; then people saw one call end, not a call that waited for a moment. So a talking leg
# whose bridge came loose goes on talking until it hangs up, is bridged again, goes looking for another (RING_WAIT), or
# until this time has passed: then it waits (an IVR, a park).
SETTLE_MS: Final = 2_000


class Changes(Struct, frozen=True):
    """What happened since the last `take`: the facts in order, and the ids and extensions to look at again."""

    facts: list[CallFact]
    calls: set[str]
    users: set[str]


class Ledger:
    """Live legs by uuid, live calls by id. `counts` are the calls by state."""

    def __init__(self) -> None:
        self.legs: dict[str, Leg] = {}
        self.calls: dict[str, Call] = {}
        self.counts: dict[CallState, int] = dict.fromkeys(("ringing", "waiting", "active", "held"), 0)
        self.graves = Graves()
        self.retained: dict[str, Call] = {}  # of an earlier run: alive once one of their legs is found
        self._home: dict[str, str] = {}  # leg → call, also for legs that are not (yet) live
        self._by_user: dict[str, dict[str, None]] = {}
        self._loose: dict[str, int] = {}  # leg → when its loose bridge is over, our clock
        self._changes = Changes([], set(), set())

    def take(self) -> Changes:
        """What changed since the last time."""
        changes, self._changes = self._changes, Changes([], set(), set())
        return changes

    def legs_of(self, user: str) -> Iterator[Leg]:
        """An extension's live legs, oldest first."""
        return (self.legs[uuid] for uuid in self._by_user.get(user, ()))

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
            self._set(grown, moment)
            self._ring(leg)
            self._reunite(leg, moment)
            return
        former = self.retained.pop(call_id, None)
        call = joined(former, leg) if former is not None else opened(call_id, leg)
        self.calls[call_id] = call
        self.counts[call.state] += 1
        if former is None:
            self._changes.facts.append(Started(call, moment))
        self._set(call, moment)
        self._ring(leg)
        self._reunite(leg, moment)

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
        if leg.stage == "seeking" and leg.partner is not None:
            self._leave(leg, at)
        elif leg.partner is not None and not leg.talking and not leg.loose:
            self._talk(leg.uuid, leg.partner)
        if not old.rang or old.user != leg.user:
            self._ring(leg)
        self._set(self.calls[leg.call], moment)

    def link(self, one: str, other: str, moment: int) -> None:
        """Two legs are of one call (loopback::bowout); nothing, if either is not live."""
        if one in self.legs and other in self.legs and self.legs[one].call != self.legs[other].call:
            self._unite(self.legs[one].call, self.legs[other].call, moment)

    def bridge(self, a: str, b: str, at: int, moment: int) -> None:
        """Two legs are bridged; nothing, if either is not live (a snapshot will tell)."""
        if a not in self.legs or b not in self.legs or a == b:
            return
        if self.legs[a].call != self.legs[b].call:
            self._merge(self.legs[a].call, self.legs[b].call, moment)
        for uuid, other in ((a, b), (b, a)):
            if self.legs[uuid].partner not in {None, other}:
                self._part(uuid)
            self._loose.pop(uuid, None)
            self.legs[uuid] = replace(self.legs[uuid], partner=other, loose=False, heard_at=at)
        self._talk(a, b)
        call = self.calls[self.legs[a].call]
        people = self._person(a), self._person(b)
        if people[0] is not None and people[1] is not None and people[0] is not people[1]:
            call = connected(call, people[0], people[1])
        self._set(call, moment)

    def unbridge(self, a: str, b: str, at: int) -> None:
        """Two legs are no longer bridged; an empty `b` is whoever `a` was bridged with."""
        for uuid, other in ((a, b), (b, a)):
            leg = self.legs.get(uuid)
            if leg is not None and leg.partner is not None and other in {leg.partner, ""}:
                self._loosen(leg.uuid, at)
                if not other:
                    self._loosen(leg.partner, at)

    def hang_up(self, ending: Ending, at: int, moment: int) -> None:
        """A leg hung up. A leg that was not live is buried all the same: nothing may bring it back."""
        self.graves.bury(ending.uuid, at)
        leg = self.legs.pop(ending.uuid, None)
        if leg is None:
            return
        self._loose.pop(leg.uuid, None)
        self._unindex(leg)
        call = self.calls[leg.call]
        if leg.partner in self.legs and leg.loopback and call.state not in {"active", "held"}:
            self._part(leg.partner)  # nobody was at the pipe's other end
        elif leg.partner is not None:
            self._loosen(leg.partner, at)
        live = tuple(uuid for uuid in call.live if uuid != leg.uuid)
        external = call.external or ending.cause in NO_GATEWAY
        call = replace(call, live=live, external=external, endings=(*call.endings[1 - MAX_LEGS :], ending))
        if live:
            self._set(call, moment)
        else:
            self._close(call, moment, None)

    def rename(self, old: str, new: str, at: int, moment: int) -> None:
        """A live leg got another uuid (CHANNEL_UUID); its call keeps its id."""
        if old not in self.legs or old == new:
            return
        if new in self.legs:  # it was heard of by its new name first
            self.link(old, new, moment)
            self.hang_up(Ending(uuid=old, originated=False, agent=False, answered=False), at, moment)
            return
        leg = self.legs.pop(old)
        self.graves.bury(old, at)
        self._unindex(leg)
        leg = replace(leg, uuid=new)
        self.legs[new] = leg
        self._home[new] = leg.call
        if old != leg.call:
            self._home.pop(old, None)
        self._index(leg)
        if old in self._loose:
            self._loose[new] = self._loose.pop(old)
        call = self.calls[leg.call]
        for uuid in call.live:
            other = self.legs.get(uuid)
            if other is not None and old in {other.partner, other.originator}:
                self.legs[uuid] = replace(
                    other,
                    partner=new if other.partner == old else other.partner,
                    originator=new if other.originator == old else other.originator,
                )

        def renamed(uuid: str) -> str:
            return new if uuid == old else uuid

        self._set(
            replace(
                call,
                legs=tuple(map(renamed, call.legs)),
                live=tuple(map(renamed, call.live)),
                caller_leg=renamed(call.caller_leg),
                talked=frozenset(map(renamed, call.talked)),
            ),
            moment,
        )

    def close_retained(self, moment: int, ending: Ending | None = None) -> None:
        """The calls of an earlier run of which no leg was found: they ended while nobody looked."""
        for call in list(self.retained.values()):
            self._close(call if ending is None else replace(call, endings=(ending,)), moment, None)
        self.retained.clear()

    # --- time ---------------------------------------------------------------------------------------------------------

    def due(self) -> int | None:
        """When the next loose bridge is over."""
        return min(self._loose.values(), default=None)

    def tick(self, at: int) -> None:
        """Loose bridges whose time has passed are over."""
        for uuid in [uuid for uuid, deadline in self._loose.items() if deadline <= at]:
            leg = self.legs.get(uuid)
            self._loose.pop(uuid, None)
            if leg is not None and leg.loose:
                self._part(uuid)
                self._set(self.calls[leg.call], at)

    def shift(self, delta: int) -> None:
        """Our clock stepped: what is stamped with it moves along."""
        self._loose = {uuid: deadline + delta for uuid, deadline in self._loose.items()}
        self.graves.shift(delta)
        for uuid, leg in self.legs.items():
            self.legs[uuid] = replace(leg, seen_at=leg.seen_at + delta, heard_at=leg.heard_at + delta)

    # --- inside -------------------------------------------------------------------------------------------------------

    def _talk(self, a: str, b: str) -> None:
        one, other = self.legs.get(a), self.legs.get(b)
        if one is None or other is None or other.partner != a or not (one.answered and other.answered):
            return
        for leg in (one, other):
            self.legs[leg.uuid] = replace(leg, talking=True, talked=True)
        if all(not leg.loopback or self._is_through(leg) for leg in (one, other)):
            self.calls[one.call] = replace(self.calls[one.call], talked=frozenset((a, b)), rung=())

    def _is_through(self, pipe: Leg) -> bool:
        twin = self.legs.get(pipe.twin or "")
        return twin is not None and twin.talking

    def _person(self, uuid: str) -> Leg | None:
        # Whoever is at this end of a bridge: behind a loopback's leg, who the other half is bridged with or dialled by.
        leg = self.legs[uuid]
        if not leg.loopback:
            return leg
        twin = self.legs.get(leg.twin or "")
        far = None if twin is None else self.legs.get(twin.partner or twin.originator or "")
        return None if far is None or far.loopback else far

    def _ring(self, leg: Leg) -> None:
        call = self.calls[leg.call]
        if leg.rang and not leg.talked and leg.user is not None and leg.user not in call.rung:
            self.calls[call.id] = replace(call, rung=(*call.rung, leg.user))

    def _reunite(self, leg: Leg, moment: int) -> None:
        # A leg that had been spoken of before it was heard of: its originator may be at home in another call.
        originator = self.legs.get(leg.originator or "")
        if originator is not None and originator.call != leg.call:
            self._unite(originator.call, leg.call, moment)

    def _unite(self, one: str, other: str, moment: int) -> None:
        self._set(self.calls[self._merge(one, other, moment)], moment)

    def _loosen(self, uuid: str, at: int) -> None:
        leg = self.legs.get(uuid)
        if leg is not None and leg.partner is not None and not leg.loose:
            self.legs[uuid] = replace(leg, loose=True)
            self._loose[uuid] = at + SETTLE_MS

    def _leave(self, leg: Leg, at: int) -> None:
        # It goes looking for another leg. What becomes of the one it leaves is not told yet.
        self._loosen(leg.partner or "", at)
        self._loose.pop(leg.uuid, None)
        self.legs[leg.uuid] = replace(leg, partner=None, talking=False, loose=False)

    def _part(self, uuid: str) -> None:
        leg = self.legs[uuid]
        for each in (leg, self.legs.get(leg.partner or "")):
            if each is not None and (each is leg or each.partner == uuid):
                self._loose.pop(each.uuid, None)
                self.legs[each.uuid] = replace(each, partner=None, talking=False, loose=False)

    def _set(self, call: Call, moment: int) -> None:
        before = self.calls[call.id]
        legs = [self.legs[uuid] for uuid in call.live]
        state = state_of(call, self.legs)
        answered_at = call.answered_at
        if answered_at is None and state in {"active", "held"}:
            answered_at = moment
        call = replace(
            call,
            state=state,
            answered_at=answered_at,
            rang=call.rang or any(leg.rang for leg in legs),
            waited=call.waited or state == "waiting",
        )
        self.calls[call.id] = call
        self.counts[before.state] -= 1
        self.counts[state] += 1
        if answered_at is not None and before.answered_at is None:
            self._changes.facts.append(Answered(call, moment))
        self._changes.calls.add(call.id)
        self._changes.users.update(leg.user for leg in legs if leg.user is not None)

    def _merge(self, one: str, other: str, moment: int) -> str:
        older, newer = sorted((self.calls[one], self.calls[other]), key=lambda call: call.started_at)
        for uuid in newer.live:
            self.legs[uuid] = replace(self.legs[uuid], call=older.id)
        self.calls[older.id] = replace(
            older,
            legs=remembered(dict.fromkeys((*older.legs, *newer.legs))),
            live=(*older.live, *newer.live),
            gateway=older.gateway or newer.gateway,
            external=older.external or newer.external,
            queue=older.queue or newer.queue,
            users=tuple(dict.fromkeys((*older.users, *newer.users))),
            endings=(*older.endings, *newer.endings)[-MAX_LEGS:],
            rung=tuple(dict.fromkeys((*older.rung, *newer.rung))),
            rang=older.rang or newer.rang,
            waited=older.waited or newer.waited,
        )
        newer = replace(newer, answered_at=moment if newer.answered_at is None else newer.answered_at)
        self._close(newer, moment, older.id)
        for uuid in newer.legs:
            self._home[uuid] = older.id
        return older.id

    def _close(self, call: Call, moment: int, merged_into: str | None) -> None:
        if call.id in self.calls:
            self.counts[self.calls.pop(call.id).state] -= 1
        for uuid in (call.id, *call.legs):
            self._home.pop(uuid, None)
        self._changes.facts.append(Ended(call, moment, merged_into))
        self._changes.calls.add(call.id)

    def _index(self, leg: Leg) -> None:
        if leg.user is not None:
            self._by_user.setdefault(leg.user, {})[leg.uuid] = None
            self._changes.users.add(leg.user)

    def _unindex(self, leg: Leg) -> None:
        if leg.user is not None:
            self._by_user[leg.user].pop(leg.uuid, None)
            if not self._by_user[leg.user]:
                del self._by_user[leg.user]
            self._changes.users.add(leg.user)
