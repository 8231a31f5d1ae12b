"""Why numbers cannot be shown: the broker is gone, or the switches are, or some of them. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from led_renderer.switches import Source, Switches

__all__ = ["Trouble", "named", "whole"]


class Trouble(NamedTuple):
    """`what` (`NO BUS`, `NO PBX`, `NO <switch>`), and since when (ms since the epoch)."""

    what: str
    since: int


def whole(switches: Switches, bus_lost_at: int | None, started_at: int, now: int) -> Trouble | None:
    """Why no number can be shown at all; None while at least one switch can be believed."""
    if bus_lost_at is not None:
        return Trouble("NO BUS", bus_lost_at)
    sources = switches.sources.values()
    if not all(source.lost(now) for source in sources):
        return None
    return Trouble("NO PBX", max((_since(source, started_at) for source in sources), default=started_at))


def named(switches: Switches, expected: Sequence[str], started_at: int, now: int) -> list[Trouble]:
    """The switches that are lost, by name, and those that are `expected` (settings) and were never heard of."""
    lost = {name: _since(source, started_at) for name, source in switches.sources.items() if source.lost(now)}
    missing = {name: started_at for name in expected if name != "+" and name not in switches.sources}
    return [Trouble(f"NO {name}", since) for name, since in sorted({**missing, **lost}.items())]


def _since(source: Source, started_at: int) -> int:
    """Where nothing retained tells since when, it was lost before this display started."""
    return started_at if source.lost_since is None else source.lost_since
