"""A TCP proxy on loopback that can do to a connection what networks do: stop forwarding, crawl, turn people away.

Threads and plain sockets; it knows no protocol. Used by chaos.py.
"""

import contextlib
import socket
import threading
import time
from types import TracebackType
from typing import Final, Self

__all__ = ["BOTH", "DOWN", "RUDE", "UP", "Proxy"]

UP: Final = frozenset({"up"})  # what the client sends is lost
DOWN: Final = frozenset({"down"})  # what the server sends is lost
BOTH: Final = UP | DOWN
# What FreeSWITCH's ACL says, and hangs up (mod_event_socket).
RUDE: Final = b"Content-Type: text/rude-rejection\nContent-Length: 24\n\nAccess Denied, go away.\n"

_SEGMENT: Final = 1_460
_BUFFER: Final = 16_384  # bytes that a kernel holds back, so that a slow way is felt by who sends


class _Link:
    """Two sockets, and in which directions nothing passes any more."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.client = client
        self.server = server
        self.dead: frozenset[str] = frozenset()

    def close(self) -> None:
        for end in (self.client, self.server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


class Proxy:
    """Forwards connections to `port` on loopback; use it with `with`. `pause`: seconds that each segment takes."""

    def __init__(self, port: int) -> None:
        self._upstream = port
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(16)
        self.port: int = self._listener.getsockname()[1]
        self.pause = 0.0
        self._refusal: bytes | None = None
        self._dead: frozenset[str] = frozenset()
        self._links: list[_Link] = []

    def lose(self, directions: frozenset[str]) -> None:
        """Present and new connections stay open and lose what goes in these directions."""
        self._dead = directions
        for link in self._links:
            link.dead = directions

    def refuse(self, answer: bytes) -> None:
        """Present connections end; new ones get this answer and end."""
        self._refusal = answer
        self._end_all()

    def mend(self) -> None:
        """New connections pass; what was half open stays half open for ever."""
        self._dead = frozenset()
        self._refusal = None

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._end_all()

    def _end_all(self) -> None:
        links, self._links = self._links, []
        for link in links:
            link.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                with contextlib.suppress(OSError):
                    self._take(client)

    def _take(self, client: socket.socket) -> None:
        if self._refusal is not None:
            client.sendall(self._refusal)
            client.close()
            return
        server = socket.socket()
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        try:
            server.connect(("127.0.0.1", self._upstream))
        except OSError:
            client.close()
            raise
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link = _Link(client, server)
        link.dead = self._dead
        self._links.append(link)
        threading.Thread(target=self._pump, args=(link, client, server, "up"), daemon=True).start()
        threading.Thread(target=self._pump, args=(link, server, client, "down"), daemon=True).start()

    def _pump(self, link: _Link, source: socket.socket, to: socket.socket, direction: str) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_SEGMENT if self.pause else 65_536):
                if direction in link.dead:
                    return  # reads no more, closes nothing: the windows fill, and nobody says why
                if self.pause:
                    time.sleep(self.pause)
                to.sendall(data)
        if not link.dead:  # a network that loses packets loses the FIN too
            link.close()
