"""kill -9 of the broker, the switch and the publisher under the demo's load: the panel says so, then is right again."""

import time
from collections.abc import Callable

import pytest

from support.compose import Stack
from support.outage import FRAME, LIMIT, ZONE, right_again, screen, start
from support.panel import depicts
from support.waiting import until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def demo(compose: Callable[..., Stack]) -> Stack:
    return start(compose(profile="demo", files=["tests/e2e/terminal.yml"], LAMPFIELD_DEMO_RATE="40", TZ=ZONE))


def test_a_killed_switch(demo: Stack) -> None:
    with demo.bus() as bus:
        demo.kill("demo-switch")
        bus.wait_for(lambda: depicts(bus.latest[FRAME].decode(), "NO PBX"), LIMIT)
    right_again(demo, demo.start("demo-switch"), "kill -9 of the switch", "`NO PBX`")


def test_a_killed_publisher(demo: Stack) -> None:
    with demo.bus() as bus:
        demo.kill("esl-publisher")
        bus.wait_for(lambda: bus.latest["switch/main/availability"] == b"offline", LIMIT)
        bus.wait_for(lambda: depicts(bus.latest[FRAME].decode(), "NO PBX"), LIMIT)
    right_again(demo, demo.start("esl-publisher"), "kill -9 of the publisher", "`offline`, `NO PBX`")


def test_a_killed_broker(demo: Stack) -> None:
    with screen(demo) as shown:
        demo.kill("mosquitto")
        until(lambda: depicts(shown(), "NO BUS"), LIMIT, "NO BUS on the panel")
    right_again(demo, demo.start("mosquitto"), "kill -9 of the broker", "`NO BUS`")


def test_a_broker_that_lost_its_store(demo: Stack) -> None:
    demo.kill("mosquitto")
    demo.compose("rm", "--force", "mosquitto")
    demo.client.volumes.get(f"{demo.name}_mosquitto-data").remove()
    demo.up("--no-deps", "mosquitto")
    right_again(demo, time.monotonic(), "kill -9 of the broker, its volume lost", "-")


def test_a_killed_display(demo: Stack) -> None:
    with demo.bus() as bus:
        demo.kill("led-renderer")
        bus.wait_for(lambda: bus.latest["display/led-renderer-1/availability"] == b"offline", LIMIT)
    right_again(demo, demo.start("led-renderer"), "kill -9 of the display", "`offline`")
