"""A captured conversation, sent again: the frames of a `.esl` file, byte for byte.

May NOT change a byte of them. What the tables show meanwhile is read from the replayed events.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from demo_switch.database import channel_row
from demo_switch.pbx import Pbx
from demo_switch.templates import Made

_LONGEST_GAP = 5.0  # seconds: a capture's longer silences are cut to this


class Frame(NamedTuple):
    """One frame as captured; `event` is its decoded body when it is a JSON event, `micro` when that was created."""

    data: bytes
    event: Made | None
    micro: int


def frames(data: bytes) -> Iterator[Frame]:
    """What a subscriber would get of a capture: events and the disconnect notice. ValueError when it is no capture."""
    at = 0
    while at < len(data):
        end = data.find(b"\n\n", at)
        if end < 0:
            raise ValueError(f"no end of headers after byte {at}")
        headers = dict(line.split(": ", 1) for line in data[at:end].decode().split("\n") if ": " in line)
        stop = end + 2 + int(headers.get("Content-Length", "0"))
        if stop > len(data):
            raise ValueError(f"the frame at byte {at} is cut short")
        kind = headers.get("Content-Type", "")
        if kind.startswith(("text/event-", "text/disconnect-notice")):
            event = Made(json.loads(data[end + 2 : stop])) if kind == "text/event-json" else None
            yield Frame(data[at:stop], event, int(event.header("Event-Date-Timestamp") or 0) if event else 0)
        at = stop


class Replay:
    """One capture. `pause` is how many seconds follow each frame; without it they come as they once did."""

    def __init__(self, path: Path, pause: float | None = None) -> None:
        self._frames = list(frames(path.read_bytes()))
        if not self._frames:
            raise ValueError(f"{path} holds no event")
        self._pause = pause

    def core(self) -> str | None:
        """The Core-UUID of the switch that was captured."""
        return next((frame.event.header("Core-UUID") for frame in self._frames if frame.event), None)

    async def run(
        self, send: Callable[[bytes], None], pbx: Pbx, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        """Send every frame, and keep the tables of `pbx` as they once were."""
        before = 0
        for frame in self._frames:
            if self._pause is None and before and frame.micro > before:
                await sleep(min((frame.micro - before) / 1_000_000, _LONGEST_GAP))
            before = max(frame.micro, before)
            send(frame.data)
            if frame.event is not None:
                _record(frame.event, pbx)
            if self._pause:
                await sleep(self._pause)


def _record(event: Made, pbx: Pbx) -> None:
    leg = event.header("Unique-ID")
    if event.name == "CHANNEL_BRIDGE":
        row = {"caller": leg, "callee": event.header("Bridge-B-Unique-ID"), "epoch": str(pbx.now // 1_000_000)}
        pbx.database.write(pbx.now, "calls", leg, row)
    elif event.name == "CHANNEL_UNBRIDGE":
        pbx.database.write(pbx.now, "calls", leg, None)
    elif event.name == "CHANNEL_DESTROY":
        pbx.database.write(pbx.now, "channels", leg, None)
        pbx.legs.pop(leg, None)
    elif event.header("Caller-Channel-Created-Time") and (event.name == "CHANNEL_CREATE" or leg in pbx.legs):
        pbx.legs[leg] = channel_row(event, pbx.legs.get(leg))
        pbx.database.write(pbx.now, "channels", leg, pbx.legs[leg])
