"""The machine: HEP datagrams and what the bus tells in, publications out. Pure, in h11's manner.

    receive(input, at) → [Publication]      a datagram, an arrival from the link
    due() → instant | None                  when something is to be told, or somebody has been silent for too long
    tick(at) → [Publication]                time has passed

A dialog's messages come in bursts, so it is told SETTLE_MS after its first news, with all that came meanwhile; at most
TURN_DIALOGS at a time, so a flood is not multiplied on the bus. Nothing is told before our own retained topics were
read: what an earlier run knew goes on, what cannot be read is cleared.
"""

from collections.abc import Callable, Iterator
from typing import Final

from msgspec import Struct

from lampfield_bus import channels as c
from lampfield_bus import messages as m
from lampfield_bus.instants import rfc3339
from lampfield_bus.masking import mask
from lampfield_bus.messages import Publication
from lampfield_bus.node.arrivals import Arrival, Message, ReadingBegan, ReadingEnded
from sip_monitor import restore
from sip_monitor.correlate import Correlation
from sip_monitor.dialog import Dialog
from sip_monitor.packing import packed, unpacked
from sip_monitor.tracker import Rules, Tracker

__all__ = ["LAPSE_MS", "SETTLE_MS", "SUMMARY_MS", "TURN_DIALOGS", "TURN_MS", "Datagram", "Monitor"]

SETTLE_MS: Final = 200
TURN_DIALOGS: Final = 50
TURN_MS: Final = 50
LAPSE_MS: Final = 2_000  # how often silence is looked for
SUMMARY_MS: Final = 1_000  # the summary, when something changed
SUMMARY_REST_MS: Final = 15_000  # and when nothing did: its hour moves on

_OWN: Final = (c.SIP_DIALOG.name, c.SIP_LADDER.name)


class Datagram(Struct, frozen=True, gc=False):
    """One datagram as it came."""

    payload: bytes


