"""The loop: from a topic to the registers of the chips, and what ends it."""

import json
import logging
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from lampfield_bus.messages import WallPlace
from lampfield_bus.node.arrivals import Message
from lampfield_bus.node.inbox import Inbox
from lampfield_bus.node.link import Link
from lampfield_bus.node.run import Clock, Stop
from led_renderer import app as module
from led_renderer import commands
from led_renderer.app import App
from led_renderer.drivers import Driver
from led_renderer.drivers.max7219 import open_max7219
from led_renderer.drivers.none import Nothing
from led_renderer.frame import Frame
from led_renderer.settings import Settings, panel_of
from led_renderer.view import CallCounts, View
from led_renderer.watch import Watch
from led_renderer.widgets import WIDGETS, Options
from led_renderer.wire import Geometry
from support.broker import Broker
from support.max7219_chain import Chain, Mounting, SpiBus, fake_spidev
from support.renderer import tell_calls, tell_switch
from support.waiting import until

# luma calls getdata(), which Pillow 14 will remove; Pillow is pinned below it.
pytestmark = pytest.mark.filterwarnings("ignore:Image.Image.getdata is deprecated:DeprecationWarning")


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("LAMPFIELD_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LAMPFIELD_HEARTBEAT_FILE", str(tmp_path / "beat"))
    monkeypatch.chdir(tmp_path)  # no .env


class Wall:
    """Both clocks of a machine, moved by hand; ms."""

    def __init__(self) -> None:
        self.wall = 1_800_000_000_000
        self.monotonic = 5_000_000

    def clock(self) -> Clock:
        return Clock(wall=lambda: self.wall * 1_000_000, monotonic=lambda: self.monotonic * 1_000_000)

    def wait(self, ms: int) -> None:
        self.wall += ms
        self.monotonic += ms


