"""What a display counts of its own work, and how that is called. Pure."""

from typing import Final

from msgspec import Struct

from lampfield_bus.node.measures import Family, Histogram, LinkCounts, Measure, link_measures
from led_renderer.report import Readings

__all__ = ["TURN", "Standing", "measures"]

TURN: Final = ("lampfield_turn_seconds", "One turn of the loop: what came, the scene, the driver.")


class Standing(Struct, frozen=True, kw_only=True):
    """How the board stands, at most a second ago. `trouble` is what the panel shows in place of the page."""

    readings: Readings
    notifications: int
    power: bool
    brightness: int
    trouble: str | None
    lost: int
    stale: bool


def measures(standing: Standing | None, turns: Histogram, link: LinkCounts) -> list[Measure]:
    """All that is told; before the first turn of the loop that is little."""
    if standing is None:
        return [turns, *link_measures(link)]
    readings = standing.readings
    counter, gauge = Family.counter, Family.gauge
    trouble = {name: float(standing.trouble == name) for name in ("NO BUS", "NO PBX")}
    skew = {} if readings.clock_skew is None else {"": readings.clock_skew}
    return [
        counter("lampfield_display_frames", "Frames drawn.", readings.frames),
        counter("lampfield_display_frames_skipped", "Frames that came due too late.", readings.skipped_frames),
        turns,
        counter("lampfield_spi_bytes", "Bytes sent over SPI.", readings.spi_bytes),
        counter("lampfield_spi_errors", "SPI transfers that failed.", readings.spi_errors),
        counter("lampfield_commands_rejected", "Commands and pages that were refused.", readings.rejected),
        gauge("lampfield_notifications", "Notifications that wait or show.", standing.notifications),
        gauge("lampfield_display_power", "Whether the panel is lit.", standing.power),
        gauge("lampfield_display_brightness_level", "Intensity, 0 to 15.", standing.brightness),
        Family("lampfield_display_trouble", "gauge", "Whether this stands in place of the page.", trouble, "what"),
        gauge("lampfield_display_switches_lost", "Switches that this display takes for lost.", standing.lost),
        gauge("lampfield_display_stale", "Whether the pixel blinks that doubts the page.", standing.stale),
        Family("lampfield_clock_skew_seconds", "gauge", "How far this clock is ahead of the switch's.", skew),
        *link_measures(link),
    ]
