"""What a display tells of itself at its own pace: the `frame` topic and `health`. Pure: time is an argument.

Everything else under `display/<display>/` is the board's. Instants are int milliseconds: `now` of the wall clock,
`ticks` of the monotonic one, so that a stepped clock neither holds a frame back nor counts as a late one.
"""

from typing import Final

from msgspec import Struct

from lampfield_bus.channels import DISPLAY_FRAME, DISPLAY_HEALTH
from lampfield_bus.instants import rfc3339
from lampfield_bus.messages import DisplayHealth, Publication
from led_renderer.board import Board
from led_renderer.frame import Frame

__all__ = ["HEALTH_MS", "SHORTEST_FRAME_MS", "FrameCount", "FrameReport", "HealthReport", "Readings", "caption"]

HEALTH_MS: Final = 15_000
SHORTEST_FRAME_MS: Final = 33  # scenes change at most 30 times a second


def caption(board: Board, now: int) -> str:
    """Display and page in a line, for who looks at the panel in a terminal."""
    showing, trouble = board.showing(now), board.trouble(now)
    if not board.power:
        what = "off"
    elif showing is not None:
        known = showing.notification
        what = f"notification {known.id}" if known.kind == "text" else known.kind
    else:
        what = trouble.what if trouble is not None else board.turn(now).page.name
    return f"{board.panel.display}: {what}"


class FrameReport:
    """The `frame` topic: the picture as art, when it changed, at most `hz` times a second; 0: never, and deleted."""

    def __init__(self, display: str, hz: float) -> None:
        self._topic = DISPLAY_FRAME.topic(display)
        self._pause = 1000 / hz if hz else None
        self._told: Frame | None = None
        self._waiting = False
        self._allowed_at = 0.0
        self._deleted = False

    def publications(self, frame: Frame, ticks: int) -> list[Publication]:
        """What is to be sent now that the panel shows `frame`."""
        if self._pause is None:
            if self._deleted:
                return []
            self._deleted = True
            return [DISPLAY_FRAME.deletion(self._topic)]
        self._waiting = frame != self._told
        if not self._waiting or ticks < self._allowed_at:
            return []
        self._told, self._waiting = frame, False
        self._allowed_at = ticks + self._pause
        return [DISPLAY_FRAME.publication(self._topic, str(frame))]

    def due(self) -> float | None:
        """At how many ticks a frame that came too early may be told."""
        return self._allowed_at if self._waiting else None


class FrameCount:
    """How many frames were drawn, and how many never were, because they were due while another was being sent."""

    def __init__(self) -> None:
        self.drawn = 0
        self.skipped = 0
        self._last: Frame | None = None
        self._began = 0
        self._next: int | None = None

    def shown(self, frame: Frame, ticks: int, change_in: int | None) -> None:
        """`frame` was shown at `ticks`; the scene changes on its own `change_in` ms later, or not at all."""
        if frame != self._last:
            self.drawn += 1
            self._last = frame
        if self._next is not None and ticks > self._next:
            self.skipped += (ticks - self._next) // max(self._next - self._began, SHORTEST_FRAME_MS)
        self._began = ticks
        self._next = None if change_in is None else ticks + change_in


class Readings(Struct, frozen=True, kw_only=True):
    """What health tells, read by the shell at one moment; `clock_skew` in seconds, this clock ahead of the switch's."""

    frames: int
    skipped_frames: int
    spi_bytes: int
    spi_errors: int
    messages: int
    rejected: int
    clock_skew: float | None
    rss_bytes: int


class HealthReport:
    """`health`, every 15 s from the first turn on."""

    def __init__(self, display: str, ticks: int) -> None:
        self._topic = DISPLAY_HEALTH.topic(display)
        self._began = ticks
        self._due = ticks

    def is_due(self, ticks: int) -> bool:
        """Whether it is time."""
        return ticks >= self._due

    def publications(self, readings: Readings, now: int, ticks: int) -> list[Publication]:
        """The report of this moment; the next one is due 15 s later."""
        self._due = ticks + HEALTH_MS
        health = DisplayHealth(
            at=rfc3339(now),
            uptime=(ticks - self._began) / 1000,
            frames=readings.frames,
            skipped_frames=readings.skipped_frames,
            spi_bytes=readings.spi_bytes,
            spi_errors=readings.spi_errors,
            messages=readings.messages,
            rejected=readings.rejected,
            clock_skew=readings.clock_skew,
            rss_bytes=readings.rss_bytes,
        )
        return [DISPLAY_HEALTH.publication(self._topic, health)]
