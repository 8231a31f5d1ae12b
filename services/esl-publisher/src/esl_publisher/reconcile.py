"""A snapshot against the ledger: what was missed is made up for.

Pure. A snapshot is older than the events before it (see snapshot.py), so it is believed only where it can know more:

- a row without a leg is a leg whose CREATE was not heard, unless the leg is known to have hung up;
- a leg without a row has ended, once two successive snapshots lack it, or once `uuid_exists` says so (facts.LegsAsked).
  A leg that only a snapshot ever told of needs but one: its only witness took it back. A leg first heard of less than
  LAG_MS before the question may have no row yet;
- stage and bridge are taken over for a leg of which nothing was heard since LAG_MS before the question.

It is done in steps, each for some whole calls, so that no call is ever half taken in; events may enter between two of
them. Each rule looks at a leg as it is now, and what was heard since the question counts for more than the snapshot.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from esl_publisher.ledger import Ledger
from esl_publisher.legs import Leg, ending_of, heard
from esl_publisher.snapshot import LAG_MS, BridgedPair, ChannelRow, Snapshot

__all__ = ["bury", "reconcile"]

_OVER: Final = frozenset({"CS_HANGUP", "CS_REPORTING", "CS_DESTROY"})


class _Tables(Struct, frozen=True):
    rows: dict[str, ChannelRow]
    pairs: dict[str, list[BridgedPair]]  # by the first leg: of those that share a leg the latest,
    waiting: dict[str, list[BridgedPair]]  # and those before it
    paired: frozenset[str]
    asked_at: int
    read: Callable[[ChannelRow], Leg]


def reconcile(
    ledger: Ledger, snapshot: Snapshot, at: int, read: Callable[[ChannelRow], Leg], portion: int
) -> Iterator[None]:
    """Bring the ledger to what the snapshot knows better; a step ends with the call that makes it `portion` legs."""
    rows = {row.uuid: row for row in snapshot.channels if row.state not in _OVER}
    pairs, waiting = _told_apart(snapshot.pairs)
    paired = frozenset(uuid for pair in snapshot.pairs for uuid in (pair.uuid, pair.b_uuid))
    tables = _Tables(rows, pairs, waiting, paired, snapshot.asked_at, read)
    step: list[str] = []
    for uuids in _by_call(ledger, snapshot, rows):
        step += uuids
        if len(step) >= portion:
            _take_in(ledger, tables, step, at)
            step = []
            yield
    _take_in(ledger, tables, step, at)
    ledger.graves.close(snapshot.asked_at, {row.uuid for row in snapshot.channels})


def bury(ledger: Ledger, leg: Leg, at: int, moment: int) -> None:
    """A leg has ended, and nobody heard how."""
    ledger.hang_up(ending_of(leg.uuid, leg), at, moment)


def _told_apart(pairs: Iterable[BridgedPair]) -> tuple[dict[str, list[BridgedPair]], dict[str, list[BridgedPair]]]:
    """By first leg: who talks, and who waits because one of them is in a later bridge (bridges.py)."""
    talking: dict[str, list[BridgedPair]] = {}
    waiting: dict[str, list[BridgedPair]] = {}
    taken: set[str] = set()
    for pair in sorted(pairs, key=_bridged_at, reverse=True):
        those = talking if taken.isdisjoint((pair.uuid, pair.b_uuid)) else waiting
        those.setdefault(pair.uuid, []).append(pair)
        taken.update((pair.uuid, pair.b_uuid))
    return talking, waiting


def _bridged_at(pair: BridgedPair) -> int:
    """Seconds since the epoch, 0 for nonsense."""
    return int(pair.call_created_epoch) if pair.call_created_epoch.isdecimal() else 0


def _by_call(ledger: Ledger, snapshot: Snapshot, rows: dict[str, ChannelRow]) -> list[list[str]]:
    """The legs of ledger and rows (and a few names that are none), those together that are or become one call's."""
    links = [(leg.uuid, leg.call) for leg in ledger.legs.values()]
    links += [(row.uuid, other or row.uuid) for row in rows.values() for other in (row.call_uuid, row.member_uuid)]
    links += [(pair.uuid, pair.b_uuid) for pair in snapshot.pairs]
    homes: dict[str, list[str]] = {}
    for a, b in links:
        one, other = homes.setdefault(a, [a]), homes.setdefault(b, [b])
        if one is not other:
            one, other = sorted((one, other), key=len, reverse=True)
            one += other
            homes.update(dict.fromkeys(other, one))
    return list({id(home): home for home in homes.values()}.values())


def _take_in(ledger: Ledger, tables: _Tables, uuids: Sequence[str], at: int) -> None:
    known_until = tables.asked_at - LAG_MS
    for leg in _live(ledger, uuids):
        row = tables.rows.get(leg.uuid)
        if row is not None:
            _confirm(ledger, leg, row.callstate, tables.read(row), tables.asked_at)
        elif leg.seen_at <= known_until or leg.heard_at == 0:
            _miss(ledger, leg, at, tables.asked_at)
    rows = (tables.rows[uuid] for uuid in uuids if uuid in tables.rows)
    for row in sorted(rows, key=_originators_first):
        if row.uuid not in ledger.legs and row.uuid not in ledger.graves:
            leg = tables.read(row)
            ledger.add(leg, leg.started_at)
    for leg in _live(ledger, uuids):
        # Where the row of one is missing too, the missing pair tells nothing: `_miss` sees to that leg.
        both = leg.uuid in tables.rows and leg.partner in tables.rows
        if both and leg.partner and leg.uuid not in tables.paired and leg.heard_at <= known_until:
            ledger.unbridge(leg.uuid, leg.partner, at, heard=False)
    for pair in _pairs(tables.waiting, uuids):
        _wait(ledger, pair, tables.asked_at)
    for pair in _pairs(tables.pairs, uuids):
        _pair(ledger, pair, known_until, at)


def _live(ledger: Ledger, uuids: Iterable[str]) -> Iterator[Leg]:
    return (ledger.legs[uuid] for uuid in uuids if uuid in ledger.legs)


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


def _pairs(those: Mapping[str, Sequence[BridgedPair]], uuids: Iterable[str]) -> Iterator[BridgedPair]:
    return (pair for uuid in uuids for pair in those.get(uuid, ()))


def _wait(ledger: Ledger, pair: BridgedPair, asked_at: int) -> None:
    legs = _unheard(ledger, pair, asked_at - LAG_MS)
    if legs:
        ledger.link(pair.uuid, pair.b_uuid, asked_at)
    for leg in legs:
        if leg.answered and not leg.talked:
            ledger.has_talked(leg.uuid, asked_at)


def _pair(ledger: Ledger, pair: BridgedPair, known_until: int, at: int) -> None:
    legs = _unheard(ledger, pair, known_until)
    if legs and not (legs[0].talking and legs[0].partner == pair.b_uuid and not legs[0].loose):
        ledger.bridge(pair.uuid, pair.b_uuid, legs[0].heard_at, _bridged_at(pair) * 1000 or at)


def _unheard(ledger: Ledger, pair: BridgedPair, known_until: int) -> list[Leg]:
    """The pair's legs; none, if one does not live or was heard of since."""
    legs = [ledger.legs[uuid] for uuid in (pair.uuid, pair.b_uuid) if uuid in ledger.legs]
    return legs if len(legs) == 2 and all(leg.heard_at <= known_until for leg in legs) else []
