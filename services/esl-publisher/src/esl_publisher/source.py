"""One ESL connection, on greenswitch's InboundESL: events in, a few commands out, and every end of it with a reason.

Kept of InboundESL: the constructor, the handler registry, the names. Replaced: connect, receive, handle, process, send
and stop, because greenswitch 0.0.19 hangs, spins or goes deaf on a silent peer, an end in a body, garbage, a burst. An
object lives for one connection. It runs in a gevent hub that nobody has monkey-patched.

    reader greenlet ── backlog, bounded ──▶ worker greenlet ──▶ handlers `*` (list of bodies), `OVERFLOW` (count)
          └─ replies, in order, to `send`         └─ answers of background jobs to `tables`

The reader never waits for the worker for long: a client that does not read stalls FreeSWITCH for everybody. When the
backlog is full it is emptied, what was lost is counted, and the worker is told: only a snapshot helps then.
This module decodes no event and knows no MQTT. It sends nothing but what commands.py can spell.
"""

import contextlib
import logging
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

import gevent
from gevent.event import AsyncResult, Event
from gevent.lock import RLock
from greenswitch import InboundESL

from esl_publisher import commands
from esl_publisher.answers import Answer, answer
from esl_publisher.backlog import Backlog, Overflow
from esl_publisher.commands import Command
from esl_publisher.dial import dial
from esl_publisher.framing import Frame, Framer, Octets
from esl_publisher.patience import STEPS, Patience

__all__ = ["Fault", "Limits", "Source", "SourceLost"]

Fault = Literal["unreachable", "refused", "password", "silent", "protocol", "gone", "stopped"]

_READ_BYTES: Final = 256 * 1024  # of one recv
_BATCH: Final = 64  # bodies handed to a handler at once: some 2 ms of work
_BEHIND: Final = 256  # bodies waiting: the reader lets the worker go first, for _PATIENCE at most
_PATIENCE: Final = 0.02  # seconds
_SLICE: Final = 0.005  # seconds of work before timers and sockets have their turn
# gevent.sleep(0) lets timers wait for up to 50 callbacks (measured: 259 ms late); any real time goes through the whole
# loop, which takes 3 us (10 000 events at once: timers at most 5 ms late).
_BREATH: Final = 1e-6
_WAITED: Final = 1e-4  # a recv that took longer had to wait, so the loop has turned

_log = logging.getLogger(__name__)


class SourceLost(ConnectionError):  # noqa: N818 (it says what happened; DESIGN's word for every lost source)
    """The connection is over, or never came to be: the text says why in words, `fault` says it to programs."""

    def __init__(self, fault: Fault, reason: str) -> None:
        super().__init__(reason)
        self.fault = fault


@dataclass(frozen=True)
class Limits:
    """How long one connection waits, in seconds, while nothing comes (patience.py)."""

    command: float = 5.0  # until a command is answered
    job: float = 10.0  # until the answer of a background job has come
    quiet: float = 15.0  # without a byte (HEARTBEAT comes every 20 s): a command asks whether anybody is there


