"""The ladders of all dialogs, and the room that they have. Pure.

Texts of messages are what takes room. Ladders that grow may take DRAFT_BYTES, the oldest of them is packed before its
time; all together may take `text_bytes`, the dialogs that ended first lose their texts first. Which messages there were
stays.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from lampfield_bus.messages import SipMessage
from sip_monitor.record import Record

__all__ = ["DRAFT_BYTES", "TEXT_BYTES", "Records"]

TEXT_BYTES: Final = 4 * 1024 * 1024  # of all ladders together, ten times as much when they are unpacked
DRAFT_BYTES: Final = 512 * 1024  # of those that are not packed yet


class Records:
    """By Call-ID. `size`: bytes that all of them hold."""

    def __init__(self, text_bytes: int = TEXT_BYTES, draft_bytes: int = DRAFT_BYTES) -> None:
        self._text_bytes = text_bytes
        self._draft_bytes = draft_bytes
        self._limit = text_bytes  # when texts are to go; above `text_bytes` once no text is left that could
        self._all: dict[str, Record] = {}
        self._drafts: dict[str, None] = {}  # those that are not packed, in the order in which they began to grow
        self._drafted = 0
        self.size = 0

    def __getitem__(self, call_id: str) -> Record:
        return self._all[call_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    @property
    def full(self) -> bool:
        """Whether it is time to `thin`."""
        return self.size > self._limit

    def place(self, call_id: str, record: Record) -> None:
        """One that is new here."""
        self._all[call_id] = record
        self._account(call_id, record, 0, 0)

    def add(self, call_id: str, message: SipMessage) -> None:
        """One more message of a dialog."""
        record = self._all.get(call_id)
        if record is None:
            self.place(call_id, record := Record())
        before = record.size, record.drafted
        record.add(message)
        self._account(call_id, record, *before)
        while self._drafted > self._draft_bytes:
            self.packed(next(iter(self._drafts)))

    def packed(self, call_id: str) -> bytes:
        """The ladder of a dialog, packed; until a message comes it rests so."""
        record = self._all[call_id]
        before = record.size, record.drafted
        packed = record.packed()
        self._account(call_id, record, *before)
        return packed

    def drop(self, call_id: str) -> None:
        """This dialog is gone."""
        record = self._all.pop(call_id, None)
        if record is not None:
            self.size -= record.size
            self._drafted -= record.drafted
            self._drafts.pop(call_id, None)

    def thin(self, order: Iterable[str]) -> None:
        """Back to three quarters of the room, as far as texts can do it; `full` again when a quarter has come."""
        self._limit = self._text_bytes
        for call_id in order:
            if self.size <= self._text_bytes * 3 // 4:
                return
            record = self._all.get(call_id)
            if record is not None and not record.thinned:
                before = record.size, record.drafted
                record.thin()
                self._account(call_id, record, *before)
        self._limit = max(self._text_bytes, self.size + self._text_bytes // 4)

    def _account(self, call_id: str, record: Record, size: int, drafted: int) -> None:
        """A record has changed; what it held before."""
        self.size += record.size - size
        self._drafted += record.drafted - drafted
        if record.rests:
            self._drafts.pop(call_id, None)
        else:
            self._drafts.setdefault(call_id)
