"""What a user may do, as `doctor` tells it: on a broker that gives rights as ours does, and on one that asks none."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from lampfield_bus.channels import SWITCH_CALL, SWITCH_CALLS
from lampfield_bus.node.findings import Finding
from lampfield_bus.node.rights import Claims, Visit
from lampfield_bus.node.rights import broker as at_broker
from lampfield_bus.node.settings import NodeSettings
from support.broker import Broker, Bus, retained
from support.locked import Locked


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("LAMPFIELD_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)  # no .env


def findings(locked: Locked, user: str, claims: Claims, password: str | None = None) -> list[Finding]:
    settings = NodeSettings(
        mqtt_host=locked.broker.host,
        mqtt_port=locked.broker.port,
        mqtt_username=user,
        mqtt_password=SecretStr(password or locked.password(user)),
    )
    with Visit(settings, claims) as visit:
        return list(visit.findings())


def display(*reads: str) -> Claims:
    return Claims("display", "lobby", [SWITCH_CALLS.filter(), *reads])


def test_rights_that_are_as_they_should_be(locked: Locked) -> None:
    locked.app().add("display", "lobby")
    with locked.bus("display-lobby") as bus:
        bus.publish("display/lobby/state", b"{}", retain=True)
        bus.publish("display/lobby/info", b"{}", retain=True)
    told = findings(locked, "display-lobby", display(SWITCH_CALL.filter()))
    assert [finding.grade for finding in told] == ["ok"] * 4
    assert "may read all of the 3 filters" in told[1].text
    assert "may write the 2 topics of its own" in told[2].text
    assert "nothing of others" in told[3].text


def test_what_is_stored_stays_as_it_is(locked: Locked) -> None:
    with locked.bus("switch-main") as bus, locked.bus("viewer").subscribe() as viewer:
        bus.publish("switch/main/calls", b'{"total":3}', retain=True)
        findings(locked, "switch-main", Claims("switch", "main"))
        bus.publish("switch/main/fence", b"end")
        viewer.wait_for(lambda: viewer.latest.get("switch/main/fence") == b"end")
        assert viewer.payloads("switch/main/calls") == [b'{"total":3}'] * 2
        assert not [topic for topic in viewer.latest if "doctor" in topic]


def test_a_display_without_numbers_is_a_note_and_any_other_lack_a_failure(locked: Locked) -> None:
    locked.app().add("display", "lobby", numbers=False)
    calls = SWITCH_CALL.filter(switch="main")
    assert findings(locked, "display-lobby", display(calls))[1] == (
        "note",
        f"is not told who telephones: may not read {calls}",
    )
    assert findings(locked, "display-lobby", display(calls, "sip/+/summary"))[1].grade == "fail"


def test_a_display_that_logs_in_as_another_is_told(locked: Locked) -> None:
    locked.app().add("display", "hall")
    (finding,) = findings(locked, "display-hall", display())
    assert finding.grade == "fail"
    assert "display/lobby/fence; see the broker's ACL" in finding.text


def test_a_wrong_password_is_told_with_the_user(locked: Locked) -> None:
    (finding,) = findings(locked, "viewer", display(), password="wrong")
    assert finding.grade == "fail"
    assert "Not authorized (user viewer); see LAMPFIELD_MQTT_USERNAME" in finding.text


def test_a_broker_that_asks_nothing_gives_too_much(broker: Broker) -> None:
    with Visit(NodeSettings(mqtt_host=broker.host, mqtt_port=broker.port), display()) as visit:
        told = list(visit.findings())
    assert [finding.grade for finding in told] == ["ok", "ok", "note", "note"]
    assert "may do more than it needs: write switch/doctor-" in told[3].text
    assert "write display/lobby/cmd/doctor" in told[3].text
    assert retained(broker) == {}


def test_nobody_there(broker: Broker) -> None:
    broker.kill()
    with Visit(NodeSettings(mqtt_host=broker.host, mqtt_port=broker.port), display()) as visit:
        (finding,) = visit.findings()
    assert finding.grade == "fail"
    assert "LAMPFIELD_MQTT_" in finding.text


def test_a_topic_of_its_own_that_it_may_not_write_is_named(tmp_path: Path) -> None:
    (tmp_path / "acl").write_text("topic read #\ntopic write lampfield/v1/display/lobby/fence\n", encoding="ascii")
    broker = Broker(tmp_path / "b", settings=("allow_anonymous true",), persistent=True).start()
    with Bus(broker.host, broker.port) as bus:
        bus.publish("display/lobby/info", b"{}", retain=True)
    broker.stop()
    settings = ("allow_anonymous true", f"acl_file {tmp_path}/acl")
    broker = Broker(tmp_path / "b", settings=settings, persistent=True).start()
    try:
        with Visit(NodeSettings(mqtt_host=broker.host, mqtt_port=broker.port), display()) as visit:
            told = list(visit.findings())
    finally:
        broker.kill()
    assert told[2] == ("fail", "may not write display/lobby/info; see the broker's ACL")


def note(visit: Visit) -> Iterator[Finding]:
    yield Finding("note", f"{len(visit.retained)} more")


def test_more_is_asked_where_nothing_is_wrong(broker: Broker) -> None:
    settings = NodeSettings(mqtt_host=broker.host, mqtt_port=broker.port)
    assert list(at_broker(settings, display(), note))[-1] == ("note", "0 more")
    broker.kill()
    assert [finding.grade for finding in at_broker(settings, display(), note)] == ["fail"]


def test_files_of_tls_that_are_none_are_a_finding(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("none", encoding="ascii")
    settings = NodeSettings(mqtt_host="broker.example", mqtt_tls=True, mqtt_ca_file=tmp_path / "ca.pem")
    (finding,) = at_broker(settings, display(), note)
    assert finding.grade == "fail"
    assert finding.text.startswith("broker broker.example:1883: ")
    assert "ca.pem" in finding.text
