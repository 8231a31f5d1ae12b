import socket
import subprocess
import sys
from pathlib import Path

import pytest

from demo_switch import broker, mqtt
from demo_switch.stage import free_port, listens
from support.waiting import until


def test_mosquitto_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(broker, "mosquitto", lambda: "/somewhere/mosquitto")
    configuration = tmp_path / "mosquitto.conf"
    assert broker.command(18830, 18831, tmp_path) == ["/somewhere/mosquitto", "-c", str(configuration)]
    assert "listener 18830 127.0.0.1\n" in configuration.read_text()
    assert "listener 18831 127.0.0.1\nprotocol websockets\n" in configuration.read_text()


def test_without_one_the_embedded_broker_is_a_process_of_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(broker, "mosquitto", lambda: None)
    ports = ["--port", "18830", "--web-port", "18831"]
    assert broker.command(18830, 18831, tmp_path) == [sys.executable, "-m", "demo_switch.broker", *ports]


def test_mosquitto_is_found_beside_the_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    binary = tmp_path / "mosquitto"
    binary.write_text("#!/bin/sh\n")
    binary.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert broker.mosquitto() == str(binary)


def test_the_embedded_broker_speaks_mqtt_5_until_it_is_terminated(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "demo_switch.broker", "--port", str(port), "--web-port", str(free_port())]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env={"TMPDIR": str(tmp_path)})
    try:
        until(lambda: listens(port))
        connection, incoming = mqtt._open(port, 5)
        with connection:
            connection.sendall(mqtt.subscribe_packet("a/b"))
            assert next(incoming)[0] == 0x90  # SUBACK
            mqtt.publish(port, "a/b", b"hello")
            assert mqtt.message(*next(incoming)) == ("a/b", b"hello")
    finally:
        process.terminate()
        process.wait(5)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
    assert [path.name for path in tmp_path.iterdir()] == ["log"], "its configuration was left behind"
