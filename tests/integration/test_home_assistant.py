"""The discovery as a process, with a real broker that asks for passwords, as Home Assistant would see it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lampfield_bus.node.life import LOST_MS
from support.broker import Bus
from support.home_assistant import DISPLAY, HALL, MAIN, SWITCH, health
from support.locked import Locked
from support.waiting import now

USER = "home-assistant-main"
STARTING = 30.0
MAIN_ALIVE = "lampfield/lampfield-switch-main/alive"


@pytest.fixture
def bus(locked: Locked) -> Iterator[Bus]:
    """Displays and switches."""
    with locked.bus("keeper") as client:
        yield client


@pytest.fixture
def house(locked: Locked) -> Iterator[Bus]:
    """Home Assistant."""
    login = ("operator", locked.password("operator"))
    with locked.broker.bus(root="homeassistant", login=login) as client:
        yield client.subscribe()


def environment(locked: Locked, directory: Path) -> dict[str, str]:
    settings = {
        "HOMEASSISTANT": "on",
        "MQTT_HOST": locked.broker.host,
        "MQTT_PORT": str(locked.broker.port),
        "MQTT_USERNAME": USER,
        "MQTT_PASSWORD": locked.password(USER),
        "HEARTBEAT_FILE": str(directory / "heartbeat"),
    }
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LAMPFIELD_")}
    return {**clean, **{f"LAMPFIELD_{name}": value for name, value in settings.items()}}


def command(locked: Locked, directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "home_assistant", *words],
        env=environment(locked, directory), cwd=directory, capture_output=True, text=True, timeout=50, check=False,
    )  # fmt: skip


@contextmanager
def running(locked: Locked, directory: Path) -> Iterator[Callable[[], str]]:
    """The service; calling it gives its log. It ends by SIGTERM, in order."""
    path = directory / "log"
    with path.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "home_assistant"], env=environment(locked, directory), cwd=directory, stderr=log
        )
    try:
        yield lambda: path.read_text(encoding="utf-8")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait(5)


def test_devices_come_and_go_and_are_told_again_at_birth(locked: Locked, bus: Bus, house: Bus, tmp_path: Path) -> None:
    bus.publish("display/hall/info", DISPLAY, retain=True)
    with running(locked, tmp_path) as log:
        house.wait_for(lambda: HALL in house.latest, STARTING)
        bus.publish("switch/main/info", SWITCH, retain=True)
        bus.publish("switch/main/gateway/carrier", b"{}", retain=True)
        bus.publish("switch/main/extension/1000", b'{"registered": true}', retain=True)
        house.wait_for(lambda: "gateway-carrier" in str(house.latest.get(MAIN)))
        house.wait_for(lambda: house.latest.get("lampfield/lampfield-switch-main/registered") == b"1")
        assert command(locked, tmp_path, "check").returncode == 0

        before = len(house.payloads(HALL))
        house.publish("status", b"online")
        house.wait_for(lambda: len(house.payloads(HALL)) > before)

        bus.publish("display/hall/info", b"", retain=True)
        house.wait_for(lambda: HALL not in house.latest)
        assert json.loads(house.latest[MAIN])["origin"]["name"] == "Lampfield"
        assert "refused" not in log()
        assert "warning" not in log()


def test_a_restart_leaves_no_ghosts_and_a_broker_that_forgot_is_told_again(
    locked: Locked, bus: Bus, house: Bus, tmp_path: Path
) -> None:
    bus.publish("display/hall/info", DISPLAY, retain=True)
    bus.publish("display/lobby/info", DISPLAY, retain=True)
    house.publish("device/zigbee-lamp/config", b"{}", retain=True)
    with running(locked, tmp_path):
        house.wait_for(lambda: HALL in house.latest, STARTING)
        house.wait_for(lambda: "device/lampfield-display-lobby/config" in house.latest)
        assert house.latest["lampfield/main/availability"] == b"online"
    house.wait_for(lambda: house.latest["lampfield/main/availability"] == b"offline")
    bus.publish("display/lobby/info", b"", retain=True)
    with running(locked, tmp_path):
        house.wait_for(lambda: "device/lampfield-display-lobby/config" not in house.latest, STARTING)
        assert {HALL, "device/zigbee-lamp/config"} <= set(house.latest)
        house.publish(HALL, b"", retain=True)  # somebody's mistake; Home Assistant starts, and wants it again
        house.publish("status", b"online")
        house.wait_for(lambda: HALL in house.latest)


def available(house: Bus, bus: Bus) -> bool:
    """Whether Home Assistant shows the switch's numbers: what it makes of a list of topics in mode `all`."""
    told = json.loads(house.latest[MAIN])
    assert told["availability_mode"] == "all"
    held = {f"homeassistant/{topic}": payload for topic, payload in house.latest.items()}
    held |= {f"lampfield/v1/{topic}": payload for topic, payload in bus.latest.items()}
    words = {one["topic"]: held.get(one["topic"], b"").decode() for one in told["availability"]}
    linked = json.loads(words.pop("lampfield/v1/switch/main/info") or "{}").get("esl") == "connected"
    return linked and all(word == "online" for word in words.values())


