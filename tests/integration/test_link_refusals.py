"""The link and a broker that guards itself: passwords, ACLs, TLS, small limits; and a client that dies."""

import gc
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from credentials import authority
from lampfield_bus.messages import Publication
from lampfield_bus.node.arrivals import Lost, Message, ReadingEnded
from lampfield_bus.node.inbox import Inbox
from lampfield_bus.node.link import Link, LinkConfig, Subscription
from support.broker import STANDARD, Broker, retained
from support.waiting import allowed, until

AVAILABILITY = "switch/main/availability"
CHILD = """
import sys, time
from lampfield_bus.messages import Publication
from lampfield_bus.node.inbox import Inbox
from lampfield_bus.node.link import Link, LinkConfig
link = Link(LinkConfig("127.0.0.1", int(sys.argv[1]), "lampfield-test-main", "switch/main/fence",
                       "switch/main/availability"), Inbox(), [])
link.start()
link.send([Publication("switch/main/calls", b"1", 1, True)])
time.sleep(60)
"""


@pytest.fixture
def links() -> Iterator[list[Link]]:
    made: list[Link] = []
    yield made
    for link in made:
        link.stop(1.0)


def guarded(directory: Path, *settings: str) -> Broker:
    return Broker(directory / "guarded", settings=(*STANDARD[1:], *settings)).start()


def start(links: list[Link], config: LinkConfig, *subscriptions: Subscription) -> tuple[Link, Inbox]:
    inbox = Inbox()
    link = Link(config, inbox, subscriptions)
    links.append(link)
    link.start()
    return link, inbox


def config(broker: Broker) -> LinkConfig:
    return LinkConfig(broker.host, broker.port, "lampfield-test-main", "switch/main/fence", AVAILABILITY)


def test_a_killed_client_reads_offline_and_its_state_stays(broker: Broker) -> None:
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(broker.port)])
    try:
        with broker.bus().subscribe() as bus:
            bus.wait_for(lambda: bus.latest.get("switch/main/calls") == b"1")
            assert bus.latest[AVAILABILITY] == b"online"
            os.kill(child.pid, signal.SIGKILL)
            bus.wait_for(lambda: bus.latest.get(AVAILABILITY) == b"offline")
            assert bus.latest["switch/main/calls"] == b"1"
    finally:
        child.kill()
        child.wait(5)


def test_a_process_that_comes_back_as_itself_reads_online_in_the_end(broker: Broker, links: list[Link]) -> None:
    """The old connection is half open: its will comes before the new `online`, because the client id is the same."""
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(broker.port)])
    try:
        with broker.bus().subscribe(AVAILABILITY) as bus:
            bus.wait_for(lambda: bus.latest.get(AVAILABILITY) == b"online")
            os.kill(child.pid, signal.SIGSTOP)
            link, _ = start(links, config(broker))
            until(lambda: link.connected)
            link.flush(5.0)
            bus.wait_for(lambda: len(bus.payloads(AVAILABILITY)) >= 3)
            assert bus.payloads(AVAILABILITY)[:3] == [b"online", b"offline", b"online"]
    finally:
        child.kill()
        child.wait(5)


def test_a_wrong_password_is_told_and_tried_again(tmp_path: Path, links: list[Link]) -> None:
    passwords = tmp_path / "passwords"
    passwords.write_text("me:right\n", encoding="ascii")
    passwords.chmod(0o600)
    subprocess.run(["mosquitto_passwd", "-U", str(passwords)], check=True)
    broker = guarded(tmp_path, "allow_anonymous false", f"password_file {passwords}")
    try:
        _, inbox = start(links, config(broker)._replace(username="me", password=SecretStr("wrong")))
        lost = next(arrival for arrival in inbox.take(10.0) if isinstance(arrival, Lost))
        assert "refused: Not authorized" in lost.reason
        right, _ = start(links, config(broker)._replace(username="me", password=SecretStr("right")))
        until(lambda: right.connected)
    finally:
        broker.kill()


def test_what_an_acl_forbids_is_logged_and_holds_up_nothing(
    tmp_path: Path, links: list[Link], caplog: pytest.LogCaptureFixture
) -> None:
    acl = tmp_path / "acl"
    acl.write_text(
        "topic readwrite lampfield/v1/switch/main/#\ntopic deny lampfield/v1/switch/other/#\n", encoding="ascii"
    )
    broker = guarded(tmp_path, "allow_anonymous true", f"acl_file {acl}")
    try:
        link, inbox = start(links, config(broker), Subscription("switch/main/#", "state"))
        until(lambda: link.connected)
        link.send([Publication("switch/other/calls", b"1", 1, True), Publication("switch/main/calls", b"1", 1, True)])
        assert link.flush(10.0)
        seen = inbox.take(5.0)
        while not any(isinstance(arrival, Message) for arrival in seen):
            seen += inbox.take(5.0)
        assert ReadingEnded(complete=True) in seen
        assert "switch/other/calls: the broker refused it: Not authorized" in caplog.text
    finally:
        broker.kill()


