"""Drivers: what carries frames to something that people see, and the choice among them.

luma is imported only when it is chosen: a display without LEDs needs neither it nor Pillow.
"""

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal, Protocol, TextIO

from msgspec import Struct

from led_renderer.drivers.none import Nothing
from led_renderer.drivers.terminal import Terminal, is_drawable
from led_renderer.frame import Frame
from led_renderer.wire import Geometry

__all__ = ["DRIVERS", "Driver", "DriverName", "DriverOptions", "InUseError", "open_driver"]

DriverName = Literal["auto", "max7219", "terminal", "none"]

_log = logging.getLogger(__name__)


class InUseError(ConnectionError):
    """Another process of ours has the panel."""


class Driver(Protocol):
    """What shows frames. No method raises because of the hardware; `show` counts its errors and tries again."""

    @property
    def name(self) -> str:
        """Its name in the settings."""

    @property
    def spi_bytes(self) -> int:
        """Bytes sent over SPI so far."""

    @property
    def spi_errors(self) -> int:
        """SPI transfers that failed so far."""

    def show(self, frame: Frame) -> None:
        """Shows a frame of the panel's size. Called every turn of the loop: what is shown already costs nothing."""

    def brightness(self, level: int) -> None:
        """From the next `show` on: 0 (dim, not dark) to 15."""

    def power(self, *, on: bool) -> None:
        """Lit or dark, from the next `show` on."""

    def caption(self, text: str) -> None:
        """A line for whoever looks, where there is room for one beside the panel."""

    def refresh(self) -> None:
        """Has the next `show` send everything again."""

    def close(self) -> None:
        """Leaves the panel dark and gives everything back."""


class DriverOptions(Struct, frozen=True):
    """What the drivers must know of the settings."""

    geometry: Geometry
    brightness: int
    spi_port: int
    spi_device: int
    spi_speed_hz: int

    @property
    def spi_path(self) -> Path:
        """The SPI device's file."""
        return Path(f"/dev/spidev{self.spi_port}.{self.spi_device}")


def _open_max7219(options: DriverOptions, _stdout: TextIO) -> Driver:
    from led_renderer.drivers.max7219 import open_max7219  # noqa: PLC0415 (Pillow costs 20 MB; see the module's head)

    return open_max7219(
        options.geometry,
        port=options.spi_port,
        device=options.spi_device,
        speed_hz=options.spi_speed_hz,
        brightness=options.brightness,
    )


def _open_terminal(options: DriverOptions, stdout: TextIO) -> Driver:
    return Terminal(stdout, options.geometry.frame_size, brightness=options.brightness)


def _open_none(_options: DriverOptions, _stdout: TextIO) -> Driver:
    return Nothing()


DRIVERS: Final[dict[str, Callable[[DriverOptions, TextIO], Driver]]] = {
    "max7219": _open_max7219,
    "terminal": _open_terminal,
    "none": _open_none,
}


def open_driver(name: DriverName, options: DriverOptions, stdout: TextIO | None = None) -> Driver:
    """The driver of this name; `auto` is the first that works here.

    Raises ConnectionError when the one that was asked for does not work here.
    """
    stdout = sys.stdout if stdout is None else stdout
    if name != "auto":
        return DRIVERS[name](options, stdout)
    if options.spi_path.exists():
        try:
            return DRIVERS["max7219"](options, stdout)
        except ConnectionError as error:
            _log.warning("there is an SPI device, but no panel: %s", error)
    return DRIVERS["terminal" if is_drawable(stdout) else "none"](options, stdout)