class Source(InboundESL):  # type: ignore[misc]  # greenswitch ships no types
    """An inbound ESL connection. `timeout` seconds for the way there (DNS and TCP), and as many for the login."""

    def __init__(
        self,
        host: str,
        port: int,
        password: str,
        timeout: float = 5.0,
        *,
        limits: Limits | None = None,
        backlog: Backlog | None = None,
    ) -> None:
        super().__init__(host, port, password, timeout)
        self.backlog = Backlog() if backlog is None else backlog
        self._limits = limits or Limits()
        self._framer = Framer()
        self._lost: SourceLost | None = None
        self._failure: Exception | None = None
        self._greeted = Event()  # auth/request has come
        self._writing = RLock()
        self._arrived = Event()  # the backlog holds something, or nothing will come any more
        self._caught_up = Event()  # the worker has less than _BEHIND to do
        self._jobs: dict[str, AsyncResult] = {}
        self._breathed_at = 0.0
        self._received = 0  # bytes
        self.sock: Any = None

    # --- from outside -------------------------------------------------------------------------------------------------

    def connect(self) -> None:
        """Connects and logs in. Raises SourceLost; the object is useless then."""
        try:
            self._reach()
            self.connected = True
            self._receive_events_greenlet = gevent.spawn(self.receive_events)
            with self._limit(self.timeout, f"connected, but no greeting within {self.timeout:g} s"):
                self._greeted.wait()
            self._check()
            self.authenticate()
        except BaseException:
            self._lose("stopped", "stopped while connecting")
            raise

    def authenticate(self) -> None:
        """Logs in. Raises SourceLost."""
        said = self.send(commands.auth(self.password)).reply
        if not said.startswith("+OK"):
            # The notice that follows at once may have ended the connection already: this is the better reason.
            lost = SourceLost("password", f"FreeSWITCH refused the password: {said}")
            self._lose(lost.fault, str(lost))
            raise lost

    def start_event_handlers(self) -> None:
        """Handlers run from now on; what has come before waits in the queue."""
        self._process_events_greenlet = gevent.spawn(self.process_events)

    def send(self, data: Command) -> Frame:
        """Sends one command and waits for its reply. Raises SourceLost, also for a reply that does not come in time:
        replies are matched by their order alone, so the connection is dropped then.
        """
        if not isinstance(data, Command):
            raise TypeError("only what commands.py makes is sent")
        reply = AsyncResult()
        limit = self._limits.command
        with self._limit(limit, f"no reply to '{data.label}' within {limit:g} s"):
            self._write(data, reply)
            frame: Frame = reply.get()
        return frame

    def api(self, command: Command) -> str | None:
        """What an `api` command answers; None for an error and for nothing."""
        return _said(self.send(command))

    def ask(self, questions: Iterable[Command]) -> list[str | None]:
        """What these `api` commands answer. None waits for the answer before it: far away that would be seconds."""
        limit = self._limits.command
        with self._limit(limit, f"no reply to a question within {limit:g} s"):
            replies = []
            for question in questions:
                replies.append(AsyncResult())
                self._write(question, replies[-1])
            return [_said(reply.get()) for reply in replies]

    def tables(self, tables: Iterable[str] = commands.TABLES) -> dict[str, str]:
        """The answers for these tables (as `commands.job` knows them), by name, asked for at once. Raises SourceLost.

        Not for handlers: they would wait for themselves.
        """
        return {table: text.decode("utf-8", "replace") for table, text in self._answers(tables).items()}

    def hand_over(self, take: Callable[[str, Octets], None], tables: Iterable[str] = commands.TABLES) -> None:
        """Gives each of these tables and its answer (UTF-8) to `take`, in their order; the rest as `tables` has it.

        The next is asked for when this one, which may be of megabytes, is taken and forgotten.
        """
        for table in tables:
            take(table, *self._answers((table,)).values())

    def _answers(self, tables: Iterable[str]) -> dict[str, Octets]:
        waiting, limit = {table: (uuid.uuid4().hex, AsyncResult()) for table in tables}, self._limits.job
        self._jobs.update(waiting.values())
        try:
            with self._limit(limit, f"no answer to a background job within {limit:g} s"):
                for table, (name, answered) in waiting.items():
                    if not self.send(commands.job(table, name)).reply.startswith("+OK"):
                        answered.set(self._told_at_once(table))
                return {table: answered.get() for table, (_, answered) in waiting.items()}
        finally:
            for name, _ in waiting.values():
                self._jobs.pop(name, None)

    def _told_at_once(self, table: str) -> Octets:
        """A table from who knows no background jobs (a proxy, a stand-in). Raises SourceLost for a refusal."""
        asked = commands.foreground(table)
        frame = self.send(asked)
        if frame.content_type != "api/response":
            raise self._lose("protocol", f"FreeSWITCH refused '{asked.label}': {frame.reply}")
        return frame.body

    def wait(self) -> None:
        """Waits for the end: raises SourceLost when all that came before it is handled, or what a handler raised."""
        for greenlet in (self._process_events_greenlet, self._receive_events_greenlet):
            if greenlet is not None:
                greenlet.join()
        if self._failure is not None:
            raise self._failure
        self._check()

    def stop(self) -> None:
        """Ends the connection and both greenlets, from anywhere (a handler, too) and any number of times."""
        self._lose("stopped", "stopped")
        self.backlog.clear()
        own = gevent.getcurrent()
        greenlets = (self._receive_events_greenlet, self._process_events_greenlet)
        gevent.killall([one for one in greenlets if one is not None and one is not own])

    def _reach(self) -> None:
        try:
            dial(self.host, self.port, self.timeout, self._hold)
        except OSError as error:
            raise self._lose("unreachable", str(error)) from None

    def _hold(self, sock: Any) -> None:
        self._check()
        self.sock = sock

    # --- the reader ---------------------------------------------------------------------------------------------------

    def receive_events(self) -> None:
        """The reader greenlet's body: until the connection ends."""
        try:
            while self._lost is None:
                self._take_in(self._read())
                self._yield_to_worker()
        except SourceLost:
            pass  # told already
        except ValueError as error:
            self._lose("protocol", f"what came is not ESL: {error}")
        except OSError as error:
            self._lose("gone", f"connection lost: {error.strerror or error}")
        except Exception as error:  # noqa: BLE001 (a fault of ours is for `wait` to raise, not to be waited for)
            self._failure = error
            self._lose("stopped", f"the reader failed: {error}")

    def _take_in(self, data: bytes) -> None:
        """What one read brought. Nothing of it is held on to: the last frame may be of megabytes."""
        self._received += len(data)
        for frame in self._framer.feed(data):
            self.handle_event(frame)
        if len(self.backlog):
            self._arrived.set()

    def _read(self) -> bytes:
        """The next bytes. After `quiet` seconds without any it asks for a reply, and waits for it as for any other."""
        asked = False
        while True:
            self.sock.settimeout(self._limits.command if asked else self._limits.quiet)
            began = time.monotonic()
            try:
                data: bytes = self.sock.recv(_READ_BYTES)
            except TimeoutError:
                if not asked:
                    asked = self._ask()
                    continue
                data = self._what_is_there()
            now = time.monotonic()
            if now - began > _WAITED:
                self._breathed_at = now
            if not data:
                raise self._lose("gone", f"FreeSWITCH closed the connection {self._framer.place}")
            return data

    def _what_is_there(self) -> bytes:
        """Where we got no time the limit is over before what has come is read."""
        self.sock.settimeout(0)
        try:
            data: bytes = self.sock.recv(_READ_BYTES)
        except BlockingIOError:
            raise self._lose("silent", "FreeSWITCH is silent: it does not even answer") from None
        return data

    def _ask(self) -> bool:
        """Sends a command whose reply only has to come; not before the greeting, nor while somebody else is writing."""
        greeted: bool = self._greeted.is_set()
        if greeted and self._writing.acquire(blocking=False):
            try:
                self._write(commands.CORE_UUID, AsyncResult())
            finally:
                self._writing.release()
        return greeted

    def handle_event(self, event: Frame) -> None:
        """Takes one frame in. Raises SourceLost when it is the last."""
        match event.content_type:
            case "text/event-json":
                self._enqueue(event.body)
            case "command/reply" | "api/response":
                if not self._commands_sent:
                    raise self._lose("protocol", "a reply came that nobody had asked for")
                self._commands_sent.pop(0).set(event)
            case "auth/request":
                self._greeted.set()
            case "text/rude-rejection":
                raise self._lose("refused", f"FreeSWITCH does not let this address in: {_line(event.body)}")
            case "text/disconnect-notice":
                raise self._lose("gone", f"FreeSWITCH says: {_line(event.body) or 'disconnected'}")
            case other:
                _log.debug("a frame that nobody asked for: %s", other)

    def _enqueue(self, body: Octets) -> None:
        found = answer(body) if self._jobs else None
        self.backlog.put(bytes(body) if found is None or found.job not in self._jobs else found)

    def _yield_to_worker(self) -> None:
        if len(self.backlog) >= _BEHIND:
            self._caught_up.clear()
            self._caught_up.wait(_PATIENCE)
        self._breathe()

    def _breathe(self) -> None:
        """Lets the whole loop turn when reader and worker have kept it for a slice of time."""
        if time.monotonic() - self._breathed_at > _SLICE:
            gevent.sleep(_BREATH)
            self._breathed_at = time.monotonic()

    # --- the worker ---------------------------------------------------------------------------------------------------

    def process_events(self) -> None:
        """The worker greenlet's body: runs handlers until the connection has ended and the queue is empty."""
        try:
            while len(self.backlog) or self._lost is None:
                if not len(self.backlog):
                    self._arrived.clear()
                    self._arrived.wait()
                self._dispatch()
                if len(self.backlog) < _BEHIND:
                    self._caught_up.set()
                self._breathe()
        except Exception as error:  # noqa: BLE001 (whatever a handler raised is for `wait` to raise)
            self._failure = error
            self._lose("stopped", f"a handler failed: {error}")

    def _dispatch(self) -> None:
        match self.backlog.take(_BATCH):
            case list() as bodies:
                self._tell("*", bodies)
            case Overflow(dropped=dropped):
                self._tell("OVERFLOW", dropped)
            case Answer(job=job, text=text) if job in self._jobs:
                self._jobs.pop(job).set(text)

    def _tell(self, name: str, what: object) -> None:
        for handler in self.event_handlers.get(name, ()):
            handler(what)

    # --- all of them --------------------------------------------------------------------------------------------------

    def _write(self, command: Command, reply: AsyncResult) -> None:
        """Puts a command on the wire and its reply in line; whole, whatever else is being written."""
        with self._writing:
            self._check()
            if not self.connected:
                raise SourceLost("stopped", "not connected")
            self._commands_sent.append(reply)
            try:
                self.sock.sendall(command.wire)
            except OSError as error:
                raise self._lose("gone", f"connection lost: {error.strerror or error}") from None
            except BaseException:  # half a command may be on the wire
                self._lose("stopped", f"interrupted while sending '{command.label}'")
                raise

    @contextlib.contextmanager
    def _limit(self, seconds: float, reason: str) -> Iterator[None]:
        """What takes longer ends the connection: whoever waits then is told."""
        patience = Patience(self._received)
        step = seconds / STEPS
        with contextlib.closing(gevent.get_hub().loop.timer(step, repeat=step)) as watch:
            watch.start(lambda: patience.is_over(self._received) and self._lose("silent", reason))
            yield

    def _check(self) -> None:
        if self._lost is not None:
            raise SourceLost(self._lost.fault, str(self._lost))

    def _lose(self, fault: Fault, reason: str) -> SourceLost:
        """Ends the connection, once; everybody who waits is told. Returns what to raise: the first reason counts."""
        if self._lost is None:
            self._lost = SourceLost(fault, reason)
            self.connected = False
            self._run = False
            if self.sock is not None:
                self.sock.close()
            self._greeted.set()
            self._arrived.set()
            self._caught_up.set()
            for waiting in (*self._commands_sent, *self._jobs.values()):
                if not waiting.ready():
                    waiting.set_exception(SourceLost(fault, reason))
            self._commands_sent.clear()
        return SourceLost(self._lost.fault, str(self._lost))


def _said(frame: Frame) -> str | None:
    return commands.value(frame.body.decode("utf-8", "replace"))


def _line(body: Octets) -> str:
    """The first line of what FreeSWITCH says, for a log."""
    return body.decode("utf-8", "replace").strip().partition("\n")[0].strip()[:200]
