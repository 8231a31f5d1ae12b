"""Legs that may have ended while nobody looked, and what FreeSWITCH says when asked about each.

Pure. Its tables are written late: for half a second they still hold who has gone. `uuid_exists` reads the core itself,
so after a link was lost, and when a table lacks a leg, the shell asks it about each suspect.
"""

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from esl_publisher.ledger import Ledger
from esl_publisher.reconcile import bury

__all__ = ["MISCOUNTS", "MOST", "Miscount", "Suspects"]

MOST: Final = 200  # asked about after one snapshot; of more, two snapshots in a row must do
MISCOUNTS: Final = 2  # heartbeats in a row that count other legs than ours, before they are believed


class Miscount:
    """Whether FreeSWITCH's heartbeat counts other legs than ours. A session is a leg."""

    def __init__(self) -> None:
        self._in_a_row = 0
        self._believed = False

    def count(self, sessions: str, ours: int) -> None:
        """One heartbeat may cross a call that comes or goes; two in a row tell of lost events."""
        self._in_a_row = self._in_a_row + 1 if sessions.isdecimal() and int(sessions) != ours else 0
        if self._in_a_row >= MISCOUNTS:
            self._in_a_row, self._believed = 0, True

    def believe(self) -> None:
        """Something else tells that events were lost."""
        self._believed = True

    def take(self) -> bool:
        """Whether that was so; asked once, it is told once."""
        believed, self._believed = self._believed, False
        return believed


class Suspects:
    """Who is in doubt since continuity was lost last. Instants are ms, our clock."""

    def __init__(self) -> None:
        self._continuous_since = 0
        self._alive: set[str] = set()  # of those from before, who was found to live
        self._looks = 0  # at the tables, since continuity

    def doubt(self, at: int) -> None:
        """Continuity was lost: whoever was last heard of before `at` may have gone."""
        self._continuous_since, self._looks = at, 0
        self._alive.clear()

    @property
    def fresh(self) -> bool:
        """Whether the tables were looked at but once since: the second look tells of those who are not asked about."""
        return self._looks <= 1

    def look(self, ledger: Ledger) -> bool:
        """The tables were taken in. Whether legs are now counted of which an answer in a moment tells if they live:
        who went, and who came, while nobody looked are in one number until then.
        """
        self._looks += 1
        return self.fresh and bool(self.of(ledger))

    def shift(self, delta: int) -> None:
        """Our clock stepped."""
        self._continuous_since += delta

    def absent(self, ledger: Ledger) -> bool:
        """Whether the last table lacked a leg of which it is not known yet that it has ended."""
        return any(leg.absences for leg in ledger.legs.values())

    def of(self, ledger: Ledger) -> list[str]:
        """Whom to ask about, MOST at most: those that a table lacked, and those not heard of since continuity."""
        self._alive &= ledger.legs.keys()
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