class Recorder(Nothing):
    """A driver that keeps what it is told."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.levels: list[int] = []
        self.powers: list[bool] = []
        self.captions: list[str] = []
        self.closed = False

    def show(self, frame: Frame) -> None:
        self.frames.append(frame)

    def brightness(self, level: int) -> None:
        self.levels.append(level)

    def power(self, *, on: bool) -> None:
        self.powers.append(on)

    def caption(self, text: str) -> None:
        self.captions.append(text)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """What the link was given last, by topic, without a network."""
    latest: dict[str, bytes] = {}
    monkeypatch.setattr(Link, "send", lambda _, publications: latest.update({p.topic: p.payload for p in publications}))
    monkeypatch.setattr(Link, "alive", True)
    return latest


def build(driver: Driver, wall: Wall, inbox: Inbox | None = None) -> App:
    return App(Settings(), "hall", driver, inbox or Inbox(), Stop(), Watch(None), wall.clock())


def test_every_turn_is_shown_with_brightness_power_and_caption(wall: Wall, sent: dict[str, bytes]) -> None:
    driver = Recorder()
    build(driver, wall).turn([])
    assert (len(driver.frames), driver.levels, driver.powers) == (1, [4], [True])
    assert driver.captions == ["hall: NO BUS"]
    assert sent["display/hall/frame"].decode() == str(driver.frames[0])


def test_commands_reach_the_driver(wall: Wall, sent: dict[str, bytes]) -> None:
    driver = Recorder()
    app = build(driver, wall)
    app.turn([Message("display/hall/cmd/brightness", b"9"), Message("display/hall/cmd/power", b"off")])
    assert (driver.levels, driver.powers, driver.captions) == ([9], [False], ["hall: off"])
    assert driver.frames == [Frame(32, 8)]


def test_it_sleeps_until_the_next_change_but_a_second_at_most(wall: Wall, sent: dict[str, bytes]) -> None:
    app = build(Recorder(), wall)
    assert 0 < app.turn([]) <= 1000
    wall.wait(10)
    assert 0 < app.turn([Message("display/hall/cmd/power", b"off")]) <= 1000
    wall.wait(1000)
    assert app.turn([]) == 1000


def test_health_comes_at_once_and_every_15_seconds(wall: Wall, sent: dict[str, bytes]) -> None:
    app = build(Recorder(), wall)
    app.turn([])
    assert json.loads(sent.pop("display/hall/health"))["uptime"] == 0
    wall.wait(14_999)
    app.turn([])
    assert "display/hall/health" not in sent
    wall.wait(1)
    app.turn([])
    assert json.loads(sent["display/hall/health"])["uptime"] == 15


def test_commands_without_room_are_answered_busy(wall: Wall, sent: dict[str, bytes]) -> None:
    inbox = Inbox(is_command=commands.is_command, command_bound=1)
    app = build(Recorder(), wall, inbox)
    for number in range(2):
        inbox.put(Message("display/hall/cmd/brightness", str(number).encode()))
    app.turn([])
    result = json.loads(sent["display/hall/result"])
    assert (result["cmd"], result["ok"], result["error"].startswith("busy")) == ("brightness", False, True)


def test_a_stepped_clock_moves_what_is_showing_with_it(
    wall: Wall, sent: dict[str, bytes], caplog: pytest.LogCaptureFixture
) -> None:
    driver = Recorder()
    app = build(driver, wall)
    app.turn([Message("display/hall/cmd/identify", b"")])
    wall.wait(2_000)
    wall.wall += 3_600_000
    app.turn([])
    assert driver.captions[-1] == "hall: identify"
    assert "stepped by 3600.0 s" in caplog.text
    wall.wait(4_000)
    app.turn([])
    assert driver.captions[-1] == "hall: NO BUS"


def test_a_reading_is_asked_for_when_the_board_wants_one(
    wall: Wall, sent: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Link] = []
    monkeypatch.setattr(Link, "read_again", lambda link, *_: asked.append(link))
    app = build(Recorder(), wall)
    app.turn([])
    assert not asked
    app._board._lacking._wants = True
    app.turn([])
    app.turn([])
    assert len(asked) == 1


def test_a_bad_message_is_logged_once(wall: Wall, sent: dict[str, bytes], caplog: pytest.LogCaptureFixture) -> None:
    app = build(Recorder(), wall)
    for _ in range(3):
        app.turn([Message("switch/main/calls", b"{")])
    assert caplog.text.count("switch/main/calls: dropped") == 1


def test_the_heart_beats_while_the_loop_turns(wall: Wall, sent: dict[str, bytes], tmp_path: Path) -> None:
    app = build(Recorder(), wall)
    app.turn([])
    first = (tmp_path / "beat").read_text()
    wall.wait(5_000)
    app.turn([])
    assert (tmp_path / "beat").read_text() != first
    app.close()
    assert not (tmp_path / "beat").exists()


def test_a_heartbeat_that_cannot_be_written_is_logged_once(
    wall: Wall, sent: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("LAMPFIELD_HEARTBEAT_FILE", "/nowhere/beat")
    app = build(Recorder(), wall)
    for _ in range(3):
        app.turn([])
        wall.wait(5_000)
    assert caplog.text.count("heartbeat file cannot be written") == 1


def test_a_link_without_its_threads_ends_the_process(wall: Wall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Link, "alive", False)
    with pytest.raises(RuntimeError, match="thread of the link"):
        build(Recorder(), wall).turn([])


def test_the_panel_is_what_the_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "CASCADED": "8", "HEIGHT": "16", "ROTATE": "1", "GROUPS": "sales", "MAX_HIDE": "30", "BRIGHTNESS": "2",
        "WALL": "lobby", "WALL_SIZE": "64x32", "WALL_AT": "16,0",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"LAMPFIELD_{name}", value)
    monkeypatch.setenv("TZ", "Europe/Berlin")
    panel = panel_of(Settings(), "hall", "none", 7)
    assert (panel.width, panel.height, panel.groups, panel.max_hide_ms, panel.brightness) == (
        16,
        32,
        ("sales",),
        30_000,
        2,
    )
    assert panel.wall == WallPlace(name="lobby", width=64, height=32, x=16, y=0)
    assert (panel.timezone, panel.started_at, panel.driver) == (ZoneInfo("Europe/Berlin"), 7, "none")


@pytest.fixture
def running(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], SpiBus]]:
    """Starts a whole display in this process, its panel a model of the chips."""
    started: list[tuple[App, Stop, threading.Thread, Driver]] = []

    def start() -> SpiBus:
        bus = SpiBus(Chain(Mounting(turned=-90)))
        with fake_spidev(bus):
            driver = open_max7219(Geometry(32, 8, -90), port=0, device=0, speed_hz=1_000_000, brightness=4)
        inbox = Inbox(is_command=commands.is_command)
        stop = Stop(inbox.notify)
        app = App(Settings(mqtt_host=broker.host, mqtt_port=broker.port), "hall", driver, inbox, stop, Watch(None))
        thread = threading.Thread(target=app.run)
        thread.start()
        started.append((app, stop, thread, driver))
        return bus

    yield start
    for app, stop, thread, driver in started:
        stop.request()
        thread.join(5)
        driver.close()
        app.close()


def calls_page(active: int) -> str:
    frame, _ = WIDGETS["calls"].draw(View(CallCounts(active=active)), (32, 8), 0, Options(timezone=ZoneInfo("UTC")))
    return str(frame)


def test_from_a_topic_to_the_registers(broker: Broker, running: Callable[[], SpiBus]) -> None:
    with broker.bus() as bus:
        tell_switch(bus, active=12)
        panel = running()
        bus.publish("display/hall/cmd/page", b"calls")
        until(lambda: panel.chain.visible() == calls_page(12))
        panel.chain.brown_out(2)
        panel.failures[panel.attempts + 1] = 3  # in the middle of the next frame
        tell_calls(bus, 8)
        until(lambda: panel.chain.visible() == calls_page(8))
        bus.publish("display/hall/cmd/power", b"off")
        until(lambda: "#" not in panel.chain.visible())
        bus.publish("display/hall/cmd/power", b"on")
        until(lambda: panel.chain.visible() == calls_page(8))


def test_run_ends_with_status_1_and_a_dark_panel_after_an_error_of_our_own(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    driver = Recorder()

    def broken(*_: object) -> None:
        raise ZeroDivisionError("our own")

    monkeypatch.setattr(module, "open_driver", lambda *_: driver)
    monkeypatch.setattr(module, "scene", broken)
    monkeypatch.setattr(module, "configure_logging", lambda *_: None)
    monkeypatch.setattr(Stop, "install", lambda self: self)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    with caplog.at_level(logging.INFO):
        assert module.run(Settings(display="hall", mqtt_port=1)) == 1
    assert driver.closed
    assert "an error of our own ends this process" in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_tls_files_that_are_none_are_a_bad_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "ca.pem").write_text("no certificate", encoding="utf-8")
    driver = Recorder()
    monkeypatch.setattr(module, "open_driver", lambda *_: driver)
    monkeypatch.setattr(module, "configure_logging", lambda *_: None)
    monkeypatch.setattr(Stop, "install", lambda self: self)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    with caplog.at_level(logging.ERROR):
        status = module.run(Settings(mqtt_tls=True, mqtt_ca_file=tmp_path / "ca.pem"))
    assert (status, driver.closed) == (2, True)
    assert "LAMPFIELD_MQTT_CA_FILE" in caplog.text
    assert "Traceback" not in caplog.text
