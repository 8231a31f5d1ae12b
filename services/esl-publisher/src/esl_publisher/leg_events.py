"""What the events of channels mean for legs and calls: told to the ledger, and to those who follow legs.

Pure. A leg that no topic can name is refused before it is known; one that hung up stays dead, whatever comes later.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from msgspec.structs import replace

from esl_publisher import decode as d
from esl_publisher import legs
from esl_publisher.callcenter import Callcenter
from esl_publisher.causes import Ending
from esl_publisher.extensions import Extensions
from esl_publisher.facilities import Facilities, gateway_of
from esl_publisher.identity import Identity
from esl_publisher.ledger import Ledger
from esl_publisher.suspects import Miscount
from lampfield_bus.sip_status import sip_status
from lampfield_bus.topics import encode_name

__all__ = ["Handler", "Known", "LegEvents"]

_RINGS_FOR = "satt:"  # sofia.c, verto.c: a semi-attended transfer, and who waits for its end

# Event, our clock, FreeSWITCH's: both ms. True: nothing is done yet, because who the leg is must be read first.
Handler = Callable[[Any, int, int], bool | None]


class Known(NamedTuple):
    """Those who are told."""

    ledger: Ledger
    facilities: Facilities
    extensions: Extensions
    identity: Identity
    callcenter: Callcenter


class LegEvents:
    """Reads CHANNEL_* and loopback::bowout. `vouch` says whether somebody is an extension for sure; `miscount` is told
    of a leg that was not heard to begin.
    """

    def __init__(self, known: Known, miscount: Miscount, vouch: legs.Vouch) -> None:
        self._ledger = known.ledger
        self._facilities = known.facilities
        self._extensions = known.extensions
        self._identity = known.identity
        self._callcenter = known.callcenter
        self._miscount = miscount
        self._vouch = vouch
        self.handlers: Mapping[type[d.Event], Handler] = {
            d.StateChanged: self._state_changed,
            d.Introduced: self._state_changed,
            d.Created: self._created,
            d.Bridged: self._bridged,
            d.HungUp: self._hung_up,
            d.Renamed: self._renamed,
            d.Bowout: self._bowed_out,
        }

    def end_all(self, cause: str, at: int, portion: int) -> Iterator[None]:
        """All legs of this moment are gone without a word; a step is `portion` of them."""
        for number, uuid in enumerate(list(self._ledger.legs), 1):
            self._ledger.hang_up(self._ending(uuid, cause), at, at)
            self._ledger.graves.lift(uuid)  # of two switches that stand in for each other one may be back with it
            if number % portion == 0:
                yield

    def _created(self, event: d.Created, at: int, moment: int) -> None:
        if event.uuid in self._ledger.graves:
            return
        leg = legs.born(event, at, moment, self._identity.domain, self._vouch)
        old = self._ledger.legs.get(event.uuid)
        if old is None:
            self._begin(leg, moment)
        else:  # a later event or a snapshot was first
            self._ledger.update(legs.introduced(old, leg), at, moment)
        if leg.user is not None and not leg.outbound:
            self._extensions.see(leg.user, moment)
            self._extensions.name(leg.user, event.variables.effective_name)

    def _state_changed(self, event: d.StateChanged, at: int, moment: int) -> bool:
        leg = self._ledger.legs.get(event.uuid)
        if leg is None and event.uuid in self._ledger.graves:
            return False
        if event.callstate == "HANGUP":
            self._ledger.hang_up(self._ending(event.uuid, event.cause), at, moment)
            self._facilities.hung_up(event.uuid, at, moment)
        elif leg is not None:
            heard = legs.heard(leg, event.callstate, at, moment)
            if heard.stage != leg.stage or heard.rang != leg.rang or heard.answered_at != leg.answered_at:
                self._ledger.update(heard, at, moment)
            else:  # EARLY after RINGING, and the like
                self._ledger.legs[leg.uuid] = heard
        elif not isinstance(event, d.Introduced):
            return True
        else:
            leg = legs.adopt(event, at, moment, self._identity.domain, self._vouch)
            self._begin(self._callcenter.adopted(leg, event.presence_id), moment)
            self._miscount.believe()  # its CREATE was lost, and who knows what else
        return False

    def _bridged(self, event: d.Bridged, at: int, moment: int) -> None:
        if event.name == "CHANNEL_BRIDGE":
            self._ledger.bridge(event.a, event.b, at, moment)
            self._facilities.bridged(event.a, event.b, at)
        else:
            self._ledger.unbridge(event.a or event.uuid, event.b, at)

    def _hung_up(self, event: d.HungUp, at: int, moment: int) -> None:
        variables = event.variables
        if variables.transfer_to.startswith(_RINGS_FOR):
            waiting = variables.transfer_to.removeprefix(_RINGS_FOR)
            self._ledger.link(waiting, event.uuid, moment)
            self._ledger.settle(waiting, moment)
        ending = replace(
            self._ending(event.uuid, event.cause),
            disposition=variables.disposition,
            bridge_cause=variables.bridge_cause,
            bridge_status=sip_status(variables.bridge_protocol_cause),
            status=sip_status(variables.term_status),
            phrase=variables.failure_phrase,
            gateway=gateway_of(event),
            sip_call_id=variables.sip_call_id,
        )
        self._ledger.hang_up(ending, at, moment)
        self._facilities.hung_up(event.uuid, at, moment)

    def _renamed(self, event: d.Renamed, at: int, moment: int) -> None:
        encode_name(event.uuid)
        self._ledger.rename(event.old_uuid, event.uuid, at, moment)
        self._facilities.renamed(event.old_uuid, event.uuid)

    def _bowed_out(self, event: d.Bowout, _at: int, moment: int) -> None:
        self._ledger.link(event.resigning, event.acquired, moment)

    def _begin(self, leg: legs.Leg, moment: int) -> None:
        for uuid in (leg.uuid, leg.originator):  # either may name the call
            if uuid is not None:
                encode_name(uuid)
        self._ledger.add(leg, moment)

    def _ending(self, uuid: str, cause: str) -> Ending:
        return legs.ending_of(uuid, self._ledger.legs.get(uuid), cause)
