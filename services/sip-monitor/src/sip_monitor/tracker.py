"""From captured packets to dialogs with their messages: what service and reader of files have in common. Pure."""

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from sip_monitor import hep, record, redact
from sip_monitor.dialog import Dialog
from sip_monitor.dialogs import Dialogs
from sip_monitor.hep import Packet
from sip_monitor.record import Record
from sip_monitor.records import Records
from sip_monitor.redact import Keeping
from sip_monitor.sip import Sip, is_keepalive, parse, pieces
from sip_monitor.summary import Summary

__all__ = ["FAULT_BOUND", "Rules", "Tracker"]

FAULT_BOUND: Final = 16  # kinds of faults waiting to be logged
_PARTICULARS: Final = re.compile(r"'.*'|\".*\"|\d+|[0-9a-f]{2}( [0-9a-f]{2})*$")
_STREAMS: Final = ("TCP", "TLS")


class Rules(Struct, frozen=True):
    """What is followed, and what of it may be shown. `ignore`: methods whose dialogs are left out."""

    ignore: frozenset[str] = frozenset()
    keeping: Keeping = "sdp"
    hide_numbers: bool = False


class Tracker:
    """Dialogs by Call-ID, each with its record. `touched` and `ended` name those with news until they are emptied.

    `touched` also says since when; `gone` are those that are no more.
    """

    def __init__(self, rules: Rules, dialogs: Dialogs | None = None, records: Records | None = None) -> None:
        self._rules = rules
        self.dialogs = Dialogs() if dialogs is None else dialogs
        self.records = Records() if records is None else records
        self.summary = Summary()
        self.touched: dict[str, int] = {}
        self.ended: dict[str, None] = {}
        self.gone: list[str] = []
        self.datagrams = 0
        self.bad_datagrams = 0
        self.messages = 0
        self.fresh: list[Dialog] = []
        self._faults: dict[str, str] = {}

    def datagram(self, datagram: bytes, now: int) -> None:
        """Take one HEP datagram in; a bad one is counted, and told once."""
        self.datagrams += 1
        try:
            packet = hep.decode(datagram)
            if packet.kind == hep.SIP:
                self.packet(packet, now)
        except ValueError as error:
            self.bad_datagrams += 1
            self._fault(str(error))

    def packet(self, packet: Packet, now: int) -> None:
        """Take a captured packet in, and all messages in it. Raises ValueError for one that holds no SIP."""
        if is_keepalive(packet.payload):
            return
        for payload in pieces(packet.payload) if packet.transport in _STREAMS else (packet.payload,):
            self._message(packet, parse(payload), now)

    def faults(self) -> Iterator[tuple[str, str]]:
        """What was wrong with datagrams, once per kind: the kind, and an example."""
        while self._faults:
            yield self._faults.popitem()

    def adopt(self, dialog: Dialog, told: Record) -> None:
        """A dialog that an earlier run knew, with its messages."""
        if dialog.call_id in self.dialogs:
            return
        self.dialogs.add(dialog)
        self.records.place(dialog.call_id, told)
        self._forget_gone()

    def lapse(self, now: int) -> None:
        """Time has passed: who was silent for too long has ended."""
        for dialog in self.dialogs.lapse(now):
            self._touch(dialog, now)
            self._has_ended(dialog, now)
        self._forget_gone()

    def touch(self, call_id: str, now: int) -> None:
        """There is news of this dialog that no message brought."""
        self.touched.setdefault(call_id, now)

    def _message(self, packet: Packet, sip: Sip, now: int) -> None:
        self.messages += 1
        if sip.cseq_method in self._rules.ignore and sip.call_id not in self.dialogs:
            return
        at = now if packet.at is None else packet.at
        heard = self.dialogs.hear(sip, packet.source, packet.target, at, now)
        if heard is None:
            self._forget_gone()
            return
        dialog = heard.dialog
        if heard.fresh:
            self._forget_gone()
            self.fresh.append(dialog)
        self._keep(dialog, packet, sip, at, heard.retransmission)
        self._touch(dialog, now)
        self._count(dialog, sip, now, began=heard.began, ended=heard.ended)
        self._forget_gone()

    def _keep(self, dialog: Dialog, packet: Packet, sip: Sip, at: int, retransmission: bool) -> None:  # noqa: FBT001 (one caller)
        rules = self._rules
        text = redact.text(sip, rules.keeping, hide_numbers=rules.hide_numbers)
        arrow = record.message(packet, sip, at, text, retransmission=retransmission)
        if rules.hide_numbers:
            arrow = record.hidden(arrow)
        self.records.add(dialog.call_id, arrow)
        if self.records.full:
            self.records.thin(each.call_id for each in self.dialogs)

    def _touch(self, dialog: Dialog, now: int) -> None:
        self.touched.setdefault(dialog.call_id, now)

    def _count(self, dialog: Dialog, sip: Sip, now: int, *, began: bool, ended: bool) -> None:
        if began:
            self.summary.began(dialog, now)
        if sip.cseq_method == "REGISTER" and 200 <= sip.status < 300:
            self.summary.registered(sip, now)
        if dialog.is_call and not dialog.delay_told and dialog.post_dial_delay_ms is not None:
            dialog.delay_told = True
            self.summary.rang(dialog, now)
        if ended:
            self._has_ended(dialog, now)

    def _has_ended(self, dialog: Dialog, now: int) -> None:
        self.summary.ended(dialog, now)
        self.ended[dialog.call_id] = None

    def _forget_gone(self) -> None:
        for call_id in self.dialogs.gone:
            self.records.drop(call_id)
            self.touched.pop(call_id, None)
            self.ended.pop(call_id, None)
            self.gone.append(call_id)
        self.dialogs.gone.clear()

    def _fault(self, text: str) -> None:
        kind = _PARTICULARS.sub("", text)
        if len(self._faults) < FAULT_BOUND:
            self._faults.setdefault(kind, text)
