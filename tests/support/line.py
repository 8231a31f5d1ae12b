"""The whole line on one desk, for tests that look at it from outside: broker, demo switch, publisher, displays."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

from support.broker import Broker
from support.demo_switch import Running
from support.publisher import Publisher
from support.renderer import Renderer

__all__ = ["Line", "line"]


class Line(NamedTuple):
    """What runs."""

    broker: Broker
    publisher: Publisher


@contextmanager
def line(directory: Path, displays: Sequence[str], groups: str = "") -> Iterator[Line]:
    """Starts everything and waits until calls are told and every display shows something."""
    with ExitStack() as stack:
        broker = Broker(directory / "broker").start()
        stack.callback(broker.kill)
        switch = stack.enter_context(Running(directory, "--rate", "40"))
        server = SimpleNamespace(host="127.0.0.1", port=switch.port)
        publisher = Publisher(directory, broker, server).start()  # type: ignore[arg-type]  # of the server it takes these
        stack.callback(publisher.end)
        for display in displays:
            stack.enter_context(Renderer(broker, directory, display, GROUPS=groups))
        with broker.bus() as bus:
            bus.subscribe()
            wanted = {"switch/main/calls", *(f"display/{display}/frame" for display in displays)}
            bus.wait_for(lambda: wanted <= bus.latest.keys(), 40)
        yield Line(broker, publisher)