def test_a_brokers_receive_maximum_is_kept(tmp_path: Path, links: list[Link]) -> None:
    broker = guarded(tmp_path, "allow_anonymous true", "max_inflight_messages 3")
    try:
        link, _ = start(links, config(broker))
        link.send(Publication(f"switch/main/extension/{number}", b"1", 1, True) for number in range(500))
        until(lambda: link.connected)
        assert link.flush(20.0)
        assert len(retained(broker, "switch/main/extension/+")) == 500
    finally:
        broker.kill()


@pytest.fixture
def certificates(tmp_path: Path) -> Path:
    """An authority, a broker's certificate for `localhost` and a client's, made for this test."""
    directory = tmp_path / "tls"
    directory.mkdir()

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], check=True, cwd=directory, capture_output=True)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=test authority")
    for name in ("localhost", "client"):
        (directory / "extensions").write_text(f"subjectAltName=DNS:{name}\n", encoding="ascii")
        openssl("req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        signing = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "extensions", "-days", "2")
        openssl("x509", "-req", "-in", f"{name}.csr", "-out", f"{name}.pem", *signing)
    return directory


@pytest.fixture
def tls_broker(tmp_path: Path, certificates: Path) -> Iterator[Broker]:
    """A broker that asks for a certificate."""
    running = guarded(
        tmp_path,
        "allow_anonymous true",
        f"cafile {certificates}/ca.pem",
        f"certfile {certificates}/localhost.pem",
        f"keyfile {certificates}/localhost.key",
        "require_certificate true",
    )
    yield running
    running.kill()


def secure(broker: Broker, certificates: Path) -> LinkConfig:
    return config(broker)._replace(
        host="localhost",
        tls=True,
        ca_file=f"{certificates}/ca.pem",
        cert_file=f"{certificates}/client.pem",
        key_file=f"{certificates}/client.key",
    )


def test_tls_with_certificates_on_both_sides(tls_broker: Broker, certificates: Path, links: list[Link]) -> None:
    link, _ = start(links, secure(tls_broker, certificates))
    until(lambda: link.connected)
    link.send(Publication(f"switch/main/extension/{number}", b"x" * 500, 1, True) for number in range(300))
    assert link.flush(10.0)
    tls_broker.kill()
    until(lambda: not link.connected)
    tls_broker.start()
    until(lambda: link.connected)
    assert link.flush(10.0)


def test_a_paused_broker_behind_tls_does_not_delay_a_stop(
    tls_broker: Broker, certificates: Path, links: list[Link]
) -> None:
    link, _ = start(links, secure(tls_broker, certificates))
    until(lambda: link.connected)
    tls_broker.pause()
    began = time.monotonic()
    link.stop()
    assert time.monotonic() - began < allowed(3)


@pytest.mark.filterwarnings(
    # paho leaves a socket whose handshake failed to the garbage collector, which closes it with a ResourceWarning.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)
def test_a_broker_that_nobody_vouches_for_is_not_trusted(
    tls_broker: Broker, certificates: Path, links: list[Link]
) -> None:
    _, inbox = start(links, secure(tls_broker, certificates)._replace(ca_file=None))
    lost = next(arrival for arrival in inbox.take(10.0) if isinstance(arrival, Lost))
    assert "its certificate is not trusted: self-signed certificate in certificate chain" in lost.reason
    links[0].stop(1.0)
    gc.collect()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # as above
@pytest.mark.parametrize(
    ("names", "days", "said"),
    [(["elsewhere.example"], 30, "Hostname mismatch"), (["localhost"], 0, "certificate has expired")],
)
def test_a_certificate_that_is_over_or_for_another_host_is_told_once_and_tried_again(
    tmp_path: Path,
    links: list[Link],
    caplog: pytest.LogCaptureFixture,
    names: list[str],
    days: int,
    said: str,
) -> None:
    ca = authority.make_authority()
    wrong, right = authority.issue(ca, names, days=days), authority.issue(ca, ["localhost"])
    until(lambda: days or not authority.fits(wrong), what="the end of the certificate")
    (tmp_path / "ca.pem").write_bytes(ca.certificate)
    files = (f"certfile {tmp_path}/server.pem", f"keyfile {tmp_path}/server.key")

    def use(pair: authority.Pair) -> None:
        (tmp_path / "server.pem").write_bytes(pair.certificate)
        (tmp_path / "server.key").write_bytes(pair.key)

    use(wrong)
    broker = guarded(tmp_path, "allow_anonymous true", *files)
    try:
        tls = config(broker)._replace(host="localhost", tls=True, ca_file=str(tmp_path / "ca.pem"))
        link, _ = start(links, tls)
        until(lambda: broker.log.count("New connection") >= 3, 30, "three attempts")
        told = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
        assert len(told) == 1
        assert f"its certificate is not trusted: {said}" in told[0]
        use(right)
        broker.reload()
        until(lambda: link.connected, 30)
    finally:
        broker.kill()
        gc.collect()
