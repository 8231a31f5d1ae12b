"""The loop's wiring, without a broker: health, heartbeat, remarks, sleeping."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from lampfield_bus.messages import Publication
from lampfield_bus.node.arrivals import ReadingBegan, ReadingEnded
from lampfield_bus.node.run import OK, Stop
from sip_monitor import app as module
from sip_monitor.app import App
from sip_monitor.listener import Listener
from sip_monitor.settings import Settings
from support.sip import T0, datagram, recorded, request

READ = (ReadingBegan(), ReadingEnded(complete=True))


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    with Listener("127.0.0.1", 0) as listener:
        found = App(Settings(mqtt_port=1, heartbeat_file=tmp_path / "heartbeat"), listener, Stop())
        monkeypatch.setattr(type(found._link), "alive", property(lambda _: True))
        yield found
        found.close()


@pytest.fixture
def sent(app: App, monkeypatch: pytest.MonkeyPatch) -> list[Publication]:
    found: list[Publication] = []
    monkeypatch.setattr(app._link, "send", found.extend)
    return found


def test_it_has_a_will_and_reads_its_own_topics_and_the_switches_calls(app: App) -> None:
    config = app._link._config
    assert (config.client_id, config.availability) == ("lampfield-sip-monitor-main", "sip/main/availability")
    subscriptions = app._link._sender._subscriptions
    assert [(each.filter, each.kind) for each in subscriptions][-3:] == [
        ("sip/main/#", "own"), ("switch/+/call/+", "state"), ("switch/+/event/call/ended", "state"),
    ]  # fmt: skip


def test_health_comes_when_our_topics_were_read_and_counts(app: App, sent: list[Publication]) -> None:
    app.turn([b"junk", *recorded("call_busy_486")], [])
    assert sent == []
    app.turn([], READ)
    health = json.loads(next(each.payload for each in sent if each.topic == "sip/main/health"))
    assert {key: health[key] for key in ("datagrams", "bad_datagrams", "messages", "dialogs", "dropped_dialogs")} == {
        "datagrams": 13, "bad_datagrams": 1, "messages": 12, "dialogs": 2, "dropped_dialogs": 0,
    }  # fmt: skip
    assert health["rss_bytes"] > 10_000_000
    assert app._pulse._heartbeat._path.is_file()


def test_it_does_not_sleep_while_datagrams_come_nor_longer_than_a_second(app: App) -> None:
    assert app.turn([datagram(request("INVITE"), at=T0)], READ) == 0.0
    assert 0.0 < app.turn([], []) <= 1.0


def test_it_leaves_datagrams_in_the_kernel_until_it_has_read_its_topics(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not app._may_read()
    monkeypatch.setattr(module, "READ_MS", -1)
    assert app._may_read()


def test_faults_are_logged_once_per_kind(app: App, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(5):
        app.turn([b"junk%d" % number, b"HEP3\0%c" % number], [])
    told = [record.message for record in caplog.records if "a datagram was dropped" in record.message]
    assert len(told) == 2


def test_a_dead_thread_of_the_link_ends_the_process(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(app._link), "alive", property(lambda _: False))
    with pytest.raises(RuntimeError, match="thread of the link"):
        app.turn([], [])


@pytest.fixture
def _logging_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "configure_logging", lambda *_: None)  # a handler would outlive this test's stderr


@pytest.mark.usefixtures("_logging_as_it_is")
def test_an_address_that_cannot_be_had_is_a_bad_setting(capsys: pytest.CaptureFixture[str]) -> None:
    with Listener("127.0.0.1", 0) as taken:
        assert module.run(Settings(hep_port=taken.port)) == 2
    assert "LAMPFIELD_HEP_PORT: 127.0.0.1:" in capsys.readouterr().err


@pytest.mark.usefixtures("_logging_as_it_is")
def test_run_ends_when_it_is_told_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopping(self: Stop) -> Stop:
        self.requested = True
        return self

    monkeypatch.setattr(Stop, "install", stopping)
    with Listener("127.0.0.1", 0) as probe:
        port = probe.port
    assert module.run(Settings(mqtt_port=1, hep_port=port, heartbeat_file=tmp_path / "heartbeat")) == OK
