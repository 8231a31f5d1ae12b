"""Somebody on the network who has stolen one password and means harm: the panel stays right, nobody else is hurt."""

import time
from collections.abc import Callable

import pytest

from support.broker import Bus
from support.compose import MARKER, Stack
from support.flood import Flood, publish
from support.outage import ZONE, is_right, note, start
from support.waiting import until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

ROOT = "lampfield/v1"
MEBIBYTE = 1024 * 1024
LIE = b'{"at":"2026-01-01T00:00:00.000Z","ringing":0,"waiting":0,"active":777,"held":0,"total":777}'
FORBIDDEN = [  # what belongs to others, to nobody, and to the broker itself
    ("switch/main/calls", LIE),
    ("switch/main/availability", b"offline"),
    ("switch/main/extension/666", b"{}"),
    ("display/led-renderer-1/frame", b"#" * 64),
    ("display/led-renderer-1/cmd/power", b"off"),
    ("display/led-renderer-1/page/lie", b'{"text":"LIE"}'),
    ("group/all/cmd/text", b"LIE"),
    ("display/evil/cmd/text", b"LIE"),
    ("display/evil/nonsense/of/many/levels", b"LIE"),
    ("nobody/asked", b"LIE"),
]
LIES = {payload for _, payload in FORBIDDEN} - {b"offline", b"{}"}
EXTENSION = (
    b'{"state":"active","name":"x","registered":true,"contacts":1,"calls":[],"since":null,"voicemail":null,'
    b'"missed_today":0}'
)
INFO = "display/led-renderer-1/info"
OWN = ["availability", "info", "state", "health", "frame"]


@pytest.fixture(scope="module")
def demo(compose: Callable[..., Stack]) -> Stack:
    stack = start(compose(profile="demo", LAMPFIELD_DEMO_RATE="40", TZ=ZONE))
    stack.keys("add", "display", "evil")
    stack.keys("add", "switch", "evil")
    return stack


def intruder(stack: Stack, kind: str) -> Flood:
    """Logged in with the stolen password."""
    user = f"{kind}-evil"
    return Flood(stack.port, user, user, stack.password(user))


def watching(stack: Stack) -> Bus:
    """A client that reads what is asked for here, and none of the floods."""
    bus = Bus("127.0.0.1", stack.port, login=("viewer", stack.password("viewer")))
    for topics in ("switch/main/#", "display/led-renderer-1/#", "group/#", "nobody/#"):
        bus.subscribe(topics)
    return bus


def memory(stack: Stack, service: str) -> int:
    """Bytes that a container holds, by the engine's count."""
    told = stack.container(service).stats(stream=False)
    assert isinstance(told, dict)
    used: int = told["memory_stats"]["usage"]
    return used


def stays_right(stack: Stack, bus: Bus, what: str) -> float:
    """Seconds until it was right at a look that began after the harm was done."""
    began = time.monotonic()
    until(lambda: is_right(stack, bus), 20, f"the right picture in spite of {what}")
    return time.monotonic() - began


def test_a_flood_of_garbage(demo: Stack) -> None:
    """40 000 messages on what it may not write, 20 000 on what it may."""
    with watching(demo) as bus, intruder(demo, "display") as evil:
        sent = evil.send(publish(f"{ROOT}/{topic}", payload, retain=True) for topic, payload in FORBIDDEN * 4_000)
        garbage = bytes(range(256)) * 2
        sent += evil.send(publish(f"{ROOT}/display/evil/{name}", garbage, retain=True) for name in OWN * 4_000)
        evil.settle()
        took = stays_right(demo, bus, "a flood of garbage")
        demo.catch_up(bus)
        assert [m.topic for m in bus.messages if bytes(m.payload) in LIES] == []
        assert b"offline" not in bus.payloads("switch/main/availability")
        assert "switch/main/extension/666" not in bus.latest
        assert "nobody/asked" not in bus.latest
    note(
        f"a display's password is stolen: {sent} messages of garbage",
        "none on a topic of others'; right",
        f"{took:.1f} s",
    )


def test_a_payload_of_256_megabytes(demo: Stack) -> None:
    before = memory(demo, "mosquitto")
    with watching(demo) as bus:
        with intruder(demo, "display") as evil:
            accepted = evil.send_huge(f"{ROOT}/display/evil/frame", 256 * MEBIBYTE - 1024)
        assert accepted < 16 * MEBIBYTE  # what the kernels' buffers hold
        took = stays_right(demo, bus, "256 MB")
    grown = memory(demo, "mosquitto") - before
    assert grown < 16 * MEBIBYTE
    seen = f"the broker hangs up after {accepted / MEBIBYTE:.1f} MiB (the kernel's buffers)"
    note("a payload of 256 MB", seen, f"{took:.1f} s")


def test_a_hundred_thousand_retained_topics(demo: Stack) -> None:
    """By a stolen switch, whose topics every display reads: on what it may not write, and on what it may."""
    with watching(demo) as bus, intruder(demo, "switch") as evil:
        for switch in ("main", "evil"):
            topics = (f"{ROOT}/switch/{switch}/extension/{10_000 + number}" for number in range(100_000))
            evil.send(publish(topic, EXTENSION, retain=True) for topic in topics)
        evil.settle()
        demo.catch_up(bus)
        assert not any(topic.startswith("switch/main/extension/") and len(topic) > 26 for topic in bus.latest)
        took = stays_right(demo, bus, "100 000 retained topics")
        earlier = bus.latest[INFO]
    container = demo.container("led-renderer")
    assert container.attrs["RestartCount"] == 0
    began = time.monotonic()
    container.restart(timeout=10)
    with watching(demo) as bus:
        bus.wait_for(lambda: bus.latest[INFO] != earlier, 60)  # since when it is there: what was told before is past
        until(lambda: is_right(demo, bus), 60, "the right picture on a display that reads all of them")
    again = time.monotonic() - began
    size = memory(demo, "led-renderer") / MEBIBYTE
    seen = f"a display that restarts among them is right after {again:.1f} s and holds {size:.0f} MiB"
    note("100 000 retained topics of a stolen switch, and 100 000 refused", seen, f"{took:.1f} s")
    assert "retained topics of it deleted" in demo.keys("remove", "switch", "evil")
    with Bus("127.0.0.1", demo.port, login=("viewer", demo.password("viewer"))) as bus:
        bus.subscribe("switch/evil/#").subscribe("group/#")
        demo.catch_up(bus)
        assert [*bus.latest] == [MARKER]
