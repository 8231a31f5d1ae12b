"""The process: the bell, and a part that ends. The rest is tested as a process, with a real broker."""

import asyncio
import threading
from pathlib import Path

import pytest
from fastapi import APIRouter

from call_control.app import App, Bell
from call_control.report import Counts
from call_control.settings import Settings
from lampfield_bus.node.arrivals import Arrival
from lampfield_bus.node.run import Now


class Part:
    """One that raises."""

    router = APIRouter()
    filters = ("switch/+/calls",)
    counts = Counts()

    def hear(self, arrival: Arrival, now: Now) -> None: ...

    def tick(self, now: Now) -> None: ...

    async def run(self) -> None:
        raise LookupError("the part's own")


def test_a_bell_rung_from_another_thread_ends_the_wait() -> None:
    async def wait() -> float:
        bell = Bell()
        await bell.wait(0.0)
        began = asyncio.get_running_loop().time()
        threading.Timer(0.05, bell.ring).start()
        await bell.wait(20.0)
        return asyncio.get_running_loop().time() - began

    assert asyncio.run(wait()) < 10


def test_a_bell_outlives_its_loop() -> None:
    bell = Bell()
    bell.ring()
    asyncio.run(bell.wait(0.0))
    bell.ring()


def test_what_a_part_raises_ends_the_process(tmp_path: Path) -> None:
    settings = Settings(http_port=0, mqtt_port=1, heartbeat_file=tmp_path / "heartbeat")
    app = App(settings, Bell(), lambda _: [Part()])
    with pytest.raises(LookupError, match="the part's own"):
        asyncio.run(app.run(lambda: False))


def test_an_address_in_use_ends_the_process(tmp_path: Path) -> None:
    settings = Settings(http_host="nowhere.invalid", mqtt_port=1, heartbeat_file=tmp_path / "heartbeat")
    with pytest.raises(ConnectionError, match="cannot listen"):
        asyncio.run(App(settings, Bell(), lambda _: []).run(lambda: True))
