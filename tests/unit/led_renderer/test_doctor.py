"""Doctor: each finding says what is wrong and what to do about it."""

import fcntl
import grp
import os
import socket
import sys
import threading
from pathlib import Path

import pytest

from demo_switch.stage import free_port
from lampfield_bus.channels import SWITCH_HEALTH
from lampfield_bus.instants import rfc3339
from lampfield_bus.messages import SwitchHealth
from lampfield_bus.node.arrivals import Message
from lampfield_bus.node.findings import Finding
from lampfield_bus.node.inbox import Inbox
from led_renderer import doctor
from led_renderer.drivers import DriverOptions
from led_renderer.settings import Settings
from led_renderer.spi_advice import Machine
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


def test_a_missing_device_tells_how_to_enable_spi(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        doctor, "machine", lambda: Machine(model="Raspberry Pi 4", config="", config_path="/boot/c.txt")
    )
    (finding,) = doctor.driver(Settings(driver="max7219", spi_port=9, spi_device=9))
    assert finding.grade == "fail"
    assert finding.text.startswith("driver max7219: no /dev/spidev9.9: SPI is off in /boot/c.txt.")


def test_a_machine_is_looked_at(tmp_path: Path) -> None:
    for name, text in {
        "proc/device-tree/model": "Raspberry Pi 5 Model B Rev 1.0\0",
        "boot/config.txt": "dtparam=spi=off\n",
        "boot/firmware/config.txt": "dtparam=spi=on\n",
        "dev/spidev1.0": "",
        "dev/spidev10.0": "",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert doctor.machine(tmp_path) == Machine(
        model="Raspberry Pi 5 Model B Rev 1.0",
        config="dtparam=spi=on\n",
        config_path="/boot/firmware/config.txt",
        devices=("/dev/spidev1.0",),
    )
    (tmp_path / ".dockerenv").touch()
    assert doctor.machine(tmp_path).container
    (tmp_path / "boot/firmware/config.txt").unlink()
    assert doctor.machine(tmp_path).config_path == "/boot/config.txt"


def test_a_machine_that_is_no_pi_has_nothing_to_show(tmp_path: Path) -> None:
    assert doctor.machine(tmp_path) == Machine(config_path="")


def test_a_device_without_permission_names_the_group(spi_device: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    monkeypatch.setattr(doctor, "_in_container", lambda _: False)
    group = grp.getgrgid(spi_device.stat().st_gid).gr_name
    (finding,) = doctor.driver(Settings(driver="max7219"))
    assert finding.grade == "fail"
    assert f"{spi_device}" in finding.text
    assert group in finding.text


def test_a_panel_that_a_renderer_has_is_fine(spi_device: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: object())
    monkeypatch.setattr("led_renderer.drivers.max7219.device_path", lambda *_: str(spi_device))
    with fake_spidev(SpiBus(Chain(Mounting()))), spi_device.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        (finding,) = doctor.driver(Settings(driver="max7219"))
    assert finding == ("ok", f"driver max7219: {spi_device} is in use: a led-renderer runs")


def test_a_missing_spidev_is_named(spi_device: Path) -> None:
    (finding,) = doctor.driver(Settings(driver="auto"))
    assert finding == (
        "note",
        "driver max7219: the Python package spidev is not installed: pip install spidev (needs gcc)",
    )


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


def broker_finding(**settings: object) -> str:
    (finding,) = doctor.broker(Settings.model_validate(settings), "hall")
    assert finding.grade == "fail"
    return finding.text


def test_no_broker_is_a_failure_that_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    port = free_port()
    assert doctor.examine(Settings(mqtt_host="127.0.0.1", mqtt_port=port)) == 1
    out = capsys.readouterr().out
    assert f"fail broker 127.0.0.1:{port}: " in out
    assert "is the broker running" in out


def test_a_host_that_there_is_not_is_told() -> None:
    assert "LAMPFIELD_MQTT_HOST" in broker_finding(mqtt_host="no-such-host.invalid")


def test_a_broker_that_wants_a_password_is_told(tmp_path: Path) -> None:
    locked = Broker(tmp_path / "locked", settings=("allow_anonymous false",)).start()
    try:
        said = broker_finding(mqtt_host=locked.host, mqtt_port=locked.port)
    finally:
        locked.kill()
    assert "see LAMPFIELD_MQTT_USERNAME and LAMPFIELD_MQTT_PASSWORD" in said


# paho leaves the socket of a handshake that was cut off to the collector
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_tls_where_there_is_none_is_told(broker: Broker) -> None:
    said = broker_finding(mqtt_host=broker.host, mqtt_port=broker.port, mqtt_tls=True)
    assert "8883" in said or "MQTT_TLS" in said


def test_a_port_that_is_no_brokers_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            peer, _ = server.accept()
            with peer:
                peer.recv(1_000)
                peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        said = broker_finding(mqtt_host="127.0.0.1", mqtt_port=server.getsockname()[1])
        thread.join(5)
    assert "LAMPFIELD_MQTT_PORT" in said


def test_a_certificate_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    assert "LAMPFIELD_MQTT_CA_FILE" in broker_finding(mqtt_tls=True, mqtt_ca_file=tmp_path / "ca.pem")


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
