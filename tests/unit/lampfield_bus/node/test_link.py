"""lampfield_bus.node.link against a scripted peer: what no good broker does. The rest is in tests/integration."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from lampfield_bus.messages import Publication
from lampfield_bus.node.arrivals import Lost
from lampfield_bus.node.inbox import Inbox
from lampfield_bus.node.link import Link, LinkConfig, Subscription
from lampfield_bus.node.settings import NodeSettings
from support.waiting import until

ACCEPTED = bytes.fromhex("20 03 00 00 00")
TAKEN_OVER = bytes.fromhex("e0 02 8e 00")


class Peer:
    """Accepts connections on a free port, says a script to each and keeps what it hears."""

    def __init__(self, script: bytes, *, closes: bool = False) -> None:
        self.heard: list[bytes] = []
        self._script = script
        self._closes = closes
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._held: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._held.append(connection)
            self.heard.append(connection.recv(4096))
            connection.sendall(self._script)
            if self._closes:
                connection.close()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5.0)
        for connection in self._held:
            connection.close()


@pytest.fixture
def peers() -> Iterator[list[Peer]]:
    made: list[Peer] = []
    yield made
    for peer in made:
        peer.close()


@pytest.fixture
def links() -> Iterator[list[Link]]:
    made: list[Link] = []
    yield made
    for link in made:
        link.stop(0.5)


def config(port: int, **more: object) -> LinkConfig:
    base = LinkConfig("127.0.0.1", port, "lampfield-test-main", "switch/main/fence", "switch/main/availability")
    return base._replace(**more)  # type: ignore[arg-type]  # NamedTuple's _replace takes any field


def lost(link: Link, inbox: Inbox) -> str:
    """Starts the link; the first loss that it tells."""
    link.start()
    end = time.monotonic() + 10
    while time.monotonic() < end:
        for arrival in inbox.take(0.1):
            if isinstance(arrival, Lost):
                return arrival.reason
    raise AssertionError("no loss was told")


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (bytes.fromhex("20 03 00 87 00"), "refused: Not authorized"),
        (bytes.fromhex("20 03 00 86 00"), "refused: Bad user name or password"),
        (
            ACCEPTED + TAKEN_OVER,
            "the broker says: Session taken over; does another process run as lampfield-test-main?",
        ),
        (ACCEPTED + bytes.fromhex("e0 02 8b 00"), "the broker says: Server shutting down"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", ""),
        (bytes.fromhex("20 01 00"), ""),
        (bytes.fromhex("00 ff ff ff ff ff"), ""),
        (ACCEPTED + bytes.fromhex("30 05 00 09 61"), ""),
        (ACCEPTED + bytes.fromhex("90 02 00 01"), ""),
        (ACCEPTED + bytes.fromhex("40 02 00 63"), ""),
    ],
)
def test_whatever_the_peer_says_the_reason_is_told_and_the_threads_live(
    peers: list[Peer], links: list[Link], script: bytes, reason: str
) -> None:
    peers.append(Peer(script, closes=True))
    inbox = Inbox()
    links.append(Link(config(peers[0].port), inbox, [Subscription("switch/+/#", "state")]))
    assert reason in lost(links[0], inbox)
    until(lambda: len(peers[0].heard) > 1, what="a second attempt")
    assert links[0].alive


def test_a_peer_that_never_answers_is_left_after_a_while(
    peers: list[Peer], links: list[Link], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lampfield_bus.node.link.CONNECT_SECONDS", 0.3)
    peers.append(Peer(b""))
    inbox = Inbox()
    links.append(Link(config(peers[0].port), inbox, []))
    assert "no answer to CONNECT" in lost(links[0], inbox)


def test_a_stop_in_the_middle_of_connecting_is_quick(peers: list[Peer]) -> None:
    peers.append(Peer(b""))
    link = Link(config(peers[0].port), Inbox(), [])
    link.start()
    until(lambda: peers[0].heard)
    began = time.monotonic()
    link.stop()
    assert time.monotonic() - began < 2.5


def test_connect_says_who_we_are_and_what_to_publish_when_we_die(peers: list[Peer], links: list[Link]) -> None:
    peers.append(Peer(ACCEPTED))
    links.append(Link(config(peers[0].port, username="me", password=SecretStr("hidden")), Inbox(), []))
    links[0].start()
    until(lambda: peers[0].heard)
    packet = peers[0].heard[0]
    assert packet[0] == 0x10
    flags = packet[9]
    assert flags == 0b1110_1110  # user, password, will retained at QoS 1, clean start
    assert packet[8] == 5
    assert int.from_bytes(packet[10:12]) == 10  # keepalive
    for part in (b"lampfield-test-main", b"lampfield/v1/switch/main/availability", b"offline", b"me", b"hidden"):
        assert part in packet


def test_the_password_is_in_no_representation() -> None:
    assert "hidden" not in repr(config(1, password=SecretStr("hidden")))


def test_a_packet_larger_than_the_broker_takes_is_not_sent(peers: list[Peer], links: list[Link]) -> None:
    """Or the broker would close the connection, again and again."""
    accepted_small = bytes.fromhex("20 08 00 00 05 27 00 00 01 00")  # Maximum Packet Size 256
    suback = bytes.fromhex("90 05 00 01 00 01 01")
    peers.append(Peer(accepted_small + suback))
    links.append(Link(config(peers[0].port), Inbox(), []))
    links[0].start()
    until(lambda: links[0].connected)
    links[0].send([Publication("switch/main/calls", b"x" * 1000, 1, True)])
    until(lambda: links[0].dropped == 1)
    assert links[0].connected


def test_before_it_is_started_and_after_it_is_stopped_it_is_not_alive() -> None:
    link = Link(config(1), Inbox(), [])
    assert not link.alive
    link.send([Publication("switch/main/calls", b"1", 1, True)])
    assert link.retained_topics == 1
    link.stop(0.1)
    assert not link.connected


def test_files_that_are_no_certificates_are_refused_at_once(tmp_path: Path) -> None:
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("nonsense", encoding="ascii")
    with pytest.raises(ValueError, match="LAMPFIELD_MQTT_CA_FILE"):
        Link(config(1, tls=True, ca_file=str(nonsense)), Inbox(), [])
    with pytest.raises(ValueError, match="LAMPFIELD_MQTT_CERT_FILE"):
        Link(config(1, tls=True, cert_file=str(nonsense), key_file=str(nonsense)), Inbox(), [])


def test_the_configuration_follows_from_the_settings() -> None:
    made = LinkConfig.of(
        NodeSettings(mqtt_host="broker", mqtt_port=8883, topic_root="a/b"),
        "display",
        "hall/1",
        availability="display/hall%2F1/availability",
        fence="display/hall%2F1/fence",
    )
    assert (made.host, made.port, made.root) == ("broker", 8883, "a/b")
    assert made.client_id == "lampfield-display-hall%2F1"
