"""led-renderer as a process, with a real broker: what is told is what is seen, whatever breaks."""

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from led_renderer.frame import Frame
from led_renderer.text import strip
from led_renderer.view import CallCounts, View
from led_renderer.widgets import WIDGETS, Options
from support.broker import Broker, Bus, retained
from support.renderer import Renderer, tell_calls, tell_health, tell_switch
from support.waiting import allowed, until

DARK = (("." * 32) + "\n") * 8


def shows(art: str, text: str) -> bool:
    """Whether this text stands somewhere in a frame."""
    frame, picture = Frame.parse(art), strip(text)
    places = ((x, y) for y in range(frame.height - picture.height + 1) for x in range(frame.width - picture.width + 1))
    return any(frame.crop(x, y, picture.width, picture.height) == picture for x, y in places)


def calls_page(active: int) -> str:
    """The page of so many calls, none of them ringing."""
    options = Options(timezone=ZoneInfo("UTC"))
    frame, _ = WIDGETS["calls"].draw(View(CallCounts(active=active)), (32, 8), 0, options)
    return str(frame)


def frame_of(bus: Bus, display: str = "hall") -> str:
    return bus.latest.get(f"display/{display}/frame", DARK.encode()).decode()


def results(bus: Bus, display: str = "hall") -> list[dict[str, object]]:
    return [json.loads(payload) for payload in bus.payloads(f"display/{display}/result")]


@pytest.fixture
def bus(broker: Broker) -> Iterator[Bus]:
    with broker.bus() as client:
        yield client.subscribe()


@pytest.fixture
def renderer(broker: Broker, bus: Bus, tmp_path: Path) -> Iterator[Renderer]:
    """A display that shows a switch with seven calls, on its first page."""
    tell_switch(bus, active=7)
    with Renderer(broker, tmp_path) as running:
        bus.wait_until_online("display/hall")
        bus.publish("display/hall/cmd/page", b"calls")
        bus.wait_for(lambda: results(bus))
        bus.forget()
        yield running


def test_retained_state_is_shown(renderer: Renderer, bus: Bus) -> None:
    bus.wait_for(lambda: frame_of(bus) == calls_page(7))
    tell_calls(bus, 4)
    bus.wait_for(lambda: frame_of(bus) == calls_page(4) and frame_of(bus) != calls_page(7))


def test_it_tells_what_it_is(renderer: Renderer, bus: Bus) -> None:
    bus.wait_for(lambda: {"display/hall/info", "display/hall/state", "display/hall/health"} <= set(bus.latest))
    bus.wait_for(lambda: b'"manual"' in bus.latest["display/hall/state"])
    info, state, health = (json.loads(bus.latest[f"display/hall/{name}"]) for name in ("info", "state", "health"))
    assert (info["driver"], info["width"], info["height"], info["groups"]) == ("none", 32, 8, ["all"])
    assert (state["page"], state["page_mode"], state["brightness"], state["power"]) == ("calls", "manual", 4, "on")
    assert (health["spi_errors"], health["rss_bytes"] > 0) == (0, True)


def test_a_text_is_answered_and_scrolls(renderer: Renderer, bus: Bus) -> None:
    bus.publish("display/hall/cmd/text", "hello to everybody in the hall")
    bus.wait_for(lambda: results(bus))
    assert results(bus) == [{"cmd": "text", "ok": True, "error": None, "field": None, "transaction": None}]
    bus.wait_for(lambda: shows(frame_of(bus), "hell"))
    bus.wait_for(lambda: shows(frame_of(bus), "every"))
    bus.wait_for(lambda: len(set(bus.payloads("display/hall/frame"))) > 20)


def test_frames_come_no_more_often_than_asked(broker: Broker, bus: Bus, tmp_path: Path) -> None:
    tell_switch(bus)
    with Renderer(broker, tmp_path, FRAME_HZ="4"):
        bus.wait_for(lambda: "display/hall/frame" in bus.latest)
        came: list[float] = []
        bus.publish("display/hall/cmd/text", "a text that is long enough to scroll for a while")
        seen = len(bus.payloads("display/hall/frame"))
        while len(came) < 6:
            count = len(bus.payloads("display/hall/frame"))
            came += [time.monotonic()] * (count - seen)
            seen = count
            time.sleep(0.01)
        # Over all of them: on a busy machine two arrive close together when the first was late.
        assert came[-1] - came[1] > 0.6, "four periods of 250 ms"


def test_without_frames_the_topic_is_deleted(broker: Broker, bus: Bus, tmp_path: Path) -> None:
    bus.publish("display/hall/frame", b"#\n", retain=True)
    with Renderer(broker, tmp_path, FRAME_HZ="0"):
        bus.wait_for(lambda: "display/hall/health" in bus.latest)
        bus.wait_for(lambda: "display/hall/frame" not in bus.latest)


@pytest.mark.parametrize(
    ("verb", "payload", "field"),
    [
        ("brightness", "16", "value"),
        ("notify", '{"text": "x", "seconds": -1}', "seconds"),
        ("notify", '{"text": "x", "colour": "red"}', "colour"),
        ("page", "no-such-page", "value"),
    ],
)
def test_a_bad_command_is_answered_with_the_field(
    renderer: Renderer, bus: Bus, verb: str, payload: str, field: str
) -> None:
    bus.publish(f"group/all/cmd/{verb}", payload)
    bus.wait_for(lambda: results(bus))
    (result,) = results(bus)
    assert (result["cmd"], result["ok"], result["field"]) == (verb, False, field)


