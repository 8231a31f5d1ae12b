"""A snapshot against the ledger: what was missed is made up for.

Pure. A snapshot is older than the events before it (see snapshot.py), so it is believed only where it can know more:

- a row without a leg is a leg whose CREATE was not heard, unless the leg is known to have hung up;
- a leg without a row has ended, once two successive snapshots lack it, or once `uuid_exists` says so (facts.LegsAsked).
  A leg that only a snapshot ever told of needs but one: its only witness took it back. A leg first heard of less than
  LAG_MS before the question may have no row yet;
- stage and bridge are taken over for a leg of which nothing was heard since LAG_MS before the question.
"""

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from esl_publisher.causes import Ending
from esl_publisher.ledger import Ledger
from esl_publisher.legs import Leg, Vouch, from_row, heard
from esl_publisher.snapshot import LAG_MS, BridgedPair, ChannelRow, Snapshot

__all__ = ["bury", "reconcile"]

_OVER: Final = frozenset({"CS_HANGUP", "CS_REPORTING", "CS_DESTROY"})


def reconcile(ledger: Ledger, snapshot: Snapshot, at: int, domain: str | None, vouch: Vouch) -> None:
    """Bring the ledger to what the snapshot knows better."""
    known_until = snapshot.asked_at - LAG_MS
    rows = {row.uuid: row for row in snapshot.channels if row.state not in _OVER}
    pairs = {uuid: pair for pair in snapshot.pairs for uuid in (pair.uuid, pair.b_uuid)}
    for leg in list(ledger.legs.values()):
        row = rows.get(leg.uuid)
        if row is not None:
            _confirm(ledger, leg, row.callstate, from_row(row, at, domain, vouch), snapshot.asked_at)
        elif leg.seen_at <= known_until or leg.heard_at == 0:
            _miss(ledger, leg, at, snapshot.asked_at)
    for row in sorted(rows.values(), key=_originators_first):
        if row.uuid not in ledger.legs and row.uuid not in ledger.graves:
            leg = from_row(row, at, domain, vouch)
            ledger.add(leg, leg.started_at)
    _part(ledger, rows, pairs, known_until, at)
    _pair(ledger, snapshot.pairs, known_until, at)
    ledger.graves.close(snapshot.asked_at, {row.uuid for row in snapshot.channels})


def bury(ledger: Ledger, leg: Leg, at: int, moment: int) -> None:
    """A leg has ended, and nobody heard how."""
    ending = Ending(uuid=leg.uuid, originated=leg.originator is not None, agent=leg.agent, answered=leg.answered)
    ledger.hang_up(ending, at, moment)


def _originators_first(row: ChannelRow) -> tuple[bool, str]:
    return bool(row.member_uuid) or row.call_uuid not in {"", row.uuid}, row.created_epoch


def _confirm(ledger: Ledger, leg: Leg, callstate: str, told: Leg, asked_at: int) -> None:
    fresh = replace(
        leg,
        absences=0,
        user=leg.user or (None if leg.gateway else told.user),
        name=leg.name or told.name,
        number=leg.number or told.number,
    )
    if leg.heard_at <= asked_at - LAG_MS and told.stage != leg.stage:
        fresh = heard(fresh, callstate, leg.heard_at, asked_at)
    if fresh != leg:
        ledger.update(fresh, asked_at, asked_at)


def _miss(ledger: Ledger, leg: Leg, at: int, moment: int) -> None:
    if leg.absences + 1 >= (2 if leg.heard_at else 1):
        bury(ledger, leg, at, moment)
    else:
        ledger.legs[leg.uuid] = replace(leg, absences=leg.absences + 1)


def _part(
    ledger: Ledger, rows: dict[str, ChannelRow], pairs: dict[str, BridgedPair], known_until: int, at: int
) -> None:
    for leg in list(ledger.legs.values()):
        if leg.partner is not None and leg.uuid in rows and leg.uuid not in pairs and leg.heard_at <= known_until:
            ledger.unbridge(leg.uuid, leg.partner, at)


def _pair(ledger: Ledger, pairs: Iterable[BridgedPair], known_until: int, at: int) -> None:
    for pair in pairs:
        legs = [ledger.legs.get(uuid) for uuid in (pair.uuid, pair.b_uuid)]
        if any(leg is None or leg.heard_at > known_until for leg in legs):
            continue
        if legs[0] is not None and legs[0].talking and legs[0].partner == pair.b_uuid and not legs[0].loose:
            continue
        epoch = pair.call_created_epoch
        moment = int(epoch) * 1000 if epoch.isdecimal() and int(epoch) else at
        ledger.bridge(pair.uuid, pair.b_uuid, legs[0].heard_at if legs[0] is not None else 0, moment)
