"""`docker compose --profile demo up`: the panel lives, obeys, and there can be three of them."""

import json
import time
from collections.abc import Callable, Iterator

import pytest

from support.broker import Bus
from support.compose import Stack
from support.panel import depicts
from support.waiting import allowed, until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]

DISPLAYS = ["led-renderer-1", "led-renderer-2", "led-renderer-3"]


@pytest.fixture(scope="module")
def demo(compose: Callable[..., Stack]) -> Stack:
    stack = compose(profile="demo", LAMPFIELD_DEMO_RATE="30")
    stack.up("--scale", "led-renderer=3")
    return stack


@pytest.fixture
def bus(demo: Stack) -> Iterator[Bus]:
    with demo.bus() as bus:
        bus.wait_until_online(*(f"display/{name}" for name in DISPLAYS), limit=30)
        yield bus


def frames(bus: Bus, display: str) -> list[str]:
    """The pictures of a display, oldest first."""
    return [payload.decode() for payload in bus.payloads(f"display/{display}/frame")]


def displays(bus: Bus) -> set[str]:
    """The names of those that the bus has something of."""
    return {topic.split("/")[1] for topic in bus.latest if topic.startswith("display/")}


def results(bus: Bus, display: str) -> list[dict[str, object]]:
    """What a display answered. A test waits for all answers to what it sent: the next one's client would hear them."""
    return [json.loads(payload) for payload in bus.payloads(f"display/{display}/result")]


def test_every_container_becomes_healthy(demo: Stack) -> None:
    services = [("mosquitto", 1), ("demo-switch", 1), ("esl-publisher", 1), *(("led-renderer", n) for n in (1, 2, 3))]
    until(lambda: all(demo.health(*service) == "healthy" for service in services), 60, "the health of all")


def test_the_panel_shows_a_picture_that_changes(bus: Bus) -> None:
    bus.wait_for(lambda: len(set(frames(bus, DISPLAYS[0]))) >= 5, 60)
    assert {len(row) for frame in frames(bus, DISPLAYS[0]) for row in frame.splitlines()} == {32}


def test_the_calls_are_those_that_are_going_on(demo: Stack, bus: Bus) -> None:
    bus.wait_for(lambda: "switch/main/calls" in bus.latest, 60)

    def agree() -> bool:
        there = demo.counts()
        shown = json.loads(bus.latest["switch/main/calls"])
        return there is not None and there["total"] > 0 and {name: shown[name] for name in there} == there

    until(agree, 60, "the same calls on the bus as in the switch")


def test_three_displays_have_readable_ids(bus: Bus) -> None:
    assert displays(bus) == set(DISPLAYS)


def test_a_text_shows_on_the_display_that_it_is_for(demo: Stack, bus: Bus) -> None:
    demo.pub(f"display/{DISPLAYS[1]}/cmd/text", "hello")
    bus.wait_for(lambda: results(bus, DISPLAYS[1]), 10)
    assert results(bus, DISPLAYS[1])[0]["ok"] is True
    bus.wait_for(lambda: any(depicts(frame, "hello") for frame in frames(bus, DISPLAYS[1])), 10)
    demo.catch_up(bus)
    assert not any(depicts(frame, "hello") for name in (DISPLAYS[0], DISPLAYS[2]) for frame in frames(bus, name))
    assert not results(bus, DISPLAYS[0]) + results(bus, DISPLAYS[2])


def test_a_text_to_the_group_all_shows_on_every_display(demo: Stack, bus: Bus) -> None:
    demo.pub("group/all/cmd/text", "all!")
    for name in DISPLAYS:
        bus.wait_for(lambda name=name: any(depicts(frame, "all!") for frame in frames(bus, name)), 15)  # type: ignore[misc]  # a lambda's default has no type of its own
    bus.wait_for(lambda: all(results(bus, name) for name in DISPLAYS), 10)


def test_a_bad_command_is_answered_with_the_field(demo: Stack, bus: Bus) -> None:
    demo.pub(f"display/{DISPLAYS[0]}/cmd/notify", '{"text": "x", "colour": "green", "transaction": "t1"}')
    bus.wait_for(lambda: results(bus, DISPLAYS[0]), 10)
    answer = results(bus, DISPLAYS[0])[0]
    assert (answer["ok"], answer["field"]) == (False, "colour")


def test_ids_survive_new_containers(demo: Stack) -> None:
    before = demo.container("led-renderer", 2).id
    demo.up("--scale", "led-renderer=3", "--force-recreate", "--no-deps", "led-renderer")
    assert demo.container("led-renderer", 2).id != before
    with demo.bus() as bus:
        bus.wait_until_online(*(f"display/{name}" for name in DISPLAYS), limit=30)
        assert displays(bus) == set(DISPLAYS)


@pytest.mark.parametrize("service", ["esl-publisher", "led-renderer", "demo-switch"])
def test_a_container_is_confined(demo: Stack, service: str) -> None:
    container = demo.container(service)
    probe = (
        "import os, shutil; print(os.getuid() != 0, shutil.which('gcc'), shutil.which('cc'));"
        "open('/opt/lampfield/x', 'w')"
    )
    answer = container.exec_run(["python", "-c", probe])
    assert isinstance(answer.output, bytes)
    assert answer.output.decode().startswith("True None None")
    assert "Read-only file system" in answer.output.decode()
    host = container.attrs["HostConfig"]
    assert (host["CapDrop"], host["ReadonlyRootfs"], bool(host["Memory"]), bool(host["PidsLimit"])) == (
        ["ALL"],
        True,
        True,
        True,
    )


@pytest.mark.parametrize(
    ("service", "availability"),
    [("led-renderer", "display/led-renderer-1/availability"), ("esl-publisher", "switch/main/availability")],
)
def test_a_stopped_service_says_so_and_ends_in_order(demo: Stack, service: str, availability: str) -> None:
    with demo.bus() as bus:
        bus.wait_for(lambda: bus.latest.get(availability) == b"online", 30)
        began = time.monotonic()
        demo.container(service).stop(timeout=10)
        took = time.monotonic() - began
        status = demo.container(service).attrs["State"]["ExitCode"]
        bus.wait_for(lambda: bus.latest[availability] == b"offline", 10)
        demo.container(service).start()  # also for the tests that come next, whatever is wrong with it
        bus.wait_for(lambda: bus.latest[availability] == b"online", 30)
    assert status == 0
    assert took < allowed(4)  # 3 s, and the engine's own time
