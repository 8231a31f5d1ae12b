"""kill -9 of the broker, the switch and the publisher under the demo's load: the panel says so, then is right again."""

import json
import time
from collections.abc import Callable

import pytest

from support.broker import Bus
from support.compose import Stack
from support.panel import depicts, on_screen
from support.waiting import until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]

FRAME = "display/led-renderer-1/frame"
# What the panel may say in place of a page: the trouble and, by turns, since when.
TROUBLE = ["NO PBX", "NO BUS", *(f"00:{seconds:02d}" for seconds in range(60))]
# A zone in which the clock page does not read like that.
ZONE = "UTC" if 1 <= time.gmtime().tm_hour < 23 else "Etc/GMT-12"
LIMIT = 10.0  # seconds from the return of a part to the right picture (DESIGN.md, section 8)


@pytest.fixture(scope="module")
def demo(compose: Callable[..., Stack]) -> Stack:
    stack = compose(profile="demo", files=["tests/e2e/terminal.yml"], LAMPFIELD_DEMO_RATE="40", TZ=ZONE)
    stack.up()
    with stack.bus() as bus:
        until(lambda: is_right(stack, bus), 60, "the right picture")
    return stack


def is_right(stack: Stack, bus: Bus) -> bool:
    """Whether bus and panel tell what is going on in the switch, and nothing that is over."""
    there = stack.counts()
    if there is None:
        return False
    try:
        calls = json.loads(bus.latest["switch/main/calls"])
        link = json.loads(bus.latest["switch/main/info"])["esl"]
        alive = {bus.latest[f"{part}/availability"] for part in ("switch/main", "display/led-renderer-1")}
        frame = bus.latest[FRAME].decode()
    except KeyError:
        return False
    calls_legs = [
        set(json.loads(payload)["legs"])
        for topic, payload in dict(bus.latest).items()
        if topic.startswith("switch/main/call/")
    ]
    live = stack.legs()
    return (
        (link, alive) == ("connected", {b"online"})
        and {name: calls[name] for name in there} == there
        and all(legs & live for legs in calls_legs)  # a transferred call keeps the legs that are over
        and not any(depicts(frame, text) for text in TROUBLE)
    )


def right_again(stack: Stack, since: float, capsys: pytest.CaptureFixture[str], what: str) -> None:
    """Fails unless all is right within the limit; says how long it took."""
    with stack.bus() as bus:
        until(lambda: is_right(stack, bus), since + LIMIT - time.monotonic(), f"the right picture after {what}")
    with capsys.disabled():
        print(f"\n{what}: right again after {time.monotonic() - since:.1f} s")  # noqa: T201 (the measurement is the point)


def test_a_killed_switch(demo: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    with demo.bus() as bus:
        demo.kill("demo-switch")
        bus.wait_for(lambda: depicts(bus.latest[FRAME].decode(), "NO PBX"), LIMIT)
    right_again(demo, demo.start("demo-switch"), capsys, "kill -9 of the switch")


def test_a_killed_publisher(demo: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    with demo.bus() as bus:
        demo.kill("esl-publisher")
        bus.wait_for(lambda: bus.latest["switch/main/availability"] == b"offline", LIMIT)
        bus.wait_for(lambda: depicts(bus.latest[FRAME].decode(), "NO PBX"), LIMIT)
    right_again(demo, demo.start("esl-publisher"), capsys, "kill -9 of the publisher")


def test_a_killed_broker(demo: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    demo.container("led-renderer").resize(height=12, width=60)  # a terminal that nobody attached to has no size
    with demo.watching("led-renderer") as written:
        demo.kill("mosquitto")
        until(lambda: depicts(on_screen(written()), "NO BUS"), LIMIT, "NO BUS on the panel")
    right_again(demo, demo.start("mosquitto"), capsys, "kill -9 of the broker")


def test_a_broker_that_lost_its_store(demo: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    demo.kill("mosquitto")
    demo.compose("rm", "--force", "mosquitto")
    demo.client.volumes.get(f"{demo.name}_mosquitto-data").remove()
    demo.up("--no-deps", "mosquitto")
    right_again(demo, time.monotonic(), capsys, "the loss of the broker's store")


def test_a_killed_display(demo: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    with demo.bus() as bus:
        demo.kill("led-renderer")
        bus.wait_for(lambda: bus.latest["display/led-renderer-1/availability"] == b"offline", LIMIT)
    right_again(demo, demo.start("led-renderer"), capsys, "kill -9 of the display")
