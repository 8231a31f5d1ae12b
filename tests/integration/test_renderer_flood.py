"""Ten thousand commands at once, through a real broker into a real process: nothing that matters is lost."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from led_renderer.attention import CRITICAL_BOUND
from support.broker import Broker, Bus
from support.panel import depicts
from support.processes import peak
from support.renderer import Renderer, tell_switch
from support.waiting import until

BURST = 10_000
CRITICAL = 30
MIB = 1 << 20
COMMANDS = "display/hall/cmd"


@pytest.fixture
def bus(broker: Broker) -> Iterator[Bus]:
    with broker.bus() as client:
        tell_switch(client, active=7)
        for told in ("availability", "frame", "state", "result"):  # not the commands: it has to keep up
            client.subscribe(f"display/hall/{told}")
        yield client


@pytest.fixture
def renderer(broker: Broker, bus: Bus, tmp_path: Path) -> Iterator[Renderer]:
    with Renderer(broker, tmp_path) as running:
        bus.wait_until_online("display/hall", limit=30)
        bus.wait_for(lambda: "display/hall/frame" in bus.latest, 30)
        yield running


def peak_bytes(renderer: Renderer) -> int:
    """The largest resident set so far."""
    assert renderer.process is not None
    return peak(renderer.process.pid)


class Obeyed:
    """The transactions of commands that were; each result is read once."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._read = 0
        self._transactions: set[object] = set()

    def __call__(self) -> set[object]:
        told = self._bus.payloads("display/hall/result")
        self._transactions |= {one["transaction"] for one in map(json.loads, told[self._read :]) if one["ok"]}
        self._read = len(told)
        return self._transactions


def notify(bus: Bus, name: str, text: str, priority: str) -> None:
    order = {"text": text, "id": name, "priority": priority, "hold": True, "transaction": f"{name} {text}"}
    bus.publish(f"{COMMANDS}/notify", json.dumps(order), qos=0)


def test_of_ten_thousand_commands_at_once_nothing_that_matters_is_lost(renderer: Renderer, bus: Bus) -> None:
    assert CRITICAL < CRITICAL_BOUND
    before = peak_bytes(renderer)
    obeyed = Obeyed(bus)
    for number in range(BURST):
        match number % 5:
            case 0:
                bus.publish(f"{COMMANDS}/brightness", str(number % 16), qos=0)
            case 1:
                notify(bus, f"i{number}", "x" * 900, "info")
            case 2:
                bus.publish(f"{COMMANDS}/page", b"clock", qos=0)
            case 3:
                bus.publish(f"{COMMANDS}/notify", b'{"text": "x", "colour": "' + b"r" * 3_000 + b'"}', qos=0)
            case _:
                bus.publish(f"group/all/cmd/nonsense{number}", b"\xff" * 2_000, qos=0)
        if number % (BURST // CRITICAL) == 0:
            notify(bus, f"c{number}", "fire", "critical")
            notify(bus, "same", f"version {number}", "critical")
    bus.publish(f"{COMMANDS}/brightness", b"11")
    bus.publish(f"{COMMANDS}/power", b"on")
    critical = {f"c{number}" for number in range(0, BURST, BURST // CRITICAL)}

    bus.wait_for(lambda: json.loads(bus.latest["display/hall/state"])["brightness"] == 11, 60)
    until(lambda: {f"{name} fire" for name in critical} <= obeyed(), 30, "an answer to every critical one")
    for name in sorted(critical):
        bus.publish(f"{COMMANDS}/dismiss", json.dumps({"value": name, "transaction": f"dismiss {name}"}))
    until(lambda: {f"dismiss {name}" for name in critical} <= obeyed(), 30, "each of them was waiting")

    last = max(range(0, BURST, BURST // CRITICAL))
    bus.wait_for(lambda: json.loads(bus.latest["display/hall/state"])["notification"] == "same")
    until(lambda: depicts(bus.latest["display/hall/frame"].decode(), str(last)[:3]), 20, "the newest of one id")
    assert peak_bytes(renderer) - before < 24 * MIB
    assert peak_bytes(renderer) < 64 * MIB


@pytest.mark.timeout(120)
def test_what_comes_while_it_draws_is_bounded_too(broker: Broker, bus: Bus, tmp_path: Path) -> None:
    """A frame takes half a second here: a hundred and more of these would wait if they were let."""
    with Renderer(broker, tmp_path, spi=True, spi_seconds=0.06) as renderer:
        bus.wait_for(lambda: "display/hall/frame" in bus.latest, 30)
        bus.publish(f"{COMMANDS}/text", "a text that scrolls, so that one frame follows on the other " * 3)
        until(lambda: renderer.seen.count("#") > 8, 30)
        for _ in range(300):
            bus.publish(f"{COMMANDS}/text", b"y" * 1_000_000, qos=0)
        bus.publish(f"{COMMANDS}/brightness", b"12")
        bus.wait_for(lambda: json.loads(bus.latest["display/hall/state"])["brightness"] == 12, 60)
        assert peak_bytes(renderer) < 64 * MIB
        until(lambda: bus.count("display/hall/result") >= 302, 30, "a result each")
