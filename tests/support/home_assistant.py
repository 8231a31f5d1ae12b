"""A display and a switch as the discovery of Home Assistant is told of them, and where it then tells of them."""

from typing import Literal

from msgspec import structs

from lampfield_bus import messages as m
from lampfield_bus.examples import EXAMPLES
from lampfield_bus.instants import rfc3339

__all__ = ["DISPLAY", "HALL", "MAIN", "SWITCH", "health"]

DISPLAY = m.encode(
    m.DisplayInfo(
        version="1", driver="none", width=32, height=8, groups=["all"], wall=None, pages=["calls"],
        since="2026-11-22T23:11:53.341Z",
    )
)  # fmt: skip
SWITCH = m.encode(
    m.SwitchInfo(
        instance="i", esl="connected", since="2026-11-22T23:11:53.341Z", hostname="h", version=None, core_uuid=None,
        domain=None, epoch=0,
    )
)  # fmt: skip
HALL, MAIN = "device/lampfield-display-hall/config", "device/lampfield-switch-main/config"


def health(at: int, kind: Literal["display", "switch"] = "switch") -> bytes:
    """What such a part says of itself; `at` in ms since the epoch, by its clock."""
    example = EXAMPLES[m.SwitchHealth if kind == "switch" else m.DisplayHealth]
    return m.encode(structs.replace(example, at=rfc3339(at)))