def test_a_switch_that_falls_silent_shows_no_number_until_it_speaks_again(
    locked: Locked, bus: Bus, house: Bus, tmp_path: Path
) -> None:
    """Its will never comes: a line between two brokers is cut, or it was stopped. Only the age of its health tells."""
    bus.subscribe("switch/#")

    def say(seconds_ago: float = 0) -> None:
        bus.publish("switch/main/health", health(now() - int(seconds_ago * 1000)), retain=True)

    bus.publish("switch/main/info", SWITCH, retain=True)
    bus.publish("switch/main/availability", b"online", retain=True)
    with running(locked, tmp_path):
        house.wait_for(lambda: MAIN_ALIVE in house.latest, STARTING)
        assert not available(house, bus), "it never said that it is well"
        say()
        house.wait_for(lambda: available(house, bus))
        say(LOST_MS / 1000 - 2)  # one that came late: two seconds from now it was silent for too long
        house.wait_for(lambda: not available(house, bus))
        say()
        house.wait_for(lambda: available(house, bus))

        say(600)  # a clock that was set back ten minutes is as good as another, once that is known
        house.wait_for(lambda: not available(house, bus))
        say(600)
        house.wait_for(lambda: available(house, bus))

        lost = SWITCH.replace(b'"connected"', b'"lost"')
        bus.publish("switch/main/info", lost, retain=True)
        bus.wait_for(lambda: bus.latest["switch/main/info"] == lost)
        assert not available(house, bus)
        bus.publish("switch/main/info", SWITCH, retain=True)
        bus.wait_for(lambda: available(house, bus))
    house.wait_for(lambda: not available(house, bus))  # nobody watches over it


def test_doctor_tells_and_forget_takes_all_out(locked: Locked, bus: Bus, house: Bus, tmp_path: Path) -> None:
    bus.publish("display/hall/info", DISPLAY, retain=True)
    with running(locked, tmp_path):
        house.wait_for(lambda: HALL in house.latest, STARTING)
    told = command(locked, tmp_path, "doctor")
    assert (told.returncode, "lampfield-display-hall" in told.stdout) == (0, True)
    gone = command(locked, tmp_path, "forget", "main")
    assert (gone.returncode, gone.stdout) == (0, "2 topics deleted\n")
    house.wait_for(lambda: HALL not in house.latest and "lampfield/main/availability" not in house.latest)


def test_its_user_commands_no_display_and_reads_no_call(locked: Locked, bus: Bus) -> None:
    """What it may is said in access.toml; the broker is asked."""
    with locked.bus(USER) as own, locked.bus("viewer").subscribe() as watching:
        own.subscribe("switch/+/info")
        own.publish("display/hall/cmd/power", b"off")
        own.publish("switch/main/calls", b"{}", retain=True)
        bus.publish("switch/main/call/1", b"{}", retain=True)
        bus.publish("switch/main/info", SWITCH, retain=True)
        watching.wait_for(lambda: "switch/main/info" in watching.latest)
        assert set(watching.latest) == {"switch/main/call/1", "switch/main/info"}
        own.wait_for(lambda: own.latest)
        assert set(own.latest) == {"switch/main/info"}
