"""What call-control is made of: parts that answer HTTP, and what each is given. Holds no behaviour.

A part's methods run in the event loop's thread, and never wait.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol

from fastapi import APIRouter

from call_control.register import Register
from call_control.report import Counts
from call_control.settings import Settings
from lampfield_bus.messages import Publication
from lampfield_bus.node.arrivals import Arrival
from lampfield_bus.node.run import Now

__all__ = ["Part", "Place"]


class Place(NamedTuple):
    """What a part is given: `send` hands publications to the bus and never waits, `wall` is ms since the epoch."""

    settings: Settings
    register: Register
    send: Callable[[Iterable[Publication]], None]
    wall: Callable[[], int]


class Part(Protocol):
    """One side of the service: its routes, and its place in the process."""

    @property
    def router(self) -> APIRouter:
        """What it answers."""

    @property
    def filters(self) -> Sequence[str]:
        """What it wants to hear of the bus: filters of state, relative to the root (access.toml has to allow them)."""

    @property
    def counts(self) -> Counts:
        """How it stands."""

    def hear(self, arrival: Arrival, now: Now) -> None:
        """Something came from the bus; a `Message` of any subscription, or what happened to the connection."""

    def tick(self, now: Now) -> None:
        """Called after each batch of arrivals, and every second at least."""

    async def run(self) -> None:
        """What it does beside answering, until it is cancelled. Whatever it raises ends the process."""
