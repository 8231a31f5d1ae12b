"""Legs that may have ended while nobody looked, and what FreeSWITCH says when asked about each.

Pure. Its tables are written late: for half a second they still hold who has gone. `uuid_exists` reads the core itself,
so after a link was lost, and when a table lacks a leg, the shell asks it about each suspect.
"""

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from esl_publisher.ledger import Ledger
from esl_publisher.reconcile import bury

__all__ = ["MOST", "Suspects"]

MOST: Final = 200  # asked about after one snapshot; of more, two snapshots in a row must do


class Suspects:
    """Who is in doubt since continuity was lost last. Instants are ms, our clock."""

    def __init__(self) -> None:
        self._continuous_since = 0
        self._alive: set[str] = set()  # of those from before, who was found to live

    def doubt(self, at: int) -> None:
        """Continuity was lost: whoever was last heard of before `at` may have gone."""
        self._continuous_since = at
        self._alive.clear()

    def shift(self, delta: int) -> None:
        """Our clock stepped."""
        self._continuous_since += delta

    def of(self, ledger: Ledger) -> list[str]:
        """Whom to ask about, MOST at most: those that a table lacked, and those not heard of since continuity."""
        suspects = (
            leg.uuid
            for leg in ledger.legs.values()
            if leg.absences or (leg.heard_at < self._continuous_since and leg.uuid not in self._alive)
        )
        return [uuid for uuid, _ in zip(suspects, range(MOST), strict=False)]

    def asked(self, ledger: Ledger, gone: Iterable[str], alive: Iterable[str], at: int) -> None:
        """What FreeSWITCH said."""
        for uuid in gone:
            leg = ledger.legs.get(uuid)
            if leg is not None:
                bury(ledger, leg, at, at)
        for uuid in alive:
            self._alive.add(uuid)
            leg = ledger.legs.get(uuid)
            if leg is not None and leg.absences:
                ledger.legs[uuid] = replace(leg, absences=0)
