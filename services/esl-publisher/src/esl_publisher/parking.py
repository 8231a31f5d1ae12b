"""Parking lots: valet parking, and fifos, which are lots that are left in turn.

Pure. A caller is in a lot from `hold` (valet) or `push` (fifo) until it is fetched, gives up or is sent on; whoever was
bridged or has hung up is in none, also when the event that says so was lost.
"""

from collections.abc import Container, Iterable
from typing import Final

from msgspec import Struct

from esl_publisher.decode import Parked
from esl_publisher.snapshot import LAG_MS
from esl_publisher.tables import ParkedRow
from lampfield_bus import messages as m
from lampfield_bus.instants import rfc3339
from lampfield_bus.topics import encode_name

__all__ = ["Parking"]

_LEAVING: Final = frozenset(
    {"caller_pop", "abort", "timeout"}
)  # of a fifo; a valet lot tells of nothing but its callers


class Stay(Struct, frozen=True):
    """A caller in a lot since `since` (FreeSWITCH's time); last heard of at `heard_at` (ours)."""

    lot: str
    since: int
    heard_at: int


class Parking:
    """Stays by leg. `touched` are the lots to look at again; whoever reads it empties it."""

    def __init__(self) -> None:
        self._stays: dict[str, Stay] = {}
        self._earlier: dict[str, int] = {}  # since when an earlier run knew somebody in this lot
        self._heard_at: dict[str, int] = {}  # who has left lately, our clock: no table may bring them back
        self.touched: set[str] = set()

    def receive(self, event: Parked, at: int, moment: int) -> bool:
        """Somebody came or went; whether the event's leg is parked now.

        Raises ValueError for a lot that no topic can carry.
        """
        lot = event.lot or event.fifo
        encode_name(lot)
        comes = event.action == "hold" if event.lot else event.fifo_action == "push"
        if comes and event.uuid:
            self._park(event.uuid, lot, at, moment)
        elif event.lot or event.fifo_action in _LEAVING:
            self.leave(event.uuid, at)
        return comes

    def leave(self, uuid: str, at: int) -> None:
        """This leg is in no lot, if it was in one."""
        stay = self._stays.pop(uuid, None)
        if stay is not None:
            self._heard_at[uuid] = at
            self.touched.add(stay.lot)

    def rename(self, old: str, new: str) -> None:
        """A leg got another uuid."""
        if old in self._stays:
            self._stays[new] = self._stays.pop(old)

    def reconcile(self, rows: Iterable[ParkedRow], asked_at: int, buried: Container[str]) -> None:
        """FreeSWITCH's lists, but for legs that were heard of since LAG_MS before them, and for `buried` ones."""
        told = {row.uuid: row.lot for row in rows if row.uuid not in buried}
        for uuid, stay in list(self._stays.items()):
            if uuid not in told and stay.heard_at <= asked_at - LAG_MS:
                self.leave(uuid, 0)
        for uuid, lot in told.items():
            if uuid not in self._stays and self._heard_at.get(uuid, 0) <= asked_at - LAG_MS:
                self._park(uuid, lot, 0, self._earlier.get(lot, asked_at))
        self._earlier.clear()
        self._heard_at = {uuid: at for uuid, at in self._heard_at.items() if at > asked_at - LAG_MS}

    def restore(self, lot: str, since: int) -> None:
        """An earlier run had published this lot."""
        self._earlier[lot] = since

    def clear(self) -> None:
        """FreeSWITCH restarted."""
        self._earlier.clear()
        for uuid in list(self._stays):
            self.leave(uuid, 0)

    def message(self, lot: str) -> m.Parking | None:
        """What stands in this lot's topic; None: nobody is in it."""
        stays = [stay.since for stay in self._stays.values() if stay.lot == lot]
        return m.Parking(parked=len(stays), longest_since=rfc3339(min(stays))) if stays else None

    def shift(self, delta: int) -> None:
        """Our clock stepped."""
        self._heard_at = {uuid: at + delta for uuid, at in self._heard_at.items()}
        self._stays = {uuid: Stay(stay.lot, stay.since, stay.heard_at + delta) for uuid, stay in self._stays.items()}

    def _park(self, uuid: str, lot: str, at: int, moment: int) -> None:
        before = self._stays.get(uuid)
        if before is not None and before.lot == lot:
            self._stays[uuid] = Stay(lot, before.since, at)
            return
        self.leave(uuid, at)
        self._stays[uuid] = Stay(lot, moment, at)
        self.touched.add(lot)
