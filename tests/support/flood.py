"""MQTT 5 as bytes, for who has no manners: no client library would send what is sent here, nor as fast.

Section numbers are those of the MQTT 5 specification.
"""

import socket
import struct
from collections.abc import Iterable

from support.waiting import allowed

__all__ = ["Flood", "packet", "publish", "text"]

_BATCH = 256 * 1024  # bytes handed to the kernel at once


def packet(kind: int, body: bytes) -> bytes:
    """A fixed header and the rest (2.1)."""
    return bytes([kind]) + length(len(body)) + body


def length(size: int) -> bytes:
    """A variable byte integer (1.5.5)."""
    coded = b""
    while True:
        size, digit = divmod(size, 128)
        coded += bytes([digit | (0x80 if size else 0)])
        if not size:
            return coded


def text(word: str) -> bytes:
    """A UTF-8 string (1.5.4)."""
    encoded = word.encode()
    return struct.pack(">H", len(encoded)) + encoded


def publish(topic: str, payload: bytes, *, retain: bool = False) -> bytes:
    """A PUBLISH at QoS 0 without properties (3.3)."""
    return packet(0x31 if retain else 0x30, text(topic) + b"\x00" + payload)


class Flood:
    """A connection that sends and does not care. Raises ConnectionError when it is not let in, or thrown out."""

    def __init__(self, port: int, name: str, user: str, password: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 10)
        self._socket.settimeout(allowed(30))
        connect = text("MQTT") + b"\x05\xc2\x00\x00\x00" + text(name) + text(user) + text(password)
        self._socket.sendall(packet(0x10, connect))
        answer = self._socket.recv(4)
        if len(answer) < 4 or answer[0] != 0x20 or answer[3] != 0:
            raise ConnectionError(f"not let in: {answer.hex()}")

    def send(self, packets: Iterable[bytes]) -> int:
        """Sends them all; how many that were."""
        count, batch = 0, bytearray()
        for one in packets:
            batch += one
            count += 1
            if len(batch) >= _BATCH:
                self._socket.sendall(batch)
                batch.clear()
        self._socket.sendall(batch)
        return count

    def settle(self) -> None:
        """Waits until the broker has worked through all of it: a PINGRESP comes after everything before it (3.12)."""
        self._socket.sendall(b"\xc0\x00")
        answer = b""
        while not answer.endswith(b"\xd0\x00"):
            answer = answer[-1:] + self._socket.recv(65536)

    def send_huge(self, topic: str, size: int) -> int:
        """A PUBLISH whose payload has `size` bytes; how many of them went out before the broker hung up."""
        head = text(topic) + b"\x00"
        self._socket.sendall(b"\x30" + length(len(head) + size) + head)
        sent, piece = 0, b"\xff" * 65536
        try:
            while sent < size:
                self._socket.sendall(piece)
                sent += len(piece)
        except OSError:
            pass
        return sent

    def close(self) -> None:
        """Gone without a word."""
        self._socket.close()

    def __enter__(self) -> "Flood":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