def test_a_flood_of_commands_is_answered_to_the_last(renderer: Renderer, bus: Bus) -> None:
    for number in range(800):
        bus.publish("display/hall/cmd/brightness", str(number % 16), qos=0)
    bus.publish("display/hall/cmd/brightness", b"11")
    bus.wait_for(lambda: json.loads(bus.latest["display/hall/state"])["brightness"] == 11)
    bus.wait_for(lambda: bus.count("display/hall/result") == 801, 30)


def test_every_command_of_a_flood_has_its_own_result(renderer: Renderer, bus: Bus) -> None:
    sent = [f"t{number}" for number in range(3_000)]
    for transaction in sent:
        bus.publish("display/hall/cmd/brightness", f'{{"value": 3, "transaction": "{transaction}"}}', qos=0)
    until(lambda: bus.count("display/hall/result") >= len(sent), 30, "a result each")
    assert sorted(str(result["transaction"]) for result in results(bus)) == sorted(sent)


def test_a_switch_that_is_lost_is_said(renderer: Renderer, bus: Bus) -> None:
    bus.publish("switch/main/availability", b"offline", retain=True)
    bus.wait_for(lambda: shows(frame_of(bus), "NO PBX") and frame_of(bus) != calls_page(7))
    bus.publish("switch/main/availability", b"online", retain=True)
    bus.wait_for(lambda: frame_of(bus) == calls_page(7))


def test_after_the_broker_was_killed_the_picture_is_right_within_10_seconds(broker: Broker, tmp_path: Path) -> None:
    with broker.bus() as before:
        tell_switch(before, active=7)
        before.subscribe()
        with Renderer(broker, tmp_path, spi=True) as renderer:
            before.wait_until_online("display/hall")
            before.publish("display/hall/cmd/page", b"calls")
            before.wait_for(lambda: results(before))
            until(lambda: renderer.seen == calls_page(7))
            broker.kill()
            until(lambda: shows(renderer.seen, "NO BUS"))
            broker.start()
            back = time.monotonic()
            with broker.bus() as after:
                tell_switch(after, active=3)
                after.subscribe()
                until(lambda: renderer.seen == calls_page(3))
                after.wait_until_online("display/hall")
                after.wait_for(lambda: {"display/hall/info", "display/hall/state"} <= set(after.latest))
            assert time.monotonic() - back < allowed(10)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_stop_is_dark_and_offline_and_exit_status_0(
    broker: Broker, bus: Bus, tmp_path: Path, number: signal.Signals
) -> None:
    tell_switch(bus, active=7)
    with Renderer(broker, tmp_path, spi=True) as renderer:
        bus.wait_until_online("display/hall")
        until(lambda: "#" in renderer.seen)
        assert renderer.run("check") == 0
        status, seconds = renderer.stop(number)
        assert (status, renderer.seen) == (0, DARK)
        assert seconds < allowed(3)
        bus.wait_for(lambda: bus.latest.get("display/hall/availability") == b"offline")
        assert renderer.run("check") == 1
        assert "Traceback" not in renderer.log


def test_it_stops_within_3_seconds_without_a_broker(broker: Broker, tmp_path: Path) -> None:
    broker.kill()
    with Renderer(broker, tmp_path, spi=True) as renderer:
        until(lambda: "#" in renderer.seen)
        status, seconds = renderer.stop()
        assert (status, renderer.seen) == (0, DARK)
        assert seconds < allowed(3)


def test_a_kill_is_told_by_the_will(broker: Broker, bus: Bus, tmp_path: Path) -> None:
    with Renderer(broker, tmp_path):
        bus.wait_until_online("display/hall")
    bus.wait_for(lambda: bus.latest.get("display/hall/availability") == b"offline")


def test_manual_settings_survive_a_restart(broker: Broker, bus: Bus, tmp_path: Path) -> None:
    tell_switch(bus, active=7)
    with Renderer(broker, tmp_path) as first:
        bus.wait_until_online("display/hall")
        bus.publish("display/hall/cmd/brightness", b"12")
        bus.wait_for(lambda: b'"brightness":12' in bus.latest.get("display/hall/state", b""))
        first.stop()
    bus.forget()
    with Renderer(broker, tmp_path):
        bus.wait_for(lambda: bus.payloads("display/hall/state"))
        state = json.loads(bus.payloads("display/hall/state")[-1])
        assert (state["brightness"], state["brightness_mode"]) == (12, "manual")


def test_a_driver_that_does_not_work_here_is_exit_status_1(broker: Broker, tmp_path: Path) -> None:
    with Renderer(broker, tmp_path, DRIVER="max7219", SPI_PORT="9") as renderer:
        assert renderer.process is not None
        assert renderer.process.wait(60) == 1
        assert "error led_renderer.app: /dev/spidev9.0: " in renderer.log
    assert retained(broker) == {}


def test_the_publishers_health_keeps_the_picture(renderer: Renderer, bus: Bus) -> None:
    tell_health(bus)
    bus.wait_for(lambda: frame_of(bus) == calls_page(7))
