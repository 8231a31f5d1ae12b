"""The bounded, coalescing hand-over from the network thread to the one thread that runs the machine.

Order is kept, with one liberty: state waits at most once per topic, the newest value at the newest value's place. What
a loss or a new reading makes moot is dropped at once, so nothing here grows with a flapping link or a slow reader. It
knows no socket and no client.
"""

import threading
from collections import deque
from collections.abc import Callable, Hashable

from lampfield_bus.messages import LIMITS
from lampfield_bus.node.arrivals import Arrival, Lost, Message, ReadingBegan, ReadingEnded

__all__ = ["COMMAND_BOUND", "COMMAND_BYTES", "CRITICAL_BOUND", "REFUSED_BOUND", "REFUSED_BYTES", "STATE_BOUND", "Inbox"]

STATE_BOUND = 50_000  # distinct topics waiting; a new one beyond them is dropped, and a new reading is asked for
COMMAND_BOUND = 256  # commands waiting; when full the oldest is answered `busy`
COMMAND_BYTES = (
    LIMITS["payload"] + 1
)  # of a command's payload wait; one that is longer is refused, and enough is kept for that
CRITICAL_BOUND = 64  # critical ones have a room of their own; the newest per key wins
REFUSED_BOUND = 10_000  # refused commands waiting for their answer; beyond it the oldest stays without one
REFUSED_BYTES = 1_024  # of a refused command's payload are kept for the answer; a longer one is kept without

_Key = str | int | type[Arrival]


def _never(_: object) -> bool:
    return False


class Inbox:
    """Arrivals on their way to the machine. Every method may be called from any thread; only `take` waits.

    `wake` is called after every `put` (a gevent hub's `async_().send`). `is_command` tells a command's topic from a
    state's, `is_critical` the commands that have room of their own, `critical_key` which of those replace each other.
    None of the callables may raise or wait.
    """

    def __init__(
        self,
        *,
        wake: Callable[[], None] | None = None,
        is_command: Callable[[str], bool] = _never,
        is_critical: Callable[[Message], bool] = _never,
        critical_key: Callable[[Message], Hashable] | None = None,
        command_bound: int = COMMAND_BOUND,
        critical_bound: int = CRITICAL_BOUND,
        state_bound: int = STATE_BOUND,
        refused_bound: int = REFUSED_BOUND,
    ) -> None:
        self._wake = wake
        self._is_command = is_command
        self._is_critical = is_critical
        self._critical_key = critical_key
        self._state_bound = state_bound
        # The re-entrant lock of Condition lets a signal handler notify while its own thread is inside take().
        self._changed = threading.Condition()
        # Everything that waits, oldest first. Keys: a state's topic, a command's number, a transition's type.
        self._waiting: dict[_Key, Arrival] = {}
        self._states = 0
        self._ordinary = _Room(command_bound)
        self._critical = _Room(critical_bound)
        self._refused: deque[Message] = deque(maxlen=refused_bound)
        self._number = 0
        self._poked = False
        self._overflowed = False
        self._dropped = 0

    def put(self, arrival: Arrival) -> None:
        """Adds an arrival. Never waits for the reader."""
        if not isinstance(arrival, Message):
            with self._changed:
                self._put_transition(arrival)
                self._changed.notify()
        elif self._is_command(arrival.topic):
            if len(arrival.payload) > COMMAND_BYTES:
                arrival = Message(arrival.topic, arrival.payload[:COMMAND_BYTES], arrival.retain, arrival.qos)
            critical = self._is_critical(arrival)
            key = self._critical_key(arrival) if critical and self._critical_key else None
            with self._changed:
                self._put_command(arrival, self._critical if critical else self._ordinary, key)
                self._changed.notify()
        else:
            with self._changed:
                self._put_state(arrival)
                self._changed.notify()
        if self._wake is not None:
            self._wake()

    def take(self, timeout: float) -> list[Arrival]:
        """Everything that waits, in order; waits at most `timeout` seconds for something to come or for `notify`."""
        with self._changed:
            if not self._waiting and not self._poked:
                self._changed.wait(max(timeout, 0.0))
            return self._empty()

    def drain(self) -> list[Arrival]:
        """Everything that waits, in order, at once."""
        with self._changed:
            return self._empty()

    def refused(self) -> list[Message]:
        """Commands that were dropped because their room was full, each once: answer them `busy`. Long payloads are cut
        off whole: what waits here was sent by a flood."""
        with self._changed:
            refused = list(self._refused)
            self._refused.clear()
            return refused

    def notify(self) -> None:
        """Ends a `take` that waits, or the next one. Safe in a signal handler."""
        with self._changed:
            self._poked = True
            self._changed.notify()

    def wants_reading(self) -> bool:
        """Whether state was dropped and the reader has caught up since: only a new reading tells what is missing."""
        with self._changed:
            return self._overflowed and self._states <= self._state_bound // 2

    @property
    def dropped(self) -> int:
        """How many state messages and commands were dropped because there was no room."""
        return self._dropped

    def _empty(self) -> list[Arrival]:
        self._poked = False
        arrivals = list(self._waiting.values())
        self._waiting.clear()
        self._states = 0
        self._ordinary.clear()
        self._critical.clear()
        return arrivals

    def _put_transition(self, arrival: Arrival) -> None:
        if isinstance(arrival, Lost):
            self._forget_state(transitions=True)
        elif isinstance(arrival, ReadingBegan):
            self._forget_state()
            self._waiting.pop(ReadingEnded, None)
            self._overflowed = False
        elif isinstance(arrival, ReadingEnded) and self._overflowed:
            arrival = ReadingEnded(complete=False)
        kind = type(arrival)
        self._waiting.pop(kind, None)
        self._waiting[kind] = arrival

    def _forget_state(self, *, transitions: bool = False) -> None:
        """The reading to come tells all state anew; commands stay."""
        self._waiting = {
            key: arrival
            for key, arrival in self._waiting.items()
            if isinstance(key, int) or not (transitions or isinstance(key, str))
        }
        self._states = 0

    def _put_state(self, message: Message) -> None:
        if self._waiting.pop(message.topic, None) is not None:
            self._waiting[message.topic] = message
        elif self._states < self._state_bound:
            self._states += 1
            self._waiting[message.topic] = message
        else:
            self._dropped += 1
            self._overflowed = True

    def _put_command(self, message: Message, room: "_Room", key: Hashable) -> None:
        self._number += 1
        for number in room.enter(self._number, key):
            stale = self._waiting.pop(number)
            if isinstance(stale, Message):
                self._dropped += 1
                kept = stale.payload if len(stale.payload) <= REFUSED_BYTES else b""
                self._refused.append(Message(stale.topic, kept, stale.retain, stale.qos))
        self._waiting[self._number] = message


class _Room:
    """The numbers of the commands that wait in one room, oldest first; at most one per key."""

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._numbers: dict[int, Hashable] = {}
        self._by_key: dict[Hashable, int] = {}

    def enter(self, number: int, key: Hashable) -> list[int]:
        """Lets `number` in; returns the numbers that had to leave for it: its key's, or the oldest."""
        left = []
        if key is not None and key in self._by_key:
            left.append(self._by_key[key])
        elif len(self._numbers) >= self._bound:
            left.append(next(iter(self._numbers)))
        for gone in left:
            self._by_key.pop(self._numbers.pop(gone), None)
        self._numbers[number] = key
        if key is not None:
            self._by_key[key] = number
        return left

    def clear(self) -> None:
        """All have left."""
        self._numbers.clear()
        self._by_key.clear()
