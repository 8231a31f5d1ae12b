"""What call-control says of itself: `health`. Pure."""

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from lampfield_bus.channels import CONTROL_HEALTH
from lampfield_bus.instants import rfc3339
from lampfield_bus.messages import ControlHealth, Publication

__all__ = ["HEALTH_MS", "Counts", "health"]

HEALTH_MS: Final = 15_000

Esl = Literal["off", "connecting", "connected", "lost"]


class Counts(NamedTuple):
    """What one part of the service adds to `health`."""

    documents: int = 0
    refused: int = 0
    esl: Esl = "off"


def health(node: str, counts: Iterable[Counts], *, calls: int, at: int, uptime_ms: int, rss_bytes: int) -> Publication:
    """`health` now; `at` in ms since the epoch. Of the parts' links to FreeSWITCH it tells the one that there is."""
    every = list(counts)
    told = ControlHealth(
        at=rfc3339(at),
        uptime=round(uptime_ms / 1000, 3),
        esl=next((each.esl for each in every if each.esl != "off"), "off"),
        calls=calls,
        documents=sum(each.documents for each in every),
        refused=sum(each.refused for each in every),
        rss_bytes=rss_bytes,
    )
    return CONTROL_HEALTH.publication(CONTROL_HEALTH.topic(node), told)
