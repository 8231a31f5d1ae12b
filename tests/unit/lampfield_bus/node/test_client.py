"""The end of paho's client: by hand, and not by the garbage collector's order."""

import gc
import socket
import weakref
from collections.abc import Iterator

import pytest
from paho.mqtt.client import _socketpair_compat
from paho.mqtt.enums import CallbackAPIVersion

from lampfield_bus.node.client import Client


class Listener:
    """Who a client tells what it hears: the two hold each other."""

    def __init__(self, sock: socket.socket) -> None:
        self.client = Client(CallbackAPIVersion.VERSION2)
        self.client._sock = sock  # as its connect() does
        self.client._sockpairR, self.client._sockpairW = _socketpair_compat()  # as its loop() does
        self.client.on_message = self.hear

    def hear(self, _client: object, _userdata: object, _message: object) -> None: ...


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    near, far = socket.socketpair()
    with near, far:
        yield near, far


def test_one_that_is_closed_holds_no_socket(ends: tuple[socket.socket, socket.socket]) -> None:
    client = Listener(ends[0]).client
    pair = [client._sockpairR, client._sockpairW]
    client.close()
    assert [sock.fileno() for sock in (ends[0], *pair) if sock is not None] == [-1, -1, -1]
    client.close()  # again: nothing happens


def test_one_that_is_let_go_ends_with_who_held_it(ends: tuple[socket.socket, socket.socket]) -> None:
    gc.disable()
    try:
        listener = Listener(ends[0])
        pair = listener.client._sockpairR
        client = weakref.ref(listener.client)
        listener.client.let_go()
        del listener
        assert client() is None
    finally:
        gc.enable()
    assert pair is not None
    assert pair.fileno() == -1


def test_one_that_is_shut_is_at_its_end_at_both_ends(ends: tuple[socket.socket, socket.socket]) -> None:
    client = Listener(ends[0]).client
    client.shut()
    assert ends[0].recv(1) == ends[1].recv(1) == b""
    client.close()
    client.shut()  # there is nothing to shut any more
