"""A real led-renderer with a file of pages and pages from topics: refused, taken up, read again after a restart."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.broker import Broker, Bus
from support.renderer import Renderer, tell_switch
from support.waiting import until

FILE = "pages:\n  - {widget: clock, name: first}\n"
OTHER = "pages:\n  - {widget: calls, name: second}\n  - {widget: clock}\n"


@pytest.fixture
def bus(broker: Broker) -> Iterator[Bus]:
    with broker.bus() as client:
        yield client.subscribe()


def result(bus: Bus) -> dict[str, Any]:
    """What was answered last."""
    answers = [message.payload for message in bus.messages if message.topic.endswith("display/hall/result")]
    found: dict[str, Any] = json.loads(answers[-1]) if answers else {}
    return found


def pages(bus: Bus) -> list[str]:
    """The names that `info` has."""
    found: list[str] = json.loads(bus.latest.get("display/hall/info", b'{"pages": []}'))["pages"]
    return found


def test_a_bad_file_ends_it_with_status_2_and_a_line_for_each_fault(tmp_path: Path) -> None:
    path = tmp_path / "office.yaml"
    path.write_text("pages:\n  - widget: dance\n  - {widget: clock, seconds: -1}\n")
    done = subprocess.run(
        [sys.executable, "-m", "led_renderer"], cwd=tmp_path, check=False, capture_output=True, text=True, timeout=30,
        env={"PATH": "/usr/bin", "LAMPFIELD_PAGES_FILE": str(path), "LAMPFIELD_DRIVER": "none"},
    )  # fmt: skip
    lines = done.stderr.splitlines()
    assert (done.returncode, len(lines)) == (2, 2), done.stderr
    assert lines[0].startswith(f"led-renderer: {path}:2: pages[0].widget: 'dance'")
    assert lines[1].startswith(f"led-renderer: {path}:3: pages[1].seconds: '-1' is out of range; allowed: 1-3600")


def test_a_changed_file_is_taken_up_and_a_bad_one_is_not(tmp_path: Path, broker: Broker, bus: Bus) -> None:
    path = tmp_path / "office.yaml"
    path.write_text(FILE)

    def replace(text: str) -> None:
        new = tmp_path / "new"
        new.write_text(text)
        new.replace(path)

    with Renderer(broker, tmp_path, PAGES_FILE=str(path)) as renderer:
        until(lambda: pages(bus) == ["first"], 15)
        replace("pages:\n  - {widget: clock, colour: red}\n")
        until(lambda: result(bus), 10)
        refused = result(bus)
        assert (refused["cmd"], refused["ok"], refused["field"]) == ("pages", False, "pages[0].colour")
        assert "the old pages stay" in renderer.log
        replace(OTHER)
        until(lambda: pages(bus) == ["second", "clock"], 10)
        until(lambda: result(bus)["ok"], 10)


def test_pages_from_topics_are_state(tmp_path: Path, broker: Broker, bus: Bus) -> None:
    tell_switch(bus)
    bus.publish("display/hall/page/lunch", b'{"text": "Lunch"}', retain=True)
    bus.publish("group/all/page/field", b'{"widget": "lamps"}', retain=True)
    with Renderer(broker, tmp_path):
        until(lambda: {"lunch", "field"} <= set(pages(bus)), 15)
        bus.publish("display/hall/page/bad", b'{"text": "x", "secnds": 3}', retain=True)
        until(lambda: result(bus), 10)
        assert (result(bus)["cmd"], result(bus)["field"]) == ("page", "secnds")
        bus.publish("display/hall/page/lunch", retain=True)
        until(lambda: "lunch" not in pages(bus), 10)
    with Renderer(broker, tmp_path):
        until(lambda: "field" in pages(bus), 15)
        assert "lunch" not in pages(bus)
