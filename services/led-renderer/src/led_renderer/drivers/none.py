"""The driver that draws nothing: the `frame` topic is the only panel. Does no I/O at all."""

from typing import Final

from led_renderer.frame import Frame

__all__ = ["Nothing"]


class Nothing:
    """Takes frames and forgets them."""

    name: Final = "none"
    spi_bytes: Final = 0
    spi_errors: Final = 0

    def show(self, frame: Frame) -> None:
        """Nothing."""

    def brightness(self, level: int) -> None:
        """Nothing."""

    def power(self, *, on: bool) -> None:
        """Nothing."""

    def caption(self, text: str) -> None:
        """Nothing."""

    def refresh(self) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""
