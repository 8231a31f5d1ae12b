"""The wall in a real Chromium, on a real mosquitto: what it shows is what the bus says, or it says that it is not."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext
from playwright.sync_api import Page as Tab

from support.broker import Bus
from support.renderer import Renderer
from support.waiting import until
from support.web_wall import DIST, WebBroker, chromium, lamps, served

ART = "".join("".join("#" if (x * 7 + y * 3) % 5 == 0 else "." for x in range(32)) + "\n" for y in range(8))


@pytest.fixture(scope="module")
def context() -> Iterator[BrowserContext]:
    with chromium(viewport={"width": 1000, "height": 700}) as started:
        yield started


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[WebBroker]:
    started = WebBroker(tmp_path / "broker").start()
    yield started
    started.stop()


@pytest.fixture
def bus(broker: WebBroker) -> Iterator[Bus]:
    with broker.bus() as client:
        yield client.subscribe()


@pytest.fixture
def tab(context: BrowserContext, broker: WebBroker) -> Iterator[Tab]:
    """The page, open; it fails the test when the page logged an error or its policy was violated."""
    opened = context.new_page()
    said: list[str] = []
    opened.on("pageerror", lambda fault: said.append(str(fault)))
    opened.on("console", lambda line: said.append(line.text) if "Content Security" in line.text else None)
    with served(broker, login=False) as page:
        opened.goto(page.url)
        yield opened
        opened.close()
    assert said == []


def test_a_frame_is_shown_pixel_by_pixel(tab: Tab, bus: Bus) -> None:
    bus.publish("display/hall/frame", ART, retain=True, qos=0)
    until(lambda: lamps(tab, "hall") == ART, what="the frame")
    other = ART.translate(str.maketrans("#.", ".#"))
    bus.publish("display/hall/frame", other, retain=True, qos=0)
    until(lambda: lamps(tab, "hall") == other, what="the next frame")


def test_a_real_display_is_found_by_itself_and_mirrored(tab: Tab, broker: WebBroker, bus: Bus, tmp_path: Path) -> None:
    with Renderer(broker, tmp_path, "hall"):
        until(lambda: tab.locator('[data-display="hall"] .life').all_inner_texts() == ["live"], what="a live display")
        bus.publish("display/hall/cmd/page", "clock")
        until(lambda: "clock" in tab.locator('[data-display="hall"] .facts').inner_text(), what="its page")
        until(lambda: lamps(tab, "hall") == bus.latest["display/hall/frame"].decode(), what="its frame")


@pytest.mark.parametrize("broker_of_the_demo", ["mosquitto", "embedded"])
def test_the_demo_serves_it(context: BrowserContext, tmp_path: Path, broker_of_the_demo: str) -> None:
    program = "from demo_switch import broker, stage; stage._WEB_PORT = 0; "
    program += "" if broker_of_the_demo == "mosquitto" else "broker.mosquitto = lambda: None; "
    command = [sys.executable, "-c", f"{program} raise SystemExit(stage.main())"]
    environment = {**os.environ, "TMPDIR": str(tmp_path), "DEMO_PAGE": str(DIST)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as demo:
        assert demo.stdout is not None
        address = demo.stdout.readline().rpartition(" ")[2].strip()
        opened = context.new_page()
        try:
            opened.goto(address)
            until(lambda: "#" in lamps(opened, "demo"), 20, "the demo's panel")
            until(lambda: opened.locator('[data-display="demo"] .life').all_inner_texts() == ["live"], 20, "its health")
        finally:
            opened.close()
            demo.terminate()
