"""Just enough MQTT 5 to say one thing and to read one thing: for the demo's hints where no mosquitto_pub is installed.

May NOT grow into a client: no QoS above 0, no reconnect, no will. The services have lampfield_bus's link for that.

`python -m demo_switch.mqtt PORT TOPIC TEXT` publishes on the loopback.
"""

import argparse
import socket
import struct
from collections.abc import Iterator

_CONNECT, _CONNACK, _PUBLISH, _SUBSCRIBE, _DISCONNECT = 0x10, 0x20, 0x30, 0x82, 0xE0


def _number(value: int) -> bytes:
    """A variable byte integer (MQTT 5, 1.5.5)."""
    digits = bytearray()
    while True:
        value, digit = divmod(value, 128)
        digits.append(digit | (0x80 if value else 0))
        if not value:
            return bytes(digits)


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack(">H", len(data)) + data


def packet(kind: int, body: bytes) -> bytes:
    """A control packet with its fixed header."""
    return bytes((kind,)) + _number(len(body)) + body


def connect_packet(keepalive: int = 60) -> bytes:
    """CONNECT: clean start, no properties, an empty client id: the broker gives one."""
    return packet(_CONNECT, _text("MQTT") + struct.pack(">BBH", 5, 0x02, keepalive) + b"\x00" + _text(""))


def publish_packet(topic: str, payload: bytes) -> bytes:
    """PUBLISH, QoS 0, not retained, no properties."""
    return packet(_PUBLISH, _text(topic) + b"\x00" + payload)


def subscribe_packet(topic: str) -> bytes:
    """SUBSCRIBE, QoS 0, one filter."""
    return packet(_SUBSCRIBE, struct.pack(">H", 1) + b"\x00" + _text(topic) + b"\x00")


def packets(connection: socket.socket) -> Iterator[tuple[int, bytes]]:
    """(first byte, body) of what the broker sends. ConnectionError when it hangs up."""
    with connection.makefile("rb") as stream:

        def exactly(size: int) -> bytes:
            data = stream.read(size)
            if len(data) < size:
                raise ConnectionError("the broker has hung up")
            return data

        while True:
            first, length, shift = exactly(1)[0], 0, 0
            while (digit := exactly(1)[0]) & 0x80:
                length |= (digit & 0x7F) << shift
                shift += 7
            yield first, exactly(length | digit << shift)


def message(first: int, body: bytes) -> tuple[str, bytes]:
    """(topic, payload) of a PUBLISH."""
    length = struct.unpack_from(">H", body)[0]
    at = 2 + length
    if first & 0x06:
        at += 2  # a packet identifier
    properties, shift = 0, 0
    while True:
        digit, at = body[at], at + 1
        properties |= (digit & 0x7F) << shift
        shift += 7
        if not digit & 0x80:
            break
    return body[2 : 2 + length].decode(), body[at + properties :]


def _open(port: int, timeout: float) -> tuple[socket.socket, Iterator[tuple[int, bytes]]]:
    connection = socket.create_connection(("127.0.0.1", port), timeout)
    try:
        connection.sendall(connect_packet())
        incoming = packets(connection)
        kind, body = next(incoming)
        if kind & 0xF0 != _CONNACK or body[1] != 0:
            raise ConnectionError(f"the broker refused the connection: {body.hex()}")
    except OSError:
        connection.close()
        raise
    return connection, incoming


def publish(port: int, topic: str, payload: bytes, timeout: float = 2.0) -> None:
    """Send one message. OSError when there is no broker, or it does not want us."""
    connection, _ = _open(port, timeout)
    with connection:
        connection.sendall(publish_packet(topic, payload) + packet(_DISCONNECT, b""))


def retained(port: int, topic: str, timeout: float = 2.0) -> bytes:
    """What is retained at a topic. OSError when there is no broker; TimeoutError when nothing is retained there."""
    connection, incoming = _open(port, timeout)
    with connection:
        connection.sendall(subscribe_packet(topic))
        for kind, body in incoming:
            if kind & 0xF0 == _PUBLISH:
                return message(kind, body)[1]
    raise ConnectionError("the broker has hung up")


def main() -> None:
    """Publish what the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m demo_switch.mqtt", description="Publish one message on this machine."
    )
    parser.add_argument("port", type=int)
    parser.add_argument("topic")
    parser.add_argument("text")
    arguments = parser.parse_args()
    publish(arguments.port, arguments.topic, arguments.text.encode())


if __name__ == "__main__":
    main()
