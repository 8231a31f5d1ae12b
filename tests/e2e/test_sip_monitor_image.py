"""The image of the SIP monitor, as docker-compose.yml runs it: HEP in at the published port, ladders out for those who
may see them, and what lives goes on after kill -9.
"""

import json
import socket
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from demo_switch.stage import free_port
from support.broker import Bus
from support.compose import Stack
from support.sip import PROXY, answer, datagram, recorded, request
from support.waiting import until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]

A_LEG, B_LEG = "1a45ba4fe124d9d5@127.0.0.1", "88218193-6172-1240-4eb5-962fa41d3ead"


class Monitor(NamedTuple):
    """The running image."""

    stack: Stack
    port: int

    def hear(self, *datagrams: bytes) -> None:
        """HEP to the port that compose publishes on this host."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for each in datagrams:
                sender.sendto(each, ("127.0.0.1", self.port))


@pytest.fixture(scope="module")
def monitor(compose: Callable[..., Stack]) -> Monitor:
    port = free_port(socket.SOCK_DGRAM)
    stack = compose(profile="sip", LAMPFIELD_HEP_PORT=str(port))
    stack.compose("build", "--quiet", "sip-monitor", limit=900)
    stack.up("mosquitto", "sip-monitor")
    until(lambda: stack.health("sip-monitor") == "healthy", 60, "the image")
    return Monitor(stack, port)


@pytest.fixture
def bus(monitor: Monitor) -> Iterator[Bus]:
    with monitor.stack.bus() as client:
        client.wait_until_online("sip/main")
        yield client


def told(bus: Bus, topic: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(bus.latest.get(f"sip/main/{topic}", b"{}"))
    return found


def wait_for_dialog(bus: Bus, call_id: str, state: str, messages: int) -> None:
    """Until it is in this state, and both it and its ladder tell of so many messages: the three come one by one."""

    def whole() -> bool:
        dialog, ladder = told(bus, f"dialog/{call_id}"), told(bus, f"ladder/{call_id}")
        return (dialog["state"], dialog["messages"], len(ladder["messages"])) == (state, messages, messages)

    bus.wait_for(whole, 30)


def by_status(bus: Bus, status: str) -> int:
    """How many dialogs the summary says ended so; other tests have dialogs of their own."""
    return int(told(bus, "summary").get("by_status", {}).get(status, 0))


def kinds(bus: Bus) -> set[str]:
    """What of the monitor's topics somebody is told of."""
    return {topic.split("/")[2] for topic in bus.latest if topic.startswith("sip/")}


def calls(bus: Bus) -> set[str]:
    """The topics of dialogs and ladders that are there."""
    return {topic for topic in bus.latest if topic.startswith(("sip/main/dialog/", "sip/main/ladder/"))}


def test_a_recorded_call_is_told_and_its_numbers_to_no_display(monitor: Monitor, bus: Bus) -> None:
    monitor.hear(*recorded("call_busy_486"))
    bus.wait_for(lambda: len(bus.payloads("sip/main/event/dialog/ended")) == 2, 30)
    for call_id, messages in ((A_LEG, 7), (B_LEG, 4)):
        wait_for_dialog(bus, call_id, "busy", messages)
        assert told(bus, f"dialog/{call_id}")["cause"] == "USER_BUSY"
    bus.wait_for(lambda: by_status(bus, "486") == 2)
    bus.wait_for(lambda: told(bus, "health").get("datagrams", 0) >= len(recorded("call_busy_486")), 30)
    assert told(bus, "health")["bad_datagrams"] == 0
    assert told(bus, "health")["rss_bytes"] < 64 * 1024 * 1024

    with monitor.stack.bus("wall") as wall, monitor.stack.bus("displays") as display:
        for each in (wall, display):
            for below in ("availability", "health", "summary", "dialog/+", "ladder/+", "event/dialog/ended"):
                each.subscribe(f"sip/main/{below}")  # what is refused is answered too
        display.subscribe("display/main/cmd/page")
        monitor.hear(*recorded("call_cancel"))
        bus.wait_for(lambda: len(bus.payloads("sip/main/event/dialog/ended")) == 4, 30)
        wall.wait_for(lambda: by_status(wall, "487") == 2)
        monitor.stack.pub("display/main/cmd/page", "auto")
        display.wait_for(lambda: "display/main/cmd/page" in display.latest)
        assert kinds(wall) == {"availability", "health", "summary"}
        assert kinds(display) == set()
        assert wall.payloads("sip/main/event/dialog/ended") == []


def test_after_kill_9_what_lives_goes_on_and_nothing_stale_is_left(monitor: Monitor, bus: Bus) -> None:
    monitor.hear(datagram(request("INVITE", call_id="live")), datagram(answer(180, call_id="live"), PROXY))
    wait_for_dialog(bus, "live", "ringing", 2)
    known = calls(bus)

    monitor.stack.kill("sip-monitor")
    bus.wait_for(lambda: bus.latest.get("sip/main/availability") == b"offline", 30)
    monitor.stack.start("sip-monitor")
    bus.wait_until_online("sip/main", limit=30)

    monitor.hear(datagram(answer(200, "OK", call_id="live"), PROXY))
    wait_for_dialog(bus, "live", "answered", 3)
    monitor.hear(datagram(request("BYE", call_id="live", cseq=2, to_tag="b1")))
    wait_for_dialog(bus, "live", "completed", 4)
    assert [each["cseq"] for each in told(bus, "ladder/live")["messages"]] == ["1 INVITE"] * 3 + ["2 BYE"]
    assert calls(bus) == known
    bus.wait_for(lambda: told(bus, "summary").get("live") == 0)
