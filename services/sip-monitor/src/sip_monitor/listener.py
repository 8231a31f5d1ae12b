"""The UDP socket on which HEP comes. It reads datagrams and knows nothing of what is in them.

Reading waits for a datagram or for `wake`, which the link's threads call. What comes faster than it is worked on waits
in the kernel's buffer and is dropped there: Linux counts it, and so it is told.
"""

import contextlib
import select
import socket
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Final

__all__ = ["BATCH", "BUFFER_BYTES", "SOURCE_BOUND", "Listener"]

BUFFER_BYTES: Final = 8 * 1024 * 1024  # asked for; the kernel gives as much as net.core.rmem_max allows
BATCH: Final = 256  # datagrams that are read in one go
SOURCE_BOUND: Final = 1_024  # senders that are remembered, whether they are let in
_LARGEST: Final = 65_536


class Listener:
    """Use with `with`. Raises OSError when the address cannot be had."""

    def __init__(self, host: str, port: int, networks: Sequence[IPv4Network | IPv6Network] = ()) -> None:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_DGRAM, flags=socket.AI_PASSIVE | socket.AI_NUMERICSERV
        )[0]
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            for option in (socket.SO_RCVBUF, getattr(socket, "SO_RCVBUFFORCE", 33)):  # the latter as root alone
                with contextlib.suppress(OSError):
                    self._socket.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
            self._socket.bind(address)
        except OSError:
            self._socket.close()
            raise
        self._socket.setblocking(False)
        self._waker, self._woken = socket.socketpair()
        self._waker.setblocking(False)
        self._woken.setblocking(False)
        self._networks = tuple(networks)
        self._senders: dict[str, bool] = {}
        self.refused = 0

    def __enter__(self) -> "Listener":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets the address go."""
        for each in (self._socket, self._waker, self._woken):
            each.close()

    @property
    def port(self) -> int:
        """The port that it has."""
        port: int = self._socket.getsockname()[1]
        return port

    @property
    def buffer_bytes(self) -> int:
        """What the kernel gave for datagrams that wait; it counts its own overhead in."""
        return self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)

    def wake(self) -> None:
        """Ends a `take` that waits, or the next one; any thread, and a signal's handler."""
        with contextlib.suppress(OSError):  # full: it will wake anyway
            self._waker.send(b"\0")

    def take(self, timeout: float, *, reading: bool = True) -> list[bytes]:
        """At most BATCH datagrams; waits at most `timeout` seconds for the first, or for `wake`."""
        sockets = [self._woken, self._socket] if reading else [self._woken]
        ready, _, _ = select.select(sockets, [], [], max(timeout, 0.0))
        if self._woken in ready:
            with contextlib.suppress(BlockingIOError):
                while self._woken.recv(4096):
                    pass
        return self._read() if self._socket in ready else []

    def _read(self) -> list[bytes]:
        datagrams: list[bytes] = []
        receive = self._socket.recvfrom
        for _ in range(BATCH):
            try:
                datagram, sender = receive(_LARGEST)
            except BlockingIOError:
                break
            except OSError:  # an ICMP error of something that we never sent
                continue
            if not self._networks or self._may_send(sender[0]):
                datagrams.append(datagram)
        return datagrams

    def _may_send(self, host: str) -> bool:
        known = self._senders.get(host)
        if known is None:
            address = ip_address(host.partition("%")[0])
            mapped = getattr(address, "ipv4_mapped", None) or address
            known = any(mapped.version == network.version and mapped in network for network in self._networks)
            if len(self._senders) >= SOURCE_BOUND:
                self._senders.clear()
            self._senders[host] = known
        self.refused += not known
        return known

    def lost(self) -> int:
        """Datagrams that the kernel dropped since the socket was opened, by proc(5); 0 where there is no such table."""
        inode = f" {_inode(self._socket)} "
        for table in ("/proc/self/net/udp", "/proc/self/net/udp6"):
            with contextlib.suppress(OSError, ValueError, IndexError):
                for line in Path(table).read_text(encoding="ascii").splitlines()[1:]:
                    if inode in line:
                        return int(line.split()[-1])
        return 0


def _inode(sock: socket.socket) -> int:
    return Path(f"/proc/self/fd/{sock.fileno()}").stat().st_ino
