"""A scripted Event Socket server on loopback: well-behaved by default, as rude as a test wants it to be.

Threads and plain sockets, nothing of ours: it shares no code with the publisher's framing. What FreeSWITCH does is from
esl captures of 1.11.1.
"""

import contextlib
import json
import re
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

__all__ = ["GREETING", "NOTICE", "EslServer", "Obedient", "Peer", "event", "frame", "plain_frame", "switch_answers"]

GREETING = b"Content-Type: auth/request\n\n"
_GOODBYE = b"Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n"
NOTICE = b"Content-Type: text/disconnect-notice\nContent-Length: %d\n\n%s" % (len(_GOODBYE), _GOODBYE)


def frame(body: bytes, content_type: str = "text/event-json") -> bytes:
    """An event's frame as FreeSWITCH writes it: the length first."""
    return b"Content-Length: %d\nContent-Type: %s\n\n%s" % (len(body), content_type.encode(), body)


def plain_frame(content_type: str, **headers: str) -> bytes:
    """A frame without a body."""
    lines = [
        f"Content-Type: {content_type}",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
    ]
    return ("\n".join(lines) + "\n\n").encode()


def event(name: str, **headers: str) -> bytes:
    """An event in its frame."""
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return frame(json.dumps({"Event-Name": name, **named}, separators=(",", ":")).encode())


class Peer:
    """One connection, as the server has it."""

    def __init__(self, sock: socket.socket, wire: list[bytes], stopping: threading.Event) -> None:
        self.stopping = stopping
        self._sock = sock
        self._wire = wire
        self._buffer = b""

    def send(self, data: bytes, pieces: int = 0) -> None:
        """Sends it, at once or in pieces of so many bytes."""
        for start in range(0, len(data), pieces or max(len(data), 1)):
            self._sock.sendall(data[start : start + (pieces or len(data))])

    def command(self) -> str:
        """The next command, without its empty line; ConnectionError when the client has gone."""
        while b"\n\n" not in self._buffer:
            data = self._sock.recv(4096)
            if not data:
                raise ConnectionError("the client has gone")
            self._buffer += data
        command, _, self._buffer = self._buffer.partition(b"\n\n")
        self._wire.append(command)
        return command.decode()

    def login(self, password: str = "ClueCon") -> bool:
        """Greets and takes one `auth`."""
        self.send(GREETING)
        if self.command() != f"auth {password}":
            self.send(plain_frame("command/reply", Reply_Text="-ERR invalid") + NOTICE)
            return False
        self.send(plain_frame("command/reply", Reply_Text="+OK accepted"))
        return True

    def wait(self) -> None:
        """Says nothing until the server is closed or the client goes."""
        with contextlib.suppress(OSError):
            while self._sock.recv(4096):
                pass

    def hang(self) -> None:
        """Neither reads nor writes until the server is closed."""
        self.stopping.wait(30)

    def reset(self) -> None:
        """Ends the connection as a killed process with unread data does: RST."""
        with contextlib.suppress(OSError):
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        """Ends the connection."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RD)  # wakes a thread that reads
        self._sock.close()


Script = Callable[[Peer], None]
USER_COLUMNS = "userid|context|domain|group|contact|callgroup|effective_caller_id_name|effective_caller_id_number"


def switch_answers(**tables: str) -> dict[str, str]:
    """What an idle FreeSWITCH 1.11.1 answers; `channels`, `calls`, `registrations` replace those tables."""
    empty = '{"row_count": 0}\n'
    return {
        "hostname": "vm",
        "version": "FreeSWITCH Version 1.11.1-release~64bit ( 64bit)\n",
        "global_getvar core_uuid": "2ee5afdd-c1ba-4bc8-8c77-ea7eb58cf7be",
        "global_getvar domain": "127.0.0.1",
        **{f"show {table} as json": tables.get(table, empty) for table in ("channels", "calls", "registrations")},
        "conference json_list": "[]",
        "sofia xmlstatus gateway": '<?xml version="1.0" encoding="ISO-8859-1"?>\n<gateways>\n</gateways>\n',
        "list_users": f"{USER_COLUMNS}\n\n+OK\n",
    }


class Obedient:
    """A script that does what it is told. `answers` may be changed while it runs."""

    def __init__(self, answers: Mapping[str, str] | None = None, *, password: str = "ClueCon") -> None:
        self.answers = dict(switch_answers() if answers is None else answers)
        self.listeners: list[Peer] = []  # those who have subscribed, and are still there
        self._password = password
        self._writing = threading.Lock()

    def __call__(self, peer: Peer) -> None:
        if not peer.login(self._password):
            return
        try:
            while True:
                command = peer.command()
                with self._writing:
                    if command.startswith(
                        "event json"
                    ):  # before it knows: what is said from now on waits for the reply
                        self.listeners.append(peer)
                    peer.send(self._reply(command))
        finally:
            if peer in self.listeners:
                self.listeners.remove(peer)

    def say(self, data: bytes, pieces: int = 0) -> None:
        """Sends to everybody who has subscribed; from any thread."""
        for peer in list(self.listeners):
            with self._writing:
                peer.send(data, pieces)

    def _reply(self, command: str) -> bytes:
        word, _, rest = command.partition(" ")
        if word == "event":
            return plain_frame("command/reply", Reply_Text="+OK event listener enabled json")
        if word == "api":
            body = self.answers.get(rest, f"-ERR {rest} Command not found!\n").encode()
            return b"Content-Type: api/response\nContent-Length: %d\n\n%s" % (len(body), body)
        if found := re.fullmatch(r"(.+)\nJob-UUID: (.+)", rest):
            job = found[2]
            reply = plain_frame("command/reply", Reply_Text=f"+OK Job-UUID: {job}", Job_UUID=job)
            text = self.answers.get(found[1], f"-ERR {found[1].partition(' ')[0]} Command not found!\n")
            return reply + event("BACKGROUND_JOB", Job_UUID=job, _body=text).replace(b'"-body"', b'"_body"')
        return plain_frame("command/reply", Reply_Text="-ERR command not found")


class EslServer:
    """Runs `script` in a thread of its own for every connection, on a free port of 127.0.0.1; use it with `with`."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.host = "127.0.0.1"
        self.port = 0
        self.wire: list[bytes] = []  # every command of every connection, in order
        self.connections = 0
        self._stopping = threading.Event()
        self._peers: list[Peer] = []
        self._threads: list[threading.Thread] = []
        self._listener: socket.socket | None = None

    def start(self) -> Self:
        """Listens; the first time on a free port, later on the same one."""
        self._stopping = threading.Event()
        self._listener = socket.create_server((self.host, self.port), backlog=16)
        self.port = self._listener.getsockname()[1]
        self._spawn(self._accept, self._listener)
        return self

    def kill(self) -> None:
        """What `kill -9` of FreeSWITCH does: the port is closed, every connection breaks without a word."""
        self._stopping.set()
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
            self._listener.close()
        for peer in self._peers:
            peer.reset()
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive(), "a script of the test's server does not end"
        self._peers.clear()
        self._threads.clear()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while not self._stopping.is_set():
                sock, _ = listener.accept()
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                peer = Peer(sock, self.wire, self._stopping)
                self._peers.append(peer)
                self.connections += 1
                self._spawn(self._serve, peer)

    def _serve(self, peer: Peer) -> None:
        try:
            with contextlib.suppress(OSError):
                self.script(peer)
        finally:
            peer.close()

    def _spawn(self, body: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=body, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()
