"""Doctor: each finding says what is wrong and what to do about it."""

import os
import socket
import sys
from pathlib import Path

import pytest

from lampfield_bus.channels import SWITCH_HEALTH
from lampfield_bus.instants import rfc3339
from lampfield_bus.messages import SwitchHealth
from lampfield_bus.node.arrivals import Message
from lampfield_bus.node.findings import Finding
from lampfield_bus.node.inbox import Inbox
from led_renderer import doctor
from led_renderer.drivers import DriverOptions
from led_renderer.settings import Settings
from support.broker import Broker
from support.max7219_chain import Chain, Mounting, SpiBus, fake_spidev

NOW = 1_800_000_000_000


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("LAMPFIELD_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LAMPFIELD_DISPLAY", "hall")
    monkeypatch.chdir(tmp_path)  # no .env


@pytest.fixture
def spi_device(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    path = tmp_path / "spidev0.0"
    path.touch()
    monkeypatch.setattr(DriverOptions, "spi_path", property(lambda _: path))
    return path


def health(at: int) -> bytes:
    told = SwitchHealth(at=rfc3339(at), uptime=1.0, lag_ms=None, queue=0, dropped=0, resyncs=0, topics=4, rss_bytes=1)
    return SWITCH_HEALTH.publication(SWITCH_HEALTH.topic("main"), told).payload


def clock(*arrivals: Message, limit: float = 0.01) -> list[Finding]:
    inbox = Inbox()
    for arrival in arrivals:
        inbox.put(arrival)
    stored = [Message("switch/main/health", health(NOW - 9_000), retain=True)]
    return list(doctor.clock(inbox, stored, wall=lambda: NOW, limit=limit))


def test_a_missing_device_tells_how_to_enable_spi() -> None:
    (finding,) = doctor.driver(Settings(driver="max7219", spi_port=9, spi_device=9))
    assert finding == (
        "fail",
        "driver max7219: no /dev/spidev9.9; enable SPI (raspi-config, or dtparam=spi=on) and restart",
    )


def test_a_device_without_permission_names_the_group(spi_device: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    (finding,) = doctor.driver(Settings(driver="max7219"))
    assert (finding.grade, "add it to the group spi" in finding.text) == ("fail", True)


def test_a_missing_spidev_is_named(spi_device: Path) -> None:
    (finding,) = doctor.driver(Settings(driver="auto"))
    assert finding == ("note", "driver max7219: the Python package spidev is not installed")


def test_a_panel_is_found_without_a_byte_to_it(spi_device: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: object())
    bus = SpiBus(Chain(Mounting()))
    with fake_spidev(bus):
        (finding,) = doctor.driver(Settings(driver="auto"))
    assert (finding.grade, bus.opened, bus.transfers, bus.closed) == ("ok", (0, 0), [], True)


def test_a_bus_that_does_not_open_is_told(spi_device: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: object())
    monkeypatch.setitem(sys.modules, "spidev", None)
    (finding,) = doctor.driver(Settings(driver="max7219"))
    assert (finding.grade, "spidev is not installed" in finding.text) == ("fail", True)


def test_a_terminal_that_is_none_is_a_note() -> None:
    (finding,) = doctor.driver(Settings(driver="terminal"))
    assert finding == ("note", "driver terminal: stdout is not a terminal")


def test_neither_panel_nor_terminal_is_said() -> None:
    (finding,) = doctor.driver(Settings(driver="auto", spi_port=9, spi_device=9))
    assert (finding.grade, finding.text.startswith("driver none: no /dev/spidev9.9")) == ("ok", True)


def test_the_time_zone_is_told() -> None:
    assert doctor.time_zone(Settings(tz="Europe/Berlin")).text.startswith("time zone Europe/Berlin, ")
    assert doctor.time_zone(Settings(tz="UTC")).grade == "ok"


def test_clocks_that_agree_are_fine() -> None:
    assert clock(Message("switch/main/health", health(NOW - 1_200))) == [
        ("ok", "switch main: this clock is 1.2 s ahead")
    ]


def test_a_clock_that_is_off_is_a_failure() -> None:
    (finding,) = clock(Message("switch/main/health", health(NOW + 60_000)))
    assert finding.grade == "fail"
    assert finding.text.startswith("switch main: this clock is 60.0 s behind")


def test_a_publisher_that_says_nothing_is_noted() -> None:
    assert [finding.grade for finding in clock()] == ["note"]


def test_health_that_is_not_understood_is_noted() -> None:
    (finding,) = clock(Message("switch/main/health", b'{"at": 7}'))
    assert (finding.grade, "not understood" in finding.text) == ("note", True)


def test_without_any_switch_it_says_what_the_panel_will_show() -> None:
    (finding,) = doctor.clock(Inbox(), [])
    assert "NO PBX" in finding.text


def test_no_broker_is_a_failure_that_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert doctor.examine(Settings(mqtt_host="127.0.0.1", mqtt_port=port)) == 1
    assert f"fail broker 127.0.0.1:{port}: " in capsys.readouterr().out


def test_a_broker_that_works_is_ok_and_holds_nothing_afterwards(
    broker: Broker, capsys: pytest.CaptureFixture[str]
) -> None:
    assert doctor.examine(Settings(mqtt_host=broker.host, mqtt_port=broker.port)) == 0
    out = capsys.readouterr().out
    assert "ok   display hall: 32x8 pixels, 4 modules\n" in out
    assert "logged in, and the round trip on our own topics works\n" in out
    with broker.bus() as bus:
        bus.subscribe()
        assert bus.latest == {}
