"""What a switch has besides calls and extensions: gateways, conferences, parking lots.

Pure. Passes facts on to those who know, tells the ledger what they mean for its calls, and publishes what they touched.
"""

import re
from typing import Final
from zoneinfo import ZoneInfo

from esl_publisher import decode as d
from esl_publisher.calls import Ended
from esl_publisher.changes import Changes
from esl_publisher.conferences import Conferences
from esl_publisher.gateways import Gateways
from esl_publisher.ledger import Ledger
from esl_publisher.parking import Parking
from esl_publisher.publish import Publisher
from esl_publisher.restore import Restored
from esl_publisher.snapshot import Snapshot
from lampfield_bus import channels, instants

__all__ = ["Facilities", "gateway_of"]

_DIALLED: Final = re.compile(r"sofia/gateway/(?:[^/|,]*::)?([^/|,]+)/")


class Facilities:
    """The three, and the ledger that they tell."""

    def __init__(self, ledger: Ledger, tz: ZoneInfo, grace_ms: int) -> None:
        self._ledger = ledger
        self._gateways = Gateways(tz, grace_ms)
        self._conferences = Conferences()
        self._parking = Parking()

    # --- facts --------------------------------------------------------------------------------------------------------

    def receive(self, event: d.GatewayChanged | d.Meeting | d.Parked, at: int, moment: int) -> None:
        """An event of theirs. Raises ValueError for a name that no topic can carry."""
        match event:
            case d.GatewayChanged():
                self._gateways.receive(event, at, moment)
            case d.Meeting():
                if event.action != "add-member" or event.uuid not in self._ledger.graves:
                    self._conferences.receive(event, at, moment)
            case d.Parked():
                if event.uuid not in self._ledger.graves and self._parking.receive(event, at, moment):
                    self._ledger.settle(event.uuid, moment)
        self._confer(at, moment)

    def bridged(self, a: str, b: str, at: int) -> None:
        """Two legs talk: neither is parked."""
        self._parking.leave(a, at)
        self._parking.leave(b, at)

    def hung_up(self, uuid: str, at: int, moment: int) -> None:
        """A leg is over."""
        self._parking.leave(uuid, at)
        self._conferences.leave(uuid)
        self._confer(at, moment)

    def renamed(self, old: str, new: str) -> None:
        """A leg got another uuid."""
        self._parking.rename(old, new)
        self._conferences.rename(old, new)

    def reconcile(self, snapshot: Snapshot, at: int) -> None:
        """FreeSWITCH's tables, after the ledger took over its own; what was not told (None) stays as it is."""
        graves = self._ledger.graves
        if snapshot.gateways is not None:
            self._gateways.reconcile(snapshot.gateways, snapshot.asked_at, at)
        if snapshot.conferences is not None:
            self._conferences.reconcile(snapshot.conferences, snapshot.asked_at, graves)
        if snapshot.parked is not None:
            self._parking.reconcile(snapshot.parked, snapshot.asked_at, graves)
        self._confer(at, snapshot.asked_at)

    def restore(self, restored: Restored, *, same_day: bool) -> None:
        """What an earlier run had published."""
        for name, gateway in restored.gateways.items():
            self._gateways.restore(name, gateway, same_day=same_day)
        for name, conference in restored.conferences.items():
            self._conferences.restore(name, instants.parse(conference.since))
        for lot, parking in restored.parking.items():
            self._parking.restore(lot, instants.parse(parking.longest_since))

    def clear(self, at: int) -> None:
        """FreeSWITCH restarted: conferences and parked callers are gone without a word."""
        self._conferences.clear()
        self._parking.clear()
        self._confer(at, at)

    # --- time ---------------------------------------------------------------------------------------------------------

    def due(self) -> int | None:
        """When time alone will change something."""
        return self._gateways.due()

    def turn(self, at: int) -> None:
        """Begin a new day if `at` is in one."""
        self._gateways.turn(at)

    def tick(self, at: int) -> None:
        """Time has passed."""
        self._gateways.tick(at)

    def shift(self, delta: int) -> None:
        """Our clock stepped."""
        self._gateways.shift(delta)
        self._conferences.shift(delta)
        self._parking.shift(delta)

    # --- publications -------------------------------------------------------------------------------------------------

    def follow(self, changes: Changes) -> None:
        """What became of the calls: which gateways carry them, and which of theirs failed."""
        if not changes.calls:
            return
        for fact in changes.facts:
            call = fact.call
            if isinstance(fact, Ended) and call.gateway and fact.merged_into is None and call.outcome == "failed":
                self._gateways.fail(call.gateway)
        for call_id in changes.calls:
            live = self._ledger.calls.get(call_id)
            self._gateways.carry(call_id, None if live is None else live.gateway)

    def publish(self, publisher: Publisher) -> None:
        """What was touched: most events touch nothing of theirs."""
        if self._gateways.touched:
            for name in _taken(self._gateways.touched):
                publisher.keep(channels.SWITCH_GATEWAY, self._gateways.message(name), name)
        if self._conferences.touched:
            for name in _taken(self._conferences.touched):
                publisher.keep(channels.SWITCH_CONFERENCE, self._conferences.message(name), name)
        if self._parking.touched:
            for lot in _taken(self._parking.touched):
                publisher.keep(channels.SWITCH_PARKING, self._parking.message(lot), lot)

    def _confer(self, at: int, moment: int) -> None:
        if not self._conferences.moved:
            return
        for uuid in sorted(self._conferences.moved):
            self._ledger.confer(uuid, at, moment, meets=self._conferences.meets(uuid))
        self._conferences.moved.clear()


def _taken(names: set[str]) -> list[str]:
    taken = sorted(names)
    names.clear()
    return taken


def gateway_of(event: d.HungUp) -> str | None:
    """The gateway over which a leg's call would have gone, had it not been down: then no other leg tells of it."""
    if "GATEWAY_DOWN" not in {event.cause, event.variables.disposition}:
        return None
    found = _DIALLED.search(event.variables.application_data)
    return found[1] if found else None
