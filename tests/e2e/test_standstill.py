"""What neither dies nor works: paused, cut off, stopped for good. The panel says so, and is right after the return."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from support.compose import Stack
from support.outage import ZONE, is_right, note, right_again, says, screen, start
from support.panel import depicts
from support.waiting import until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]

NOTICED = 30.0  # seconds: two keepalives of ten, or fifteen of quiet and five to answer; the rest is this machine's


@pytest.fixture(scope="module")
def demo(compose: Callable[..., Stack]) -> Stack:
    files = ["tests/e2e/terminal.yml"]
    return start(compose(profile="demo", files=files, LAMPFIELD_DEMO_RATE="40", TZ=ZONE))


@contextmanager
def paused(stack: Stack, service: str) -> Iterator[None]:
    """Its processes have no turn (docker pause)."""
    container = stack.container(service)
    container.pause()
    try:
        yield
    finally:
        container.unpause()


@contextmanager
def cut_off(stack: Stack, service: str) -> Iterator[None]:
    """Its network cable is pulled; what is under way is lost, and nobody is told."""
    network = stack.client.networks.get(f"{stack.name}_default")
    container = stack.container(service)
    network.disconnect(container)
    try:
        yield
    finally:
        network.connect(container, aliases=[service])


Fault = Callable[[Stack, str], AbstractContextManager[None]]
FAULTS: dict[str, Fault] = {"paused": paused, "cut off": cut_off}


def noticed(condition: Callable[[], object], what: str) -> float:
    """Seconds until it is so."""
    began = time.monotonic()
    until(condition, NOTICED, what)
    return time.monotonic() - began


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("service", ["demo-switch", "esl-publisher"])
def test_the_switch_s_side(demo: Stack, service: str, fault: str) -> None:
    with demo.bus() as bus:
        with FAULTS[fault](demo, service):
            took = noticed(lambda: says(bus, "NO PBX"), "NO PBX on the panel")
        back = time.monotonic()
    right_again(demo, back, f"{service} {fault}", f"`NO PBX` after {took:.1f} s")


@pytest.mark.parametrize("fault", FAULTS)
def test_the_display(demo: Stack, fault: str) -> None:
    with demo.bus() as bus:
        with FAULTS[fault](demo, "led-renderer"):
            took = noticed(lambda: bus.latest["display/led-renderer-1/availability"] == b"offline", "its will")
        back = time.monotonic()
    right_again(demo, back, f"led-renderer {fault}", f"its `availability` says `offline` after {took:.1f} s")


@pytest.mark.parametrize("fault", FAULTS)
def test_the_broker(demo: Stack, fault: str) -> None:
    with screen(demo) as shown:
        with FAULTS[fault](demo, "mosquitto"):
            took = noticed(lambda: depicts(shown(), "NO BUS"), "NO BUS on the panel")
        back = time.monotonic()
    right_again(demo, back, f"mosquitto {fault}", f"`NO BUS` after {took:.1f} s")


def stop_for_good(stack: Stack, service: str) -> None:
    """SIGSTOP to the service itself, which only SIGCONT or the end gets out of."""
    stop = "import os, signal; os.kill(int(open('/tmp/heartbeat').read().split()[2]), signal.SIGSTOP)"
    answer = stack.container(service).exec_run(["python", "-c", stop])
    assert answer.exit_code == 0, answer.output


def test_what_hangs_is_found_ended_and_started_again(demo: Stack) -> None:
    services = ["esl-publisher", "led-renderer"]
    began = time.monotonic()
    before = {service: demo.container(service).attrs["State"]["StartedAt"] for service in services}
    for service in services:
        stop_for_good(demo, service)
    restarted: dict[str, float] = {}

    def all_restarted() -> bool:
        for service in services:
            container = demo.container(service)
            if service not in restarted and container.attrs["State"]["StartedAt"] != before[service]:
                restarted[service] = time.monotonic() - began
                assert container.attrs["RestartCount"] >= 1
        return len(restarted) == len(services)

    until(all_restarted, 90, "the restart of what hangs")
    with demo.bus() as bus:
        until(lambda: is_right(demo, bus), 20, "the right picture after what hung was restarted")
    seen = ", ".join(f"{service} after {took:.0f} s" for service, took in restarted.items())
    note("SIGSTOP inside both services, for ever", f"restarted by their health checks: {seen}",
         f"{time.monotonic() - began - max(restarted.values()):.1f} s")  # fmt: skip


def test_everything_at_once_in_any_order(demo: Stack) -> None:
    """What a restart of the engine, or of the host, does to the project: all are killed, and started without order."""
    services = ["led-renderer", "esl-publisher", "demo-switch", "mosquitto"]
    for service in services:
        demo.container(service).kill("SIGKILL")
    for service in services:
        until(lambda service=service: demo.container(service).status == "exited", 10, service)  # type: ignore[misc]  # a lambda's default has no type of its own
    for service in services:  # the last that a display needs comes last
        demo.container(service).start()
    right_again(demo, time.monotonic(), "all killed at once, started in the wrong order", "-", limit=20)
