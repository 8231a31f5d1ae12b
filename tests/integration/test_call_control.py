"""Call-control as a process, with a real broker that asks for passwords: on the bus, and off it in order."""

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.broker import Bus
from support.call_control import Running
from support.locked import Locked
from support.waiting import allowed

HALF = b"POST /httapi/announcement HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\n"


@pytest.fixture
def bus(locked: Locked) -> Iterator[Bus]:
    with locked.bus("keeper") as client:
        yield client.subscribe("control/#")


def test_it_is_on_the_bus_and_leaves_it_within_three_seconds(locked: Locked, bus: Bus, tmp_path: Path) -> None:
    with Running(locked, tmp_path) as service:
        bus.wait_until_online("control/main", limit=30)
        bus.wait_for(lambda: "control/main/health" in bus.latest)
        assert json.loads(bus.latest["control/main/health"])["rss_bytes"] < 64 * 2**20
        assert service.get("/openapi.json")["info"]["title"] == "Lampfield call-control"
        assert service.command("check").returncode == 0
        doctor = service.command("doctor")
        assert doctor.returncode == 0, doctor.stdout
        assert "may write and read nothing of others that it tried" in doctor.stdout
        with socket.create_connection(("127.0.0.1", service.port), timeout=10) as half:
            half.sendall(HALF)
            assert half.recv(1024).startswith(b"HTTP/1.1 100 ")  # the rest of it is waited for
            began = time.monotonic()
            assert service.stop() == 0
            assert time.monotonic() - began < allowed(3)
            assert half.recv(64).startswith(b"HTTP/1.1 503 ")
        assert "requests cut short: 1" in service.log
        assert "Traceback" not in service.log
        assert " error " not in service.log
    bus.wait_for(lambda: bus.latest.get("control/main/availability") == b"offline")
    assert service.command("check").returncode == 1
    forgotten = service.command("forget", "main")
    assert forgotten.returncode == 0, forgotten.stderr
    bus.wait_for(lambda: set(bus.latest) <= {"control/main/fence"})
