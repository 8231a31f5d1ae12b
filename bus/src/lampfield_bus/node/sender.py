"""The one thread that publishes and subscribes: it moves the outbox to the broker and keeps our place on the bus.

It works against a `Wire` (one connection) and knows no MQTT library. The network thread only notes what happened
(`opened`, `subscribed`, `published`, `closed`, …); everything is acted on here, in order, by one thread, and the wire
is never called while a lock is held. After each connect: subscriptions → `online` → all retained state → events.
"""

import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple, Protocol

from lampfield_bus.messages import Publication
from lampfield_bus.node.arrivals import Connected, Lost, ReadingBegan, ReadingEnded
from lampfield_bus.node.inbox import Inbox
from lampfield_bus.node.outbox import Outbox, Ticket
from lampfield_bus.node.run import LogOnce

__all__ = ["WINDOW", "Sender", "Subscription", "Wire"]

WINDOW = 64  # publications under way at once
READING_SECONDS = 2.0  # a marker that has not come so long after it was sent, and after what is retained, was lost
LONGEST_READING_SECONDS = 20.0  # ... and however many still come, or slow the broker is to grant them, by then
REREADING_SECONDS = 10.0  # readings that an overflow asks for are at least this far apart
ACK_SECONDS = 10.0  # a broker that acknowledges nothing for so long is as good as gone
REFUSED_BOUND = 256  # topics and filters that the broker refused: so many are remembered
STOPPING_SECONDS = 0.05  # how often a stopping sender looks at the clock
IDLE_SECONDS = 1.0  # the longest sleep: a lost wake-up costs no more

_log = logging.getLogger(__name__)


class Subscription(NamedTuple):
    """A filter relative to the root. `command`: never replayed, retain flag as published. `state`: read and followed.

    `own`: read after every connect and then left, for a publisher's own topics (its own writes do not come back).
    """

    filter: str
    kind: Literal["state", "command", "own"]


class Wire(Protocol):
    """One connection. Its methods return at once and fail silently when it is gone: `closed` is noted then."""

    window: int

    def subscribe(self, subscriptions: Sequence[Subscription]) -> int | None:
        """Sends one SUBSCRIBE; the number that `subscribed` will name."""

    def unsubscribe(self, filters: Sequence[str]) -> None:
        """Sends one UNSUBSCRIBE."""

    def publish(self, publication: Publication) -> int | None:
        """Sends one message; the number that `published` will name. ValueError for one that can't be sent."""

    def leave(self, *, with_will: bool) -> None:
        """Sends DISCONNECT; the broker publishes the will only if asked to."""

    def abort(self, reason: str) -> None:
        """Drops the connection without a word."""


