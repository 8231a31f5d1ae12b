import functools
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import gevent
import pytest

from esl_publisher import doctor
from esl_publisher.settings import Settings
from esl_publisher.source import Source
from lampfield_bus.node.findings import Finding
from support.broker import Broker
from support.esl_server import NOTICE, EslServer, Obedient, Peer, event

PASSWORD = "not what everybody has"


def made(**values: object) -> Settings:
    """Settings by name, and no .env of somebody's."""
    make: Callable[..., Settings] = Settings
    return make(**{"_env_file": None, "esl_host": ("127.0.0.1",), **values})


@pytest.fixture(autouse=True)
def _limited() -> Iterator[None]:
    with gevent.Timeout(20):
        yield


def look(server: EslServer, limit: float = 0.3, **settings: object) -> list[Finding]:
    return list(doctor.switch(made(**{"esl_port": server.port, "esl_password": PASSWORD, **settings}), limit))


class Busy(Obedient):
    """A switch on which something happens as soon as somebody listens, `late` seconds ago by its clock."""

    def __init__(self, late: float = 0.0, domain: str = "pbx.example", *, heartbeat: bool = True) -> None:
        super().__init__(password=PASSWORD)
        self.answers |= {
            "global_getvar domain": domain,
            "valet_info": "<lots>\n</lots>\n",
            "fifo list": "<fifo_report/>\n",
        }
        self.answers["callcenter_config queue list"] = "name|strategy\n+OK\n"
        self._late = late
        self._events = ("API", "HEARTBEAT") if heartbeat else ("API",)

    def _reply(self, command: str) -> bytes:
        reply = super()._reply(command)
        if command.startswith("bgapi"):
            stamp = str(int((time.time() - self._late) * 1e6))
            reply += b"".join(event(name, Event_Date_Timestamp=stamp) for name in self._events)
        return reply


def test_a_healthy_switch() -> None:
    with EslServer(Busy()) as server:
        findings = look(server)
    assert [finding.grade for finding in findings] == ["ok"] * 6
    text = "\n".join(finding.text for finding in findings)
    assert "takes the password" in text
    assert "1.11.1-release" in text
    assert "pbx.example" in text
    assert "0 legs" in text
    assert "events come" in text
    assert "HEARTBEAT comes" in text


def test_nobody_there() -> None:
    with EslServer(Obedient()) as server:
        pass
    (finding,) = look(server)
    assert finding.grade == "fail"
    assert "listen-ip in autoload_configs/event_socket.conf.xml" in finding.text


def test_the_acl() -> None:
    rude = b"Content-Type: text/rude-rejection\nContent-Length: 24\n\nAccess Denied, go away.\n" + NOTICE
    with EslServer(lambda peer: peer.send(rude)) as server:
        (finding,) = look(server)
    assert finding.grade == "fail"
    assert "apply-inbound-acl" in finding.text


def test_the_password() -> None:
    with EslServer(Obedient(password="other")) as server:
        (finding,) = look(server)
    assert finding.grade == "fail"
    assert "LAMPFIELD_ESL_PASSWORD" in finding.text
    assert PASSWORD not in finding.text


def test_the_password_that_everybody_knows() -> None:
    with EslServer(Obedient()) as server:
        findings = look(server, esl_password="ClueCon")
    assert any(finding.grade == "note" and "choose another" in finding.text for finding in findings)


def test_modules_that_are_not_loaded() -> None:
    script = Busy()
    for answer in ("callcenter_config queue list", "fifo list"):
        del script.answers[answer]
    with EslServer(script) as server:
        (finding,) = [finding for finding in look(server) if finding.grade != "ok"]
    assert finding.grade == "note"
    assert "mod_fifo (fifos), mod_callcenter (queues and agents)" in finding.text
    assert "modules.conf.xml" in finding.text
    assert "mod_sofia" not in finding.text


def test_a_switch_without_a_heartbeat() -> None:
    with EslServer(Busy(heartbeat=False)) as server:
        finding = look(server)[-1]
    assert finding.grade == "note"
    assert "no HEARTBEAT" in finding.text
    assert "event-heartbeat-interval" in finding.text


