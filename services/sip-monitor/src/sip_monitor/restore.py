"""What an earlier run of the monitor left retained, read back. Pure.

What it knew of transactions is not in the topics: a call that was up goes on and ends by its BYE, one that was being
set up ends by its final answer. A message that cannot be read is no dialog; its topic is cleared with the other
leftovers.
"""

from lampfield_bus import channels as c
from lampfield_bus.messages import SipDialog
from sip_monitor.dialog import Dialog
from sip_monitor.packing import unpacked
from sip_monitor.record import Record

__all__ = ["dialogs"]


def dialogs(topics: dict[str, bytes], now: int) -> list[tuple[Dialog, Record]]:
    """The dialogs in these retained topics (relative to the root), payloads packed; those that ended first first."""
    told: dict[str, SipDialog] = {}
    records: dict[str, Record] = {}
    for topic, resting in topics.items():
        found = c.match(topic)
        if found is None:
            continue
        payload = unpacked(resting)
        channel, (_, call_id) = found[0], found[1]
        try:
            if channel is c.SIP_LADDER:
                records[call_id] = record = Record(payload)
                record.packed()
            else:
                message = channel.decode(payload)
                if isinstance(message, SipDialog) and message.call_id == call_id:
                    told[call_id] = message
        except ValueError:
            continue
    found_both = [message for call_id, message in told.items() if call_id in records]
    found_both.sort(key=lambda message: message.ended_at or message.started_at)
    restored = []
    for message in found_both:
        try:
            restored.append((Dialog.restored(message, now), records[message.call_id]))
        except ValueError:
            continue
    return restored
