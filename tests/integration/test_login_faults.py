"""What keeps a service out of a locked broker, in words: a wrong password, a certificate that is over."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from credentials import authority
from lampfield_bus.node.arrivals import Lost
from lampfield_bus.node.findings import Finding
from lampfield_bus.node.inbox import Inbox
from lampfield_bus.node.link import Link, LinkConfig
from led_renderer import doctor
from led_renderer.settings import Settings
from support.broker import Broker
from support.locked import Locked
from support.waiting import until


def plain(broker: Broker) -> LinkConfig:
    return LinkConfig("127.0.0.1", broker.port, "test", "display/x/fence", None)


class Secure:
    """A broker with TLS, whose certificate can be replaced while it runs."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir()
        self._authority = authority.make_authority()
        self.ca_file, self._certificate, self._key = (
            directory / name for name in ("ca.pem", "server.pem", "server.key")
        )
        self.ca_file.write_bytes(self._authority.certificate)
        self.present("localhost", "127.0.0.1")
        tls = (f"certfile {self._certificate}", f"keyfile {self._key}", "allow_anonymous true")
        self.broker = Broker(directory / "broker", settings=tls).start()

    def present(self, *names: str, days: int = 1) -> None:
        """From the next connection on (SIGHUP, as `make certs` sends it) it is one for these names and days."""
        pair = authority.issue(self._authority, names, days)
        self._key.write_bytes(pair.key)
        self._certificate.write_bytes(pair.certificate)

    def config(self) -> LinkConfig:
        return LinkConfig(
            "127.0.0.1", self.broker.port, "test", "display/x/fence", None, tls=True, ca_file=str(self.ca_file)
        )


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[Secure]:
    running = Secure(tmp_path / "secure")
    yield running
    running.broker.kill()


def told(**values: object) -> Finding:
    make: Callable[..., Settings] = Settings
    return next(doctor.broker(make(**{"_env_file": None, "mqtt_host": "127.0.0.1", **values}), "hall"))


def test_a_wrong_password_and_no_password(locked: Locked) -> None:
    for given in ({"mqtt_username": "displays", "mqtt_password": "wrong"}, {}):
        finding = told(mqtt_port=locked.broker.port, **given)
        assert finding.grade == "fail"
        assert "Not authorized" in finding.text
        assert "LAMPFIELD_MQTT_PASSWORD" in finding.text
        assert "wrong" not in finding.text


def test_nobody_guesses_his_way_in(locked: Locked) -> None:
    inbox = Inbox()
    link = Link(
        LinkConfig("127.0.0.1", locked.broker.port, "x", "display/x/fence", None, username="operator"), inbox, []
    )
    link.start()
    try:
        assert any(isinstance(arrival, Lost) for arrival in inbox.take(10.0))
        assert not link.connected
    finally:
        link.stop()


@pytest.mark.filterwarnings(
    # paho leaves a socket whose handshake failed to the garbage collector, which closes it with a ResourceWarning.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)
@pytest.mark.parametrize(
    ("names", "days", "reason", "advice"),
    [
        (("127.0.0.1",), -1, "certificate has expired", "make certs"),
        (("pbx.example",), 1, "mismatch", "HOSTS="),
    ],
)
def test_a_certificate_that_is_over_or_for_somebody_else(
    secure: Secure, names: tuple[str, ...], days: int, reason: str, advice: str
) -> None:
    """The panel's link notices at its next connection, says so, and is back as soon as there is a good one."""
    link = Link(secure.config(), Inbox(), [])
    link.start()
    try:
        until(lambda: link.connected)
        secure.present(*names, days=days)
        secure.broker.restart()
        until(lambda: not link.connected)
        finding = told(mqtt_port=secure.broker.port, mqtt_tls=True, mqtt_ca_file=secure.ca_file)
        assert finding.grade == "fail"
        assert reason in finding.text
        assert advice in finding.text
        assert not link.connected

        secure.present("127.0.0.1")
        secure.broker.reload()
        until(lambda: link.connected, 10, "the link, once the certificate is renewed")
    finally:
        link.stop()
