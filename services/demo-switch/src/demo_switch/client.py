"""One connection to the Event Socket, after it was accepted: what it may say, what it is told, and how much waits for
it.

May NOT know what a command of `api` means. FreeSWITCH answers one command after the other, and so does this; events
go between.
"""

import asyncio
import contextlib
from collections import deque
from typing import Protocol

from demo_switch import wire
from demo_switch.subscription import Subscription
from demo_switch.templates import Event
from demo_switch.wire import Command, CommandReader

AUTH_SECONDS = 24.0  # after which FreeSWITCH closes a connection that said nothing
_WRITE_BYTES = 1 << 16
_READ_BYTES = 1 << 16


class Switch(Protocol):
    """What a client can ask for beyond its own connection."""

    def api(self, line: str) -> str:
        """The answer to an api command."""

    def bgapi(self, line: str, job: str | None) -> str:
        """Run an api command in the background; the job's uuid."""

    def sendevent(self, name: str, headers: dict[str, str], body: str) -> str:
        """Send an event to all who listen; its uuid."""

    def listening(self, client: "Client") -> None:
        """A client has subscribed to something."""


class Client:
    """`bound` is how many frames may wait for a client that does not read; one more, and it is dropped."""

    def __init__(
        self, switch: Switch, password: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, bound: int
    ) -> None:
        self._switch = switch
        self._password = password
        self._reader = reader
        self._writer = writer
        self._bound = bound
        self._waiting: deque[bytes] = deque()
        self._something = asyncio.Event()
        self._closing = False
        self._greeted = False
        self.dropped = False
        self.subscription = Subscription()

    @property
    def backlog(self) -> float:
        """How full the queue is, 0 to 1."""
        return len(self._waiting) / self._bound

    def offer(self, event: Event) -> None:
        """Send an event, if this client wants it."""
        if self._greeted and self.subscription.wants(event):
            self.send(event.frame(self.subscription.format))

    def send(self, frame: bytes) -> None:
        """Queue a frame. A client that lets too many wait is dropped, in the middle of whatever it was being sent."""
        if self._closing:
            return
        if len(self._waiting) >= self._bound:
            self.dropped = True
            self._waiting.clear()
            self._writer.write(wire.KILLED)
            self._close()
            self._writer.transport.abort()
            return
        self._waiting.append(frame)
        self._something.set()

    def goodbye(self, text: str = wire.GOODBYE) -> None:
        """Send the disconnect notice, and close when it is out."""
        self.send(wire.disconnect_notice(text))
        self._close()

    def _close(self) -> None:
        self._closing = True
        self._something.set()

    async def run(self) -> None:
        """Serve the connection to its end, whoever ends it."""
        self.send(wire.AUTH_REQUEST)
        listener = asyncio.create_task(self._listen())
        try:
            await self._speak()
        finally:
            listener.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listener
            self._writer.close()
            with contextlib.suppress(OSError):
                await self._writer.wait_closed()

    async def _speak(self) -> None:
        with contextlib.suppress(OSError):
            while self._waiting or not self._closing:
                self._something.clear()
                while self._waiting:
                    self._writer.write(self._next())
                    await self._writer.drain()
                if not self._closing:
                    await self._something.wait()

    def _next(self) -> bytes:
        """As many waiting frames as make one write."""
        frames, size = [], 0
        while self._waiting and size < _WRITE_BYTES:
            frames.append(self._waiting.popleft())
            size += len(frames[-1])
        return b"".join(frames)

    async def _listen(self) -> None:
        commands = CommandReader()
        try:
            async with asyncio.timeout(AUTH_SECONDS) as patience:
                while data := await self._reader.read(_READ_BYTES):
                    for command in commands.feed(data):
                        self._obey(command)
                    if self._greeted:
                        patience.reschedule(None)
        except (OSError, ValueError, TimeoutError):
            pass  # gone, talking nonsense, or silent: in each case the connection ends
        self.goodbye()

    # -- commands ---------------------------------------------------------------------------------------------------

    def _obey(self, command: Command) -> None:
        if self._closing:
            return
        if not self._greeted:
            self._greet(command)
            return
        verb = _ALSO.get(command.verb.lower(), command.verb.lower())
        answer = getattr(self, f"_{verb}") if verb in _VERBS else None
        if answer is None or (verb in ("api", "bgapi") and not command.argument):
            self.send(wire.reply("-ERR command not found"))
            return
        answer(command)

    def _greet(self, command: Command) -> None:
        if command.verb not in ("auth", "userauth"):
            self.send(wire.reply("-ERR command not found"))
        elif command.verb == "auth" and command.argument == self._password:
            self._greeted = True
            self.send(wire.reply("+OK accepted"))
        else:
            self.send(wire.reply("-ERR invalid"))
            self.goodbye()

    def _api(self, command: Command) -> None:
        self.send(wire.api_response(self._switch.api(command.argument)))

    def _bgapi(self, command: Command) -> None:
        job = self._switch.bgapi(command.argument, command.headers.get("Job-UUID"))
        self.send(wire.reply(f"+OK Job-UUID: {job}", Job_UUID=job))

    def _event(self, command: Command) -> None:
        self.send(self.subscription.event(command.argument))
        if self.subscription:
            self._switch.listening(self)

    def _nixevent(self, command: Command) -> None:
        self.send(self.subscription.nixevent(command.argument))

    def _noevents(self, _command: Command) -> None:
        self.send(self.subscription.clear())

    def _filter(self, command: Command) -> None:
        self.send(self.subscription.filter(command.argument))

    def _sendevent(self, command: Command) -> None:
        event = self._switch.sendevent(command.argument, command.headers, command.body)
        self.send(wire.reply(f"+OK {event}"))

    def _log(self, command: Command) -> None:
        level = command.argument or "7"
        self.send(wire.reply(f"+OK log level {level} [{level}]"))

    def _nolog(self, _command: Command) -> None:
        self.send(wire.reply("+OK no longer logging"))

    def _linger(self, _command: Command) -> None:
        self.send(wire.reply("-ERR not controlling a session"))

    def _divert_events(self, _command: Command) -> None:
        self.send(wire.reply("-ERR not controlling a session."))

    def _sendmsg(self, command: Command) -> None:
        self.send(wire.reply(f"-ERR invalid session id [{command.argument}]"))

    def _exit(self, _command: Command) -> None:
        self.send(wire.reply("+OK bye"))
        self.goodbye()


_VERBS = frozenset(
    (
        *("api", "bgapi", "event", "nixevent", "noevents", "filter", "sendevent"),
        *("log", "nolog", "linger", "divert_events", "sendmsg", "exit"),
    )
)
# FreeSWITCH looks at a command's beginning only, and genesis says `events`.
_ALSO = {"events": "event"}
