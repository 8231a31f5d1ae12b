"""The UDP socket: batches, waking, senders that are let in, and what the kernel dropped."""

import socket
import threading
import time
from collections.abc import Iterator
from ipaddress import ip_network

import pytest

from sip_monitor import listener as module
from sip_monitor.listener import BATCH, Listener
from support.waiting import until


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener("127.0.0.1", 0) as found:
        yield found


def send(listener: Listener, *datagrams: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for datagram in datagrams:
            sender.sendto(datagram, ("127.0.0.1", listener.port))


def test_what_came_is_taken_in_order_and_in_batches(listener: Listener) -> None:
    sent = [str(number).encode() for number in range(BATCH + 10)]
    send(listener, *sent, b"")
    first = listener.take(5.0)
    assert len(first) == BATCH
    assert [*first, *listener.take(5.0)] == [*sent, b""]
    assert listener.take(0.0) == []


def test_a_wait_ends_when_it_is_woken_and_many_wakings_are_one(listener: Listener) -> None:
    threading.Timer(0.05, listener.wake).start()
    began = time.monotonic()
    assert listener.take(20.0) == []
    assert time.monotonic() - began < 10
    for _ in range(100_000):
        listener.wake()
    assert listener.take(20.0) == []
    began = time.monotonic()
    assert listener.take(0.02) == []
    assert time.monotonic() - began >= 0.015


def test_while_it_may_not_read_datagrams_wait(listener: Listener) -> None:
    send(listener, b"early")
    assert listener.take(0.05, reading=False) == []
    assert listener.take(5.0) == [b"early"]


def test_only_senders_that_were_named_are_let_in(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    with Listener("127.0.0.1", 0, [ip_network("192.0.2.0/24"), ip_network("::1/128")]) as closed:
        send(closed, b"stranger", b"stranger")
        until(lambda: closed.take(0.01) == [] and closed.refused == 2)
        monkeypatch.setattr(module, "SOURCE_BOUND", 2)
        assert [closed._may_send(host) for host in ("192.0.2.7", "::ffff:192.0.2.9", "::1", "fe80::1%eth0")] == [
            True
        ] * 3 + [False]
        assert len(closed._senders) <= 2
    with Listener("127.0.0.1", 0, [ip_network("127.0.0.0/8")]) as opened:
        send(opened, b"friend")
        assert opened.take(5.0) == [b"friend"]


def test_it_listens_on_ipv6_and_says_when_the_address_is_taken(listener: Listener) -> None:
    with Listener("::1", 0) as six, socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"six", ("::1", six.port))
        assert six.take(5.0) == [b"six"]
        assert six.lost() == 0
    with pytest.raises(OSError, match="in use"):
        Listener("127.0.0.1", listener.port)
    with pytest.raises(OSError, match="assign"):
        Listener("198.51.100.255", 9060)


def test_what_the_kernel_dropped_is_counted(listener: Listener) -> None:
    listener._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    send(listener, *[bytes(1000)] * 50)
    taken = len(listener.take(1.0))
    assert taken < 50
    assert listener.lost() == 50 - taken


def test_the_buffer_is_as_large_as_the_kernel_allows(listener: Listener) -> None:
    assert listener.buffer_bytes > 100_000
