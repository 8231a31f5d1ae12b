"""The machine: facts in, publications out.

Pure, in h11's manner: `receive(fact, at)`, `due()`, `tick(at)`; no I/O, no clock, no randomness. `at` is ms since the
epoch by this machine's clock.
"""

from zoneinfo import ZoneInfo

from msgspec import Struct

from esl_publisher.facts import Fact
from lampfield_bus.messages import Publication

__all__ = ["Switch", "SwitchOptions"]


class SwitchOptions(Struct, frozen=True, kw_only=True):
    """What the settings say: `extensions` None means whoever is seen; `instance` is random per process."""

    switch: str
    instance: str
    tz: ZoneInfo
    domain: str | None = None
    extensions: tuple[str, ...] | None = None
    raw_events: tuple[str, ...] = ()
    hide_numbers: bool = False


class Switch:
    """One FreeSWITCH as everything that is told about it so far."""

    def __init__(self, options: SwitchOptions) -> None:
        self._options = options

    def receive(self, fact: Fact, at: int) -> list[Publication]:
        """Take one fact in; what it changed, as publications in their order."""
        raise ValueError(f"{type(fact).__name__} at {at}")

    def due(self) -> int | None:
        """When `tick` has something to do next, or None."""
        return None

    def tick(self, at: int) -> list[Publication]:
        """What the passing of time changed."""
        raise ValueError(f"{at}")
