import socket
from typing import Any

import gevent
import pytest

from esl_publisher.dial import dial


def ignore(_: Any) -> None:
    pass


def test_the_socket_is_connected_and_tuned() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sock = dial("127.0.0.1", listener.getsockname()[1], 1.0, ignore)
        assert sock.getpeername() == listener.getsockname()
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        sock.close()


def test_addresses_are_tried_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_server(("127.0.0.1", 0)) as other:
        port = listener.getsockname()[1]
        dead = other.getsockname()[1]
        other.close()
        kind = (socket.AF_INET, socket.SOCK_STREAM, 0, "")
        found = [(*kind, ("127.0.0.1", dead)), (*kind, ("127.0.0.1", port))]
        monkeypatch.setattr("esl_publisher.dial.socket.getaddrinfo", lambda *_, **__: found)
        sock = dial("two.example", port, 1.0, ignore)
        assert sock.getpeername()[1] == port
        sock.close()


def test_every_address_that_failed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    kind = (socket.AF_INET, socket.SOCK_STREAM, 0, "")
    found = [(*kind, ("127.0.0.1", port)), (*kind, ("127.0.0.2", port))]
    monkeypatch.setattr("esl_publisher.dial.socket.getaddrinfo", lambda *_, **__: found)
    with pytest.raises(OSError, match=rf"two\.example:{port}: 127\.0\.0\.1: .*refused, 127\.0\.0\.2: .*refused"):
        dial("two.example", port, 1.0, ignore)


def test_a_name_server_that_does_not_answer_costs_no_more_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("esl_publisher.dial.socket.getaddrinfo", lambda *_, **__: gevent.sleep(30))
    with pytest.raises(OSError, match="the name server does not answer"):
        dial("slow.example", 8021, 0.05, ignore)


def test_an_attempt_ends_when_its_socket_is_closed() -> None:
    opened: list[Any] = []
    # TEST-NET-1 (RFC 5737): either nobody answers, or the network says so at once.
    attempt = gevent.spawn(dial, "192.0.2.1", 8021, 20.0, opened.append)
    gevent.sleep(0.05)
    for sock in opened:
        sock.close()
    attempt.join(2)
    assert isinstance(attempt.exception, OSError)


def test_a_greenlet_that_is_killed_leaves_no_socket() -> None:
    opened: list[Any] = []
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        probe.listen(0)
        port = probe.getsockname()[1]
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        attempt = gevent.spawn(dial, "127.0.0.1", port, 20.0, opened.append)
        gevent.sleep(0.05)
        attempt.kill()
        assert opened[0].fileno() == -1
        for filler in fillers:
            filler.close()
