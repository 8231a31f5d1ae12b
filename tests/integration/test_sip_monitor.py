"""The monitor as a process, with a real broker that asks for passwords and HEP over a real socket."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from demo_switch.stage import free_port
from lampfield_bus import messages as m
from lampfield_bus.examples import EXAMPLES
from sip_monitor import capture, ladder
from sip_monitor.tracker import Rules, Tracker
from support.broker import Bus
from support.locked import Locked
from support.sip import PROXY, T0, answer, datagram, recorded, request

USER = "sip-main"
STARTING = 30.0
B_LEG = "sip/main/dialog/88218193-6172-1240-4eb5-962fa41d3ead"


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Locked]:
    running = Locked(tmp_path_factory.mktemp("locked")).start()
    yield running
    running.broker.stop()


@pytest.fixture
def bus(locked: Locked) -> Iterator[Bus]:
    with locked.bus("keeper") as client:
        yield client.subscribe()


@pytest.fixture
def port() -> int:
    return free_port(socket.SOCK_DGRAM)


def environment(locked: Locked, directory: Path, port: int) -> dict[str, str]:
    settings = {
        "MQTT_HOST": locked.broker.host,
        "MQTT_PORT": str(locked.broker.port),
        "MQTT_USERNAME": USER,
        "MQTT_PASSWORD": locked.password(USER),
        "HEARTBEAT_FILE": str(directory / "heartbeat"),
        "HEP_PORT": str(port),
    }
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LAMPFIELD_")}
    return {**clean, **{f"LAMPFIELD_{name}": value for name, value in settings.items()}}


def command(locked: Locked, directory: Path, port: int, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sip_monitor", *words],
        env=environment(locked, directory, port), cwd=directory, capture_output=True, text=True, timeout=50,
        check=False,
    )  # fmt: skip


@contextmanager
def running(locked: Locked, bus: Bus, directory: Path, port: int) -> Iterator[Path]:
    """The service; yields its log. It ends by SIGTERM, in order."""
    path = directory / "log"
    with path.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "sip_monitor"], env=environment(locked, directory, port), cwd=directory, stderr=log
        )
    try:
        bus.wait_until_online("sip/main", limit=STARTING)
        yield path
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        bus.wait_for(lambda: bus.latest.get("sip/main/availability") == b"offline")
    finally:
        process.kill()
        process.wait(5)


def send(port: int, *datagrams: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for each in datagrams:
            sender.sendto(each, ("127.0.0.1", port))


def arrows(tracker: Tracker, call_id: str) -> list[ladder.Row]:
    return ladder.rows(msgspec.json.decode(tracker.records[call_id].payload(), type=m.SipLadder))


def told(bus: Bus, topic: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(bus.latest.get(topic, b"{}"))
    return found


def test_a_call_that_failed_is_told_with_its_ladder_and_its_switch_s_call(
    locked: Locked, bus: Bus, tmp_path: Path, port: int
) -> None:
    with running(locked, bus, tmp_path, port) as log:
        send(port, *recorded("call_busy_486"))
        bus.wait_for(lambda: told(bus, B_LEG).get("state") == "busy")
        assert told(bus, B_LEG)["cause"] == "USER_BUSY"
        ladder = B_LEG.replace("dialog", "ladder")
        bus.wait_for(lambda: len(told(bus, ladder)["messages"]) == 4)
        assert [each["first_line"].split()[0] for each in told(bus, ladder)["messages"]] == [
            "INVITE",
            "SIP/2.0",
            "SIP/2.0",
            "ACK",
        ]
        assert "uthorization: Digest" not in str(told(bus, ladder))
        bus.wait_for(lambda: len(bus.payloads("sip/main/event/dialog/ended")) == 2)
        bus.wait_for(lambda: told(bus, "sip/main/summary").get("by_status") == {"486": 2})
        bus.wait_for(lambda: "dialogs" in told(bus, "sip/main/health"))
        assert command(locked, tmp_path, port, "check").returncode == 0

        call = json.loads(m.encode(EXAMPLES[m.Call])) | {"sip_call_ids": [B_LEG.rpartition("/")[2]], "id": "u1"}
        bus.publish("switch/main/call/u1", json.dumps(call), retain=True)
        bus.wait_for(lambda: told(bus, B_LEG).get("switch_call") == "u1")
        assert "refused" not in log.read_text(encoding="utf-8")
        assert "warning" not in log.read_text(encoding="utf-8")

    # what lives is gone on with by the next run, what ended stays, and what is nobody's goes
    bus.publish("sip/main/dialog/junk", b"{", retain=True)
    with running(locked, bus, tmp_path, port):
        send(port, datagram(request("INVITE", call_id="live")), datagram(answer(180, call_id="live"), PROXY))
        bus.wait_for(lambda: told(bus, "sip/main/dialog/live").get("state") == "ringing")
        bus.wait_for(lambda: "sip/main/dialog/junk" not in bus.latest)
    with running(locked, bus, tmp_path, port):
        send(port, datagram(answer(200, call_id="live"), PROXY))
        bus.wait_for(lambda: told(bus, "sip/main/dialog/live").get("state") == "answered")
        bus.wait_for(lambda: len(told(bus, "sip/main/ladder/live")["messages"]) == 3)
        assert told(bus, B_LEG)["switch_call"] == "u1"

    gone = command(locked, tmp_path, port, "forget", "main")
    assert (gone.returncode, "of sip main deleted" in gone.stdout) == (0, True)
    bus.wait_for(lambda: not any(topic.startswith(("sip/main/dialog", "sip/main/ladder")) for topic in bus.latest))
    assert {"sip/main/health", "sip/main/summary", "sip/main/availability"} & bus.latest.keys() == set()


def test_export_saves_the_ladder_that_is_on_the_bus(locked: Locked, bus: Bus, tmp_path: Path, port: int) -> None:
    tracker = Tracker(Rules())
    for each in recorded("call_busy_486"):
        tracker.datagram(each, T0)
    call_id = B_LEG.rpartition("/")[2]
    bus.publish(B_LEG.replace("dialog", "ladder"), tracker.records[call_id].payload(), retain=True)

    saved = command(locked, tmp_path, port, "export", call_id, "call.pcap")

    assert (saved.returncode, saved.stdout.partition(";")[0]) == (0, "call.pcap: 4 messages"), saved.stderr
    again = Tracker(Rules())
    for packet in capture.packets((tmp_path / "call.pcap").read_bytes()):
        again.packet(packet, T0)
    assert [(dialog.call_id, dialog.state, dialog.status) for dialog in again.dialogs] == [(call_id, "busy", 486)]
    assert arrows(again, call_id) == arrows(tracker, call_id)
    nobody = command(locked, tmp_path, port, "export", "nobody", "other.pcap")
    assert (nobody.returncode, nobody.stderr) == (1, "sip-monitor: nobody: node main has no such dialog\n")
    assert not (tmp_path / "other.pcap").exists()


def test_doctor_asks_socket_and_broker(locked: Locked, tmp_path: Path, port: int) -> None:
    found = command(locked, tmp_path, port, "doctor")
    assert found.returncode == 0, found.stdout
    assert "logged in" in found.stdout
    assert "may read all of the 3 filters" in found.stdout
    assert "nothing of others" in found.stdout
