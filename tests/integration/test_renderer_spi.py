"""led-renderer as a process whose SPI bus is slow, fails, or is somebody else's."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.broker import Broker, Bus
from support.panel import depicts
from support.renderer import Renderer, tell_switch
from support.waiting import allowed, until

DARK = (("." * 32) + "\n") * 8


@pytest.fixture
def bus(broker: Broker) -> Iterator[Bus]:
    with broker.bus() as client:
        tell_switch(client, active=7)
        yield client.subscribe("display/#")


def online(bus: Bus) -> None:
    bus.wait_until_online("display/hall")


@pytest.mark.parametrize("after", [0.0, 0.03, 0.11, 0.2])
def test_a_stop_in_the_middle_of_a_frame_is_dark_and_in_order(
    broker: Broker, bus: Bus, tmp_path: Path, after: float
) -> None:
    with Renderer(broker, tmp_path, spi=True, spi_seconds=0.03) as renderer:
        online(bus)
        bus.publish("display/hall/cmd/text", "a text that scrolls, so that one frame follows on the other " * 3)
        until(lambda: renderer.seen.count("#") > 8)
        time.sleep(after)  # in this or that transfer of this or that frame
        status, seconds = renderer.stop()
        assert (status, renderer.seen) == (0, DARK)
        assert seconds < allowed(3)
        assert "Traceback" not in renderer.log


def test_a_bus_that_fails_is_counted_and_the_picture_comes_back_with_it(
    broker: Broker, bus: Bus, tmp_path: Path
) -> None:
    with Renderer(broker, tmp_path, spi=True) as renderer:
        online(bus)
        bus.publish("display/hall/cmd/page", b"calls")
        until(lambda: "#" in renderer.seen)
        renderer.spi_broken.touch()
        bus.publish("display/hall/cmd/notify", b'{"text": "EIO", "hold": true}')
        bus.wait_for(lambda: depicts(bus.latest["display/hall/frame"].decode(), "EIO"))
        until(lambda: "SPI error" in renderer.log)
        assert not depicts(renderer.seen, "EIO")
        assert renderer.run("check") == 0, "the process is well; its bus is not"
        renderer.spi_broken.unlink()
        until(lambda: depicts(renderer.seen, "EIO"))
        assert renderer.log.count("SPI error") == 1


def test_a_stop_while_the_bus_fails_is_in_order_too(broker: Broker, bus: Bus, tmp_path: Path) -> None:
    with Renderer(broker, tmp_path, spi=True, spi_seconds=0.02) as renderer:
        online(bus)
        until(lambda: "#" in renderer.seen)
        renderer.spi_broken.touch()
        status, seconds = renderer.stop()
        assert (status, "the panel may stay lit" in renderer.log) == (0, True)
        assert seconds < allowed(3)
        bus.wait_for(lambda: bus.latest.get("display/hall/availability") == b"offline")
