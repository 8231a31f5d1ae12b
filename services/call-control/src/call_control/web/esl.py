"""One ESL connection that may write, on asyncio's streams. It sends nothing but what commands.py can spell.

Shell. One object per connection; every end of it has a reason. Replies are matched by their order alone, so a reply
that does not come in time ends the connection. Decision 23 says why this is not greenswitch.
"""

import asyncio
import contextlib
import logging
import os
import re
import socket
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from call_control.web import commands
from call_control.web.commands import Command

__all__ = ["Esl", "EslLost", "Limits", "Reply"]

MAX_HEADER: Final = 64 * 1024  # bytes of a block of header lines
MAX_BODY: Final = 1024 * 1024  # an event has 10 KiB, a dump 20
MAX_WAITING: Final = 1_000  # commands without their reply
# A peer that vanished without a word is noticed by the kernel within half a minute (tcp(7)); Linux has them all.
_TCP: Final = (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3), ("TCP_USER_TIMEOUT", 25_000))

_log = logging.getLogger(__name__)


class EslLost(ConnectionError):  # noqa: N818 (it says what happened)
    """The connection is over, or never came to be. `sent`: whether the command may have reached FreeSWITCH."""

    def __init__(self, reason: str, *, sent: bool = True) -> None:
        super().__init__(reason)
        self.sent = sent


class Limits(NamedTuple):
    """How long a connection waits, in seconds."""

    connect: float = 5.0  # for the way there, and as long again for the greeting and the login
    command: float = 5.0  # for a reply
    quiet: float = 25.0  # without a byte (HEARTBEAT comes every 20 s): then a command asks whether anybody is there


class Reply(NamedTuple):
    """What FreeSWITCH said to a command: `+OK …` or `-ERR …`; of an `api` command, all that it answered."""

    text: str

    @property
    def ok(self) -> bool:
        """Whether it did as it was told."""
        return self.text.startswith("+OK")


