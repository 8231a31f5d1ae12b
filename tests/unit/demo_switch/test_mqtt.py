import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from demo_switch import mqtt


@contextmanager
def listener(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """A broker that says what a test wants."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                answer(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join(5)


def test_packets_are_those_of_mqtt_5() -> None:
    assert mqtt.connect_packet() == bytes.fromhex("10 0d 0004 4d515454 05 02 003c 00 0000")
    assert mqtt.publish_packet("a/b", b"hi") == bytes.fromhex("30 08 0003 612f62 00 6869")
    assert mqtt.subscribe_packet("a/b") == bytes.fromhex("82 09 0001 00 0003 612f62 00")
    assert mqtt.packet(0x30, b"x" * 200)[:3] == bytes.fromhex("30 c801")


def test_a_message_is_read_with_and_without_identifier_and_properties() -> None:
    assert mqtt.message(0x31, bytes.fromhex("0003 612f62 00 6869")) == ("a/b", b"hi")
    assert mqtt.message(0x32, bytes.fromhex("0003 612f62 0007 02 0101 6869")) == ("a/b", b"hi")


def test_a_broker_that_refuses_is_an_error() -> None:
    def refuse(connection: socket.socket) -> None:
        connection.recv(100)
        connection.sendall(bytes.fromhex("20 03 00 87 00"))

    with listener(refuse) as port, pytest.raises(ConnectionError, match="refused"):
        mqtt.publish(port, "a", b"x")


def test_a_broker_that_hangs_up_is_an_error() -> None:
    with listener(lambda connection: connection.close()) as port, pytest.raises(ConnectionError):
        mqtt.retained(port, "a")


def test_a_topic_where_nothing_is_retained_is_not_waited_for_forever() -> None:
    done = threading.Event()

    def say_nothing(connection: socket.socket) -> None:
        connection.recv(100)
        connection.sendall(bytes.fromhex("20 03 00 00 00"))
        done.wait(5)

    with listener(say_nothing) as port:
        with pytest.raises(TimeoutError):
            mqtt.retained(port, "a", timeout=0.1)
        done.set()
