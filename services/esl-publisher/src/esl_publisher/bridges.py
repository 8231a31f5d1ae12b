"""Who is bridged with whom, and how that comes apart: FreeSWITCH tells the end of a bridge before what follows.

Pure. `Bridges` changes the ledger's legs; what that makes of their calls is the ledger's to say.

Most legs hang up within 20 ms after their bridge came apart (UNBRIDGE, or the other one's HANGUP): then people saw one
call end, not a call that waited for a moment. So a talking leg whose bridge came loose goes on talking until it hangs
up, is bridged again, goes looking for another (RING_WAIT), or until SETTLE_MS have passed: then it waits (an IVR, a
park). So does a leg whose conference is over.

A leg may be bridged with another while its first bridge waits (mod_dptools att_xfer: the transferrer asks the target
first). No event tells of that when it begins, and when the second one is over, there need be none either: the first
goes on. `Leg.left` is whoever waits there, for as long as nobody tells that that bridge came apart, too.
"""

from collections.abc import MutableMapping
from typing import Final

from msgspec.structs import replace

from esl_publisher.changes import Changes
from esl_publisher.legs import Leg

__all__ = ["SETTLE_MS", "Bridges"]

SETTLE_MS: Final = 2_000


class Bridges:
    """The bridges of these legs. Whoever talks or no longer talks is noted in `changes`. Instants are ms, our clock."""

    def __init__(self, legs: MutableMapping[str, Leg], changes: Changes) -> None:
        self._legs = legs
        self._changes = changes
        self.loose: dict[str, int] = {}  # leg → when its loose bridge is over

    def join(self, uuid: str, other: str, at: int) -> None:
        """This leg is bridged with the other from now on. Both live."""
        leg = self._legs[uuid]
        left = None if leg.left == other else leg.left
        if leg.partner not in {None, other}:
            left = None if leg.loose else leg.partner
            self.part(uuid)
        self.loose.pop(uuid, None)
        leg = self._legs[uuid]
        self._legs[uuid] = replace(leg, partner=other, conferring=False, loose=False, left=left, heard_at=at)

    def talk(self, a: str, b: str) -> bool:
        """They talk, if they are bridged and both have answered; whether they do."""
        one, other = self._legs.get(a), self._legs.get(b)
        if one is None or other is None or other.partner != a or not (one.answered and other.answered):
            return False
        for leg in (one, other):
            self._legs[leg.uuid] = replace(leg, talking=True, talked=True)
            self._changes.touch(leg)
        return True

    def unjoin(self, a: str, b: str, at: int, *, heard: bool) -> None:
        """Two legs are no longer bridged; an empty `b` is whoever `a` was bridged with. `heard`: an event says so."""
        first = self._legs.get(a)
        b = b or (first and (first.partner or first.left)) or ""
        for uuid, other in ((a, b), (b, a)):
            leg = self._legs.get(uuid)
            if leg is not None and leg.left == other:
                self._legs[uuid] = replace(leg, left=None)
            elif leg is not None and leg.partner == other:
                self.loosen(uuid, at)
                if heard:  # a snapshot that was asked for just now may still have them bridged
                    self._legs[uuid] = replace(self._legs[uuid], heard_at=at)

    def loosen(self, uuid: str, at: int) -> None:
        """This leg's bridge, or its conference, came apart; what it does now is not told yet. Nothing, if in none."""
        leg = self._legs.get(uuid)
        if leg is not None and (leg.partner is not None or leg.conferring) and not leg.loose:
            self._legs[uuid] = replace(leg, loose=True)
            self.loose[uuid] = at + SETTLE_MS

    def leave(self, leg: Leg, at: int) -> None:
        """It goes looking for another leg. What becomes of the one that it leaves is not told yet."""
        self.loosen(leg.partner or "", at)
        self.loose.pop(leg.uuid, None)
        left = leg.partner if leg.talking and not leg.loose else None
        self._legs[leg.uuid] = replace(leg, partner=None, talking=False, conferring=False, loose=False, left=left)

    def resume(self, uuid: str) -> None:
        """Once it is bridged with nobody else and seeks nobody, it goes on with whom it left, who still waits there."""
        leg = self._legs.get(uuid)
        if leg is None or leg.left is None or leg.partner is not None or leg.stage == "seeking":
            return
        other = self._legs.get(leg.left)
        self._legs[uuid] = leg = replace(leg, left=None)
        if other is not None and other.talked and not other.conferring and other.partner in {None, leg.uuid}:
            for one, partner in ((leg, other), (other, leg)):
                self.loose.pop(one.uuid, None)
                self._legs[one.uuid] = replace(one, partner=partner.uuid, talking=True, loose=False, left=None)
                self._changes.touch(one)

    def part(self, uuid: str) -> None:
        """Its bridge, and its conference, are over."""
        leg = self._legs[uuid]
        for each in (leg, self._legs.get(leg.partner or "")):
            if each is not None and (each is leg or each.partner == uuid):
                self.loose.pop(each.uuid, None)
                self._legs[each.uuid] = replace(each, partner=None, talking=False, conferring=False, loose=False)

    # --- time ---------------------------------------------------------------------------------------------------------

    def due(self) -> int | None:
        """When the next loose bridge is over."""
        return min(self.loose.values(), default=None)

    def expire(self, at: int) -> list[str]:
        """Loose bridges whose time has passed are over; the legs whose they were."""
        over = [uuid for uuid, deadline in self.loose.items() if deadline <= at]
        for uuid in over:
            self.loose.pop(uuid, None)
            leg = self._legs[uuid]
            if leg.loose:
                self.part(uuid)
                self.resume(uuid)
                self.resume(leg.partner or "")
        return over

    def shift(self, delta: int) -> None:
        """Our clock stepped."""
        self.loose = {uuid: deadline + delta for uuid, deadline in self.loose.items()}