class Sender:
    """Outbox → wire. `send`, `stop`, `read_again` and the notes may come from any thread."""

    def __init__(
        self,
        outbox: Outbox,
        inbox: Inbox,
        subscriptions: Sequence[Subscription],
        *,
        availability: str | None,
        fence: str,
        monotonic: Callable[[], float] = time.monotonic,
        token: Callable[[], str] = secrets.token_hex,
    ) -> None:
        self._outbox = outbox
        self._inbox = inbox
        self._availability = availability
        self._fence = fence
        self._monotonic = monotonic
        self._new_token = token
        watched = [Subscription(fence, "command")]
        if availability is not None:
            watched.append(Subscription(availability, "state"))
        self._subscriptions = [*watched, *subscriptions]
        self._read = [item for item in subscriptions if item.kind != "command"]
        self._own = [item.filter for item in subscriptions if item.kind == "own"]
        self._once = LogOnce(_log)
        self.connections = 0  # that the broker accepted
        self.acknowledged = 0  # publications that the broker took

        self.refused: dict[str, str] = {}  # topic or filter → the broker's reason; whoever asks may read it

        self._lock = threading.RLock()  # guards what follows, and the outbox
        self._changed = threading.Condition(self._lock)  # something for the sender's thread to do; it alone waits
        self._idle = threading.Condition(self._lock)  # nothing waits and nothing is under way
        self._notes: deque[Callable[[], None]] = deque()  # at most a window of acknowledgements and a few transitions
        self._token: str | None = None  # the marker of the reading that is going on
        self._granted = False  # its subscriptions stand: the marker was sent
        self._flush_until: float | None = None  # set by stop()
        self._leave_until = 0.0
        self._wants_online = False
        self._wants_reading = False

        # Only the sender's thread writes what follows.
        self._wire: Wire | None = None
        self._ready = False
        self._told_lost = False
        self._subscribing: int | None = None
        self._asked: Sequence[Subscription] = ()
        self._reading_until = 0.0
        self._reading_by = 0.0
        self._reread_at = 0.0
        self._holds_own = False
        self._tickets: dict[int, tuple[Ticket, str]] = {}
        self._acked_at = 0.0
        self._farewell: int | None = None
        self._finished = False

    # --- any thread ---------------------------------------------------------------------------------------------------

    def send(self, publications: Iterable[Publication]) -> None:
        """Takes publications in and returns at once."""
        with self._changed:
            self._outbox.put(publications)
            self._changed.notify()

    def read_again(self) -> None:
        """Subscribes anew, so that all retained state is told again; without subscriptions to state nothing happens."""
        with self._changed:
            self._wants_reading = bool(self._read)
            self._changed.notify()

    def flush(self, limit: float) -> bool:
        """Waits at most `limit` seconds until nothing waits and nothing is under way; whether that came."""
        with self._idle:
            return self._idle.wait_for(lambda: self._outbox.idle, limit)

    def stop(self, flush_until: float, leave_until: float) -> None:
        """Sends what waits until `flush_until`, then says `offline` and leaves by `leave_until` (monotonic seconds)."""
        with self._changed:
            self._leave_until = leave_until
            self._flush_until = flush_until
            self._changed.notify()

    @property
    def connected(self) -> bool:
        """Whether the broker has accepted us and our subscriptions."""
        return self._ready

    # --- the network thread: it notes, and goes on --------------------------------------------------------------------

    def opened(self, wire: Wire) -> None:
        """The broker accepted this connection."""
        self._note(lambda: self._open(wire))

    def subscribed(self, wire: Wire, number: int, refusals: Sequence[str]) -> None:
        """The broker answered a SUBSCRIBE: for each filter why it was refused, or an empty string."""
        self._note(lambda: self._settle(wire, number, refusals))

    def published(self, wire: Wire, number: int, refusal: str) -> None:
        """The broker has a publication, or says why it will not take it; QoS 0: it is on the wire."""
        self._note(lambda: self._acknowledge(wire, number, refusal))

    def closed(self, reason: str) -> None:
        """The connection is over, or an attempt failed."""
        self._note(lambda: self._close(reason))

    def marker(self, payload: bytes) -> None:
        """A message came on our fence topic. Acted on at once: what it ends is the order of arrivals.

        Another's marker asks whether anybody is here (lookout): `online`, written again, says so.
        """
        with self._changed:
            if self._token is not None and payload == self._token.encode():
                self._end_reading(complete=True)
            else:
                self._wants_online = True
            self._changed.notify()

    def stored(self) -> None:
        """A retained message came: a reading that still gets some goes on, or a slow Pi would never end one whole."""
        with self._lock:
            if self._granted:
                self._read_on()

    def availability(self, payload: bytes) -> None:
        """Our own `availability` reads this: anything but `online` is somebody's mistake, or a late will."""
        if payload != b"online":
            with self._changed:
                self._wants_online = True
                self._changed.notify()

    def _note(self, note: Callable[[], None]) -> None:
        with self._changed:
            self._notes.append(note)
            self._changed.notify()

    # --- the sender's thread ------------------------------------------------------------------------------------------

    def run(self) -> None:
        """The thread's body; returns after `stop`."""
        while not self._finished:
            with self._changed:
                if not self._has_work():
                    self._changed.wait(self._patience())
            self.turn()

    def turn(self) -> None:
        """Acts on everything noted, then on the clock, then sends what may be sent. Never waits."""
        with self._lock:
            notes, self._notes = self._notes, deque()
        for note in notes:
            note()
        now = self._monotonic()
        self._watch(now)
        self._send_waiting(now)
        if self._flush_until is not None:
            self._leave(now, self._flush_until)

    def _has_work(self) -> bool:
        asked = self._wants_online or self._wants_reading or (self._outbox.waiting and self._room() > 0)
        return bool(self._notes or (self._ready and asked))

    def _patience(self) -> float:
        if self._flush_until is not None:
            return STOPPING_SECONDS
        if self._token is None:
            return IDLE_SECONDS
        return min(max(self._reading_until - self._monotonic(), 0.001), IDLE_SECONDS)

    def _room(self) -> int:
        return 0 if self._wire is None else min(WINDOW, self._wire.window) - self._outbox.under_way

    def _open(self, wire: Wire) -> None:
        self._wire = wire
        self.connections += 1
        self._told_lost = False
        self._inbox.put(Connected())
        self._begin_reading(wire, self._subscriptions)

    def _close(self, reason: str) -> None:
        self._wire = None
        self._ready = False
        self._tickets.clear()
        with self._lock:
            self._token = None
            self._outbox.lost()
        if not self._told_lost:
            self._told_lost = True
            self._inbox.put(Lost(reason))

    def _acknowledge(self, wire: Wire, number: int, refusal: str) -> None:
        if wire is not self._wire:
            return
        self._acked_at = self._monotonic()
        ticket, topic = self._tickets.pop(number, (None, "availability or marker"))
        if refusal:
            self._note_refusal(topic, refusal)
            self._once.warning((topic, refusal), "%s: the broker refused it: %s", topic, refusal)
        if ticket is not None:
            self.acknowledged += not refusal
            self._done(ticket)
        elif number == self._farewell:
            self._finish(wire, with_will=False)

    def _begin_reading(self, wire: Wire, subscriptions: Sequence[Subscription]) -> None:
        now = self._monotonic()
        with self._lock:
            self._wants_reading = False
            self._token = self._new_token()
            self._granted = False
            self._reading_until = self._reading_by = now + LONGEST_READING_SECONDS
            self._inbox.put(ReadingBegan())
        self._reread_at = now + REREADING_SECONDS
        self._holds_own = bool(self._own)
        self._asked = subscriptions
        self._subscribing = wire.subscribe(subscriptions)

    def _read_on(self) -> None:
        """With the lock held: the marker has some time more."""
        self._reading_until = min(self._monotonic() + READING_SECONDS, self._reading_by)

    def _end_reading(self, *, complete: bool) -> None:
        """With the lock held: a new reading must not begin between the token's end and the word of it."""
        self._token = None
        self._inbox.put(ReadingEnded(complete))

    def _settle(self, wire: Wire, number: int, refusals: Sequence[str]) -> None:
        """The subscriptions stand: the marker follows what is retained, and the bus may know that we are here."""
        if wire is not self._wire or number != self._subscribing:
            return
        self._subscribing = None
        for item, refusal in zip(self._asked, refusals, strict=False):
            if refusal:
                self._note_refusal(item.filter, refusal)
                self._once.warning((item, refusal), "%s: the broker refused the subscription: %s", item.filter, refusal)
        with self._lock:
            token, self._granted = self._token, True
            self._read_on()
        if token is not None:
            wire.publish(Publication(self._fence, token.encode(), 1, False))
        if not self._ready:
            self._say(wire, "online")
            with self._lock:
                self._outbox.connected()
            self._ready = True

    def _note_refusal(self, topic: str, reason: str) -> None:
        if len(self.refused) < REFUSED_BOUND:
            self.refused[topic] = reason

    def _say(self, wire: Wire, word: Literal["online", "offline"]) -> int | None:
        if self._availability is None:
            return None
        return wire.publish(Publication(self._availability, word.encode(), 1, True))

    def _watch(self, now: float) -> None:
        """What the clock and the flags ask for."""
        with self._lock:
            if self._token is not None and now >= self._reading_until:
                self._once.warning("marker", "a reading's marker did not come back: the reading may be incomplete")
                self._end_reading(complete=False)
            reading = self._token is not None
            say_online = self._wants_online and self._ready and self._flush_until is None
            if self._ready:
                self._wants_online = False
        wire = self._wire
        if wire is None or not self._ready:
            return
        if say_online:
            self._say(wire, "online")
        if self._outbox.under_way and now - self._acked_at > ACK_SECONDS:
            wire.abort(f"nothing was acknowledged for {ACK_SECONDS:.0f} s")
        elif self._wants_reading or (now >= self._reread_at and self._inbox.wants_reading()):
            self._begin_reading(wire, self._read)
        elif self._holds_own and not reading:
            self._holds_own = False
            wire.unsubscribe(self._own)

    def _send_waiting(self, now: float) -> None:
        wire = self._wire
        while wire is not None and self._ready and (room := self._room()) > 0:
            with self._lock:
                if not self._outbox.under_way:
                    self._acked_at = now
                batch = self._outbox.take(room)
            if not batch:
                return
            for ticket, publication in batch:
                try:
                    number = wire.publish(publication)
                except ValueError as error:
                    self._refuse(ticket, publication.topic, error)
                    continue
                if number is None:
                    return  # the connection is gone; `closed` will put everything back
                self._tickets[number] = ticket, publication.topic

    def _refuse(self, ticket: Ticket, topic: str, error: ValueError) -> None:
        """What no connection could carry is not tried again."""
        self._once.warning(topic, "%s: not sent: %s", topic, error)
        self._done(ticket)
        self._outbox.dropped += 1

    def _done(self, ticket: Ticket) -> None:
        with self._lock:
            self._outbox.done(ticket)
            if self._outbox.idle:
                self._idle.notify_all()

    def _leave(self, now: float, flush_until: float) -> None:
        """Flush, `offline`, DISCONNECT; whoever does not answer in time gets our will."""
        wire = self._wire
        if wire is None:
            self._finished = True
        elif self._farewell is None:
            if now < flush_until and not (self._ready and self._outbox.idle):
                return
            self._farewell = self._say(wire, "offline")
            if self._farewell is None:
                self._finish(wire, with_will=False)
        elif now >= self._leave_until:
            self._finish(wire, with_will=True)

    def _finish(self, wire: Wire, *, with_will: bool) -> None:
        wire.leave(with_will=with_will)
        self._finished = True
