"""A way between a client and its server that can be slow, or cut as a network cuts it: all at once, without a word."""

import contextlib
import socket
import threading
import time
from types import TracebackType
from typing import Self

__all__ = ["Relay"]


_BUFFER = 16_384  # bytes that a kernel holds back, so that a slow way is felt by who sends
_SEGMENT = 1_460


class Relay:
    """Hands TCP on to 127.0.0.1:`port`; use it with `with`. `rate`: bytes a second each way, None: as they come."""

    def __init__(self, port: int) -> None:
        self._to = port
        self.rate: float | None = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        """Where a client finds it, on loopback."""
        port: int = self._listener.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """Where a page finds it."""
        return f"ws://127.0.0.1:{self.port}"

    @property
    def connections(self) -> int:
        """Those that there are now."""
        with self._lock:
            return len(self._pairs)

    def cut(self) -> None:
        """Every connection ends; new ones are taken."""
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            _close(pair)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _end(self._listener)
        self.cut()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                with contextlib.suppress(ConnectionError):
                    pair = (near, socket.create_connection(("127.0.0.1", self._to)))
                    with self._lock:
                        self._pairs.append(pair)
                    for one, other in (pair, pair[::-1]):
                        threading.Thread(target=self._pump, args=(one, other, pair), daemon=True).start()

    def _pump(self, one: socket.socket, other: socket.socket, pair: tuple[socket.socket, socket.socket]) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(_SEGMENT if self.rate else 65_536):
                if self.rate:
                    time.sleep(len(data) / self.rate)
                other.sendall(data)
        with self._lock, contextlib.suppress(ValueError):
            self._pairs.remove(pair)
        _close(pair)


def _close(pair: tuple[socket.socket, socket.socket]) -> None:
    for one in pair:
        _end(one)


def _end(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
