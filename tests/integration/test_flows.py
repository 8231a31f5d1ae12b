"""Calls in flows, from mod_httapi's first request to the lit panel: a process, a real broker, a renderer.

The FreeSWITCH is not there: it does what one was recorded doing (tests/unit/call_control/test_pretend.py).
"""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path

import pytest

from support.broker import Bus
from support.call_control import Running
from support.httapi import Phone, presses
from support.locked import Locked
from support.panel import depicts
from support.renderer import Renderer, tell_switch
from support.waiting import until

VALUES = "code=4711,group=office,domain=pbx.example"


@pytest.fixture
def bus(locked: Locked) -> Iterator[Bus]:
    with locked.bus("keeper") as client:
        tell_switch(client, active=3)
        yield client.subscribe("#")


def test_a_message_by_phone_lights_the_panel(locked: Locked, bus: Bus, tmp_path: Path) -> None:
    password = locked.password("displays")
    with (
        Running(locked, tmp_path, FLOW_VALUES=VALUES) as service,
        Renderer(
            locked.broker, tmp_path, "hall", MQTT_USERNAME="displays", MQTT_PASSWORD=password, GROUPS="office"
        ) as renderer,
    ):
        bus.wait_until_online("display/hall", "control/main", limit=30)
        phone = Phone(f"http://127.0.0.1:{service.port}/httapi/board", presses("4711#", "1"))
        until(lambda: "says 3" in Phone(phone.switch.url, presses("4711#")).call(), 20, "the switch's calls")
        phone.call()
        assert phone.switch.cause == "NORMAL_CLEARING"
        bus.wait_for(lambda: depicts(bus.latest.get("display/hall/frame", b"").decode(), "LUNCH"), 20)
        bus.wait_for(lambda: f"control/main/call/{phone.id}" not in bus.latest)

        def ended() -> list[dict[str, str]]:
            told = [json.loads(each) for each in bus.payloads("control/main/event/call/ended")]
            return [each for each in told if each["id"] == phone.id]

        bus.wait_for(ended)
        (mine,) = ended()
        assert (mine["kind"], mine["from"], mine["to"], mine["outcome"]) == ("ivr", "1000", "5000", "answered")
        assert renderer.log.count("Traceback") == 0


def test_two_hundred_callers_at_once(locked: Locked, tmp_path: Path) -> None:
    """Nobody gets another's answer, and none is lost. How long a document takes is bench/flows.py's to say."""
    text = files("call_control").joinpath("flows/shipped/attendant.yaml").read_text()
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "attendant.yaml").write_text(text.replace("mon-fri 08:00-18:00", "mon-sun 00:00-24:00"))
    with Running(locked, tmp_path, FLOW_VALUES=VALUES, FLOWS_DIR=str(tmp_path / "flows")) as service:
        url = f"http://127.0.0.1:{service.port}/httapi/attendant"
        everybody = [Phone(url, presses("120"[number % 3])) for number in range(200)]
        with ThreadPoolExecutor(16) as room:
            for _ in range(3):  # the menu for everybody, then where each of them goes, then everybody's end
                list(room.map(Phone.step, everybody))
        for number, phone in enumerate(everybody):
            wanted = ("callcenter support@default", "to 1001", "to 1000")[number % 3]
            assert wanted in " ".join(phone.said)
        assert service.stop() == 0


def test_a_call_whose_service_was_killed_starts_anew(locked: Locked, bus: Bus, tmp_path: Path) -> None:
    settings = {"FLOW_VALUES": VALUES}
    with Running(locked, tmp_path, **settings) as service:
        phone = Phone(f"http://127.0.0.1:{service.port}/httapi/board", presses())
        phone.step()
        bus.wait_for(lambda: f"control/main/call/{phone.id}" in bus.latest)
    with Running(locked, tmp_path, **settings) as service:
        bus.wait_for(lambda: f"control/main/call/{phone.id}" not in bus.latest, 20)  # it might be over by now
        phone.switch.url = f"http://127.0.0.1:{service.port}/httapi/board"
        phone.call()
        assert phone.switch.cause == "CALL_REJECTED"  # asked for the code three times more
        assert phone.statuses.count(200) == len(phone.statuses)


def test_a_recorded_call_is_kept_and_its_end_told_once(locked: Locked, bus: Bus, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    with Running(locked, tmp_path, RECORDINGS_DIR=str(tmp_path / "kept")) as service:
        phone = Phone(f"http://127.0.0.1:{service.port}/httapi/announcement", presses())
        phone.call()
        phone.ask()  # the whole call was recorded: FreeSWITCH tells its end twice
        bus.wait_for(lambda: bus.payloads("control/main/event/call/ended"))
        assert service.stop() == 0
    assert len(bus.payloads("control/main/event/call/ended")) == 1
    recordings = list((tmp_path / "kept").iterdir())
    assert recordings
    assert all(path.suffix == ".wav" and path.read_bytes().startswith(b"RIFF") for path in recordings)