class Esl:
    """A connection that is being made, lives, or is over."""

    def __init__(self, tell: Callable[[bytes], None], *, limits: Limits | None = None) -> None:
        self._tell = tell  # the body of every event
        self._limits = limits or Limits()
        self._replies: deque[asyncio.Future[Reply]] = deque()
        self._greeted = asyncio.Event()
        self._heard = 0.0
        self._over = asyncio.Event()
        self._reason: str | None = None
        self._failure: Exception | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def connect(self, host: str, port: int, password: str) -> None:
        """Connects and logs in. Raises EslLost; the object is useless then."""
        seconds = self._limits.connect
        try:
            async with asyncio.timeout(seconds):
                reader, self._writer = await asyncio.open_connection(host, port, limit=MAX_HEADER)
        except TimeoutError:
            raise self._lose(f"{host}:{port}: no connection within {seconds:g} s") from None
        except OSError as error:
            raise self._lose(f"{host}:{port}: {_why(error)}") from None
        _tune(self._writer.get_extra_info("socket"))
        self._tasks = [asyncio.create_task(self._read(reader)), asyncio.create_task(self._ask())]
        try:
            async with asyncio.timeout(seconds):
                await self._greeted.wait()
        except TimeoutError:
            raise self._lose(f"{host}:{port}: connected, but no greeting within {seconds:g} s") from None
        reply = await self.send(commands.auth(password))
        if not reply.ok:
            # The notice that follows at once may have ended the connection already: this is the better reason.
            reason = f"FreeSWITCH refused the password: {reply.text}"
            self._lose(reason)
            raise EslLost(reason)

    async def send(self, command: Command) -> Reply:
        """Sends one command and waits for its reply. Raises EslLost."""
        return (await self.send_all([command]))[0]

    async def send_all(self, commands: Sequence[Command]) -> list[Reply]:
        """Sends them in one go, and waits for all the replies. Raises EslLost, with `sent` false where nothing was."""
        if not all(isinstance(command, Command) for command in commands):
            raise TypeError("only what commands.py makes is sent")
        if self._reason is not None or self._writer is None:
            raise EslLost(self._reason or "not connected", sent=False)
        if len(self._replies) + len(commands) > MAX_WAITING:
            raise EslLost(f"{len(self._replies)} commands wait for FreeSWITCH", sent=False)
        waiting = [asyncio.get_running_loop().create_future() for _ in commands]
        self._replies.extend(waiting)
        self._writer.write(b"".join(command.wire for command in commands))
        seconds = self._limits.command
        try:
            async with asyncio.timeout(seconds):
                return list(await asyncio.gather(*waiting))
        except TimeoutError:
            raise self._lose(f"no reply to '{commands[0].label}' within {seconds:g} s") from None
        except asyncio.CancelledError:  # gather has cancelled the futures; their replies still come, in their order
            raise

    async def wait(self) -> None:
        """Waits for the end. Raises EslLost, or what the one who is told raised."""
        await self._over.wait()
        if self._failure is not None:
            raise self._failure
        raise EslLost(self._reason or "closed")

    async def close(self) -> None:
        """Ends the connection, any number of times."""
        self._lose("closed")
        for task in self._tasks:
            if task is not asyncio.current_task():
                task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- the reader's task ------------------------------------------------------------------------------------------

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while self._reason is None:
                self._take(*await _frame(reader))
                self._heard = asyncio.get_running_loop().time()
        except asyncio.IncompleteReadError:
            self._lose("FreeSWITCH closed the connection")
        except (ValueError, asyncio.LimitOverrunError) as error:
            self._lose(f"what came is not ESL: {error}")
        except OSError as error:
            self._lose(f"connection lost: {error.strerror or error}")
        except Exception as error:  # noqa: BLE001 (a fault of ours is for `wait` to raise)
            self._failure = error
            self._lose(f"the reader failed: {error}")

    def _take(self, headers: dict[str, str], body: bytes) -> None:
        match headers.get("Content-Type"):
            case "text/event-json":
                self._tell(body)
            case "command/reply":
                self._reply(Reply(headers.get("Reply-Text", "")))
            case "api/response":
                self._reply(Reply(body.decode("utf-8", "replace")))
            case "auth/request":
                self._greeted.set()
            case "text/rude-rejection":
                self._lose(f"FreeSWITCH does not let this address in: {_line(body)}")
            case "text/disconnect-notice":
                self._lose(f"FreeSWITCH says: {_line(body) or 'disconnected'}")
            case other:
                _log.debug("a frame that nobody asked for: %s", other)

    def _reply(self, reply: Reply) -> None:
        if not self._replies:
            raise ValueError("a reply came that nobody had asked for")
        waiting = self._replies.popleft()
        if not waiting.done():  # whoever asked may have been cancelled
            waiting.set_result(reply)

    # --- all of them ------------------------------------------------------------------------------------------------

    async def _ask(self) -> None:
        """After a silence, whether anybody is there."""
        loop = asyncio.get_running_loop()
        self._heard = loop.time()
        with contextlib.suppress(EslLost):
            while True:
                left = self._heard + self._limits.quiet - loop.time()
                if left > 0:
                    await asyncio.sleep(left)
                elif self._greeted.is_set():
                    await self.send(commands.CORE_UUID)
                else:
                    await asyncio.sleep(self._limits.quiet)

    def _lose(self, reason: str) -> EslLost:
        """Ends it, once; everybody who waits is told. Returns what to raise: the first reason counts."""
        if self._reason is None:
            self._reason = reason
            if self._writer is not None:
                self._writer.transport.abort()
            for waiting in self._replies:
                if not waiting.done():
                    waiting.set_exception(EslLost(reason))
            self._replies.clear()
            self._greeted.set()
            self._over.set()
        return EslLost(self._reason)


async def _frame(reader: asyncio.StreamReader) -> tuple[dict[str, str], bytes]:
    """The next frame. Raises ValueError for what is none, IncompleteReadError at the end."""
    block = await reader.readuntil(b"\n\n")
    headers: dict[str, str] = {}
    for line in block.decode("utf-8", "replace").rstrip("\n").split("\n"):
        name, colon, value = line.partition(":")
        if not colon:
            raise ValueError(f"header: {line[:60]!r} is no header line")
        headers[name] = value.strip()
    length = headers.get("Content-Length", "0")
    if not (length.isascii() and length.isdigit() and len(length) < 10 and int(length) <= MAX_BODY):
        raise ValueError(f"Content-Length: {length[:60]!r}; a body has at most {MAX_BODY} bytes")
    return headers, await reader.readexactly(int(length)) if int(length) else b""


def _tune(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _TCP:
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _why(error: OSError) -> str:
    """In words; asyncio puts what every address of a name has said into one text."""
    numbers = re.findall(r"\[Errno (\d+)\]", str(error))
    return ", ".join(dict.fromkeys(os.strerror(int(number)) for number in numbers)) or str(error)


def _line(body: bytes) -> str:
    lines = body.decode("utf-8", "replace").splitlines()
    return lines[0].strip()[:200] if lines else ""