class Monitor:
    """One node's dialogs, and what the bus knows of them."""

    def __init__(self, node: str, rules: Rules, now: int, tracker: Tracker | None = None) -> None:
        self._node = node
        self._hide: Callable[[str], str] = mask if rules.hide_numbers else str
        self.tracker = Tracker(rules) if tracker is None else tracker
        self._correlation = Correlation()
        self._reading: dict[str, bytes] | None = None  # topics and their packed payloads, which the first alone keeps
        self._published: set[str] = set()  # Call-IDs
        self._turn_at = now
        self._lapse_at = now + LAPSE_MS
        self._summary_at = now
        self._summary_rest_at = now
        self._changed = True
        self._wants_reading = False
        self.ready = False

    def receive(self, happened: Datagram | Arrival, now: int) -> list[Publication]:
        """Take one thing in."""
        if isinstance(happened, Datagram):
            self._heard(happened.payload, now)
        elif isinstance(happened, Message):
            self._told(happened, now)
        elif isinstance(happened, ReadingBegan):
            self._reading = {}
        elif isinstance(happened, ReadingEnded):
            return self._read(now, complete=happened.complete)
        return []

    def due(self) -> int | None:
        """When `tick` has something to do."""
        times = [self._lapse_at]
        if self.ready:
            times.append(max(self._summary_at if self._changed else self._summary_rest_at, self._turn_at))
            if self.tracker.gone:
                times.append(self._turn_at)
            if self.tracker.touched:
                first = next(iter(self.tracker.touched.values()))
                times.append(max(first + SETTLE_MS, self._turn_at))
        return min(times)

    def tick(self, now: int) -> list[Publication]:
        """Time has passed."""
        if now >= self._lapse_at:
            self._lapse_at = now + LAPSE_MS
            self.tracker.lapse(now)
        if not self.ready or now < self._turn_at:
            return []
        out = list(self._deletions())
        out += self._news(now)
        out += self._summary(now)
        return out

    def wants_reading(self) -> bool:
        """Whether all retained state should be told again: the last reading had a hole. Asked once per hole."""
        wants, self._wants_reading = self._wants_reading, False
        return wants

    def shift(self, by: int) -> None:
        """The wall clock was set by `by` ms: what was measured by it moves along."""
        for name in ("_turn_at", "_lapse_at", "_summary_at", "_summary_rest_at"):
            setattr(self, name, getattr(self, name) + by)
        self.tracker.summary.shift(by)
        for dialog in self.tracker.dialogs:
            dialog.heard_at += by
            dialog.expires_at = None if dialog.expires_at is None else dialog.expires_at + by
        self.tracker.touched = {call_id: since + by for call_id, since in self.tracker.touched.items()}

    # --- in -----------------------------------------------------------------------------------------------------------

    def _heard(self, datagram: bytes, now: int) -> None:
        tracker = self.tracker
        tracker.datagram(datagram, now)
        while tracker.fresh:
            dialog = tracker.fresh.pop()
            dialog.switch_call = self._correlation.call_of(dialog.call_id)

    def _told(self, message: Message, now: int) -> None:
        found = c.match(message.topic)
        if found is None:
            return
        channel, names = found
        if channel.writer == "sip":
            if self._reading is not None and names[0] == self._node and channel.name in _OWN and message.payload:
                self._reading[message.topic] = b"" if self.ready else packed(message.payload)
            return
        if not message.payload:
            return
        try:
            call = channel.decode(message.payload)
        except ValueError:
            return  # somebody else's, of another version: without it a leg has no call
        if isinstance(call, m.Call) and not (isinstance(call, m.CallEnded) and call.merged_into):
            for leg in self._correlation.learn(call):
                dialog = self.tracker.dialogs.get(leg)
                if dialog is not None:
                    dialog.switch_call = call.id
                    self.tracker.touch(leg, now)

    def _read(self, now: int, *, complete: bool) -> list[Publication]:
        """Our own topics were read: at first what an earlier run left, later what a broker kept of ours."""
        topics, self._reading = self._reading or {}, None
        left = [] if self.ready else restore.dialogs(topics, now)
        for dialog, told in left:
            self.tracker.adopt(dialog, told)
            self._published.add(dialog.call_id)
        self._wants_reading = not complete
        if not complete and not self.ready:
            return []
        self.ready = True
        ours = {topic for call_id in self._published for topic in self._topics(call_id)}
        rows = {topic: c.match(topic) for topic in topics}
        return [row[0].deletion(topic) for topic, row in rows.items() if row is not None and topic not in ours]

    # --- out ----------------------------------------------------------------------------------------------------------

    def _topics(self, call_id: str) -> tuple[str, str]:
        return c.SIP_DIALOG.topic(self._node, call_id), c.SIP_LADDER.topic(self._node, call_id)

    def _deletions(self) -> Iterator[Publication]:
        gone, self.tracker.gone = self.tracker.gone, []
        for call_id in gone:
            if call_id in self._published and call_id not in self.tracker.dialogs:
                self._published.discard(call_id)
                for channel, topic in zip((c.SIP_DIALOG, c.SIP_LADDER), self._topics(call_id), strict=True):
                    yield channel.deletion(topic)
                self._changed = True

    def _news(self, now: int) -> Iterator[Publication]:
        tracker = self.tracker
        if not tracker.touched or next(iter(tracker.touched.values())) + SETTLE_MS > now:
            return
        self._turn_at = now + TURN_MS
        for call_id in list(tracker.touched)[:TURN_DIALOGS]:
            del tracker.touched[call_id]
            dialog = tracker.dialogs.get(call_id)
            if dialog is None:
                continue
            self._changed = True
            self._published.add(call_id)
            told = m.encode(self.message(dialog))
            topic, ladder = self._topics(call_id)
            yield Publication(ladder, tracker.records.packed(call_id), c.SIP_LADDER.qos, True, unpacked)
            yield Publication(topic, packed(told), c.SIP_DIALOG.qos, True, unpacked)
            if call_id in tracker.ended and not dialog.live:
                del tracker.ended[call_id]
                yield Publication(c.SIP_DIALOG_ENDED.topic(self._node), told, c.SIP_DIALOG_ENDED.qos, False)

    def _summary(self, now: int) -> Iterator[Publication]:
        if now < (self._summary_at if self._changed else self._summary_rest_at):
            return
        self._changed = False
        self._summary_at, self._summary_rest_at = now + SUMMARY_MS, now + SUMMARY_REST_MS
        message = self.tracker.summary.message(self.tracker.dialogs.live_calls, now)
        yield c.SIP_SUMMARY.publication(c.SIP_SUMMARY.topic(self._node), message)

    def message(self, dialog: Dialog) -> m.SipDialog:
        """A dialog as it is told."""
        return m.SipDialog(
            call_id=dialog.call_id,
            method=dialog.method,
            from_=self._hide(dialog.from_),
            to=self._hide(dialog.to),
            state=dialog.state,
            status=dialog.status,
            reason=None if dialog.reason is None else self._hide(dialog.reason),
            cause=dialog.cause,
            started_at=rfc3339(dialog.started_at),
            answered_at=None if dialog.answered_at is None else rfc3339(dialog.answered_at),
            ended_at=None if dialog.ended_at is None else rfc3339(dialog.ended_at),
            setup_ms=dialog.setup_ms,
            messages=dialog.messages,
            retransmissions=dialog.retransmissions,
            switch_call=dialog.switch_call,
        )