def test_something_else_on_that_port() -> None:
    with EslServer(lambda peer: peer.send(b"SSH-2.0-OpenSSH\r\n")) as server:
        (finding,) = look(server)
    assert finding.grade == "fail"
    assert "LAMPFIELD_ESL_PORT" in finding.text


def test_a_first_host_that_cannot_be_reached_is_only_a_note() -> None:
    with EslServer(Busy()) as server:
        findings = look(server, esl_host=("no.such.host.invalid", "127.0.0.1"))
    assert findings[0].grade == "note"
    assert {finding.grade for finding in findings[1:]} == {"ok"}


def test_no_domain_is_a_note() -> None:
    with EslServer(Busy(domain="")) as server:
        findings = look(server)
    assert any(finding.grade == "note" and "LAMPFIELD_DOMAIN" in finding.text for finding in findings)


def test_tables_that_are_none() -> None:
    script = Busy()
    script.answers["show channels as json"] = "-ERR show Command not found!"
    with EslServer(script) as server:
        findings = look(server)
    assert any(finding.grade == "fail" and "mod_commands" in finding.text for finding in findings)


def test_a_switch_that_tells_no_event() -> None:
    with EslServer(Obedient(password=PASSWORD)) as server:
        finding = look(server)[-1]
    assert finding.grade == "fail"
    assert "no event came" in finding.text


@pytest.mark.parametrize(("late", "said"), [(3600.0, "-3600"), (-3600.0, "+3600")])
def test_a_clock_that_is_off(late: float, said: str) -> None:
    with EslServer(Busy(late)) as server:
        finding = next(finding for finding in look(server) if finding.grade == "fail")
    assert said in finding.text
    assert "NTP" in finding.text


@pytest.mark.parametrize(("body", "grade"), [(b'{"Event-Name":"API"}', "note"), (b"nonsense", "fail")])
def test_an_event_without_a_time_and_one_that_is_none(body: bytes, grade: str) -> None:
    assert doctor._lag("here", [doctor._Arrived(body, 0)]).grade == grade


def test_the_broker(broker: Broker) -> None:
    settings = made(mqtt_host=broker.host, mqtt_port=broker.port)
    assert {finding.grade for finding in doctor.broker(settings)} == {"ok", "note"}  # it lets us do too much


def test_no_broker(broker: Broker) -> None:
    broker.kill()
    (finding,) = doctor.broker(made(mqtt_host=broker.host, mqtt_port=broker.port))
    assert finding.grade == "fail"
    assert "LAMPFIELD_MQTT" in finding.text


def test_a_broker_that_lets_nobody_write(tmp_path: Path) -> None:
    (tmp_path / "acl").write_text("topic read #\n", encoding="utf-8")
    broker = Broker(tmp_path / "broker", settings=("allow_anonymous true", f"acl_file {tmp_path / 'acl'}")).start()
    try:
        (finding,) = doctor.broker(made(mqtt_host=broker.host, mqtt_port=broker.port))
    finally:
        broker.kill()
    assert finding.grade == "fail"
    assert "ACL" in finding.text


def test_tls_files_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate", encoding="utf-8")
    (finding,) = doctor.broker(made(mqtt_tls=True, mqtt_ca_file=tmp_path / "ca.pem"))
    assert finding.grade == "fail"
    assert "LAMPFIELD_MQTT_CA_FILE" in finding.text


@pytest.mark.parametrize(("password", "status"), [(PASSWORD, 0), ("other", 1)])
def test_every_finding_is_a_line_and_the_status_tells_the_worst(
    broker: Broker, capsys: pytest.CaptureFixture[str], password: str, status: int
) -> None:
    with EslServer(Busy()) as server:
        here = {"mqtt_host": broker.host, "mqtt_port": broker.port}
        settings = made(esl_port=server.port, esl_password=password, **here)
        assert doctor.examine(settings) == status
    lines = capsys.readouterr().out.splitlines()
    assert all(line.startswith(("ok   ", "note ", "fail ")) for line in lines)
    assert any(line.startswith("fail") for line in lines) == bool(status)


def test_a_silent_peer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "Source", functools.partial(Source, timeout=0.2))
    with EslServer(Peer.wait) as server:
        (finding,) = look(server)
    assert "no greeting within 0.2 s" in finding.text
