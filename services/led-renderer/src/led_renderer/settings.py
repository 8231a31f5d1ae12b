"""The renderer's settings, and what follows from several of them together. Opens nothing."""

import re
from importlib import metadata
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from lampfield_bus.messages import WallPlace
from lampfield_bus.node.settings import CommaList, ExistingFile, LowerCase, Name, NodeSettings
from lampfield_bus.topics import encode_name
from led_renderer.config import Panel
from led_renderer.drivers import DriverName, DriverOptions
from led_renderer.frame import MAX_SIDE
from led_renderer.wire import MAX_MODULES, Geometry, Orientation, Rotation

__all__ = ["PROGRAM", "Settings", "panel_of"]

PROGRAM: Final = "led-renderer"
_DEFAULT_MODULES: Final = 4


def _whole(value: object) -> object:
    """`-90` is a number: a Literal of numbers does not read text."""
    return int(value) if isinstance(value, str) and re.fullmatch(r"[+-]?\d{1,9}", value.strip()) else value


def _names(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        encode_name(name)
    return names


def _switches(names: tuple[str, ...]) -> tuple[str, ...]:
    if not names or ("+" in names and len(names) > 1):
        raise ValueError("is no list of switches; allowed: + for all, or names with commas between them")
    return names if names == ("+",) else _names(names)


def _pair(pattern: str) -> "AfterValidator":
    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            example = "128x8 (pixels)" if "x" in pattern else "32,0 (the upper left corner's column and row)"
            raise ValueError(f"is not of its form; allowed: {example}")
        return text

    return AfterValidator(check)


Whole = BeforeValidator(_whole)
Names = Annotated[CommaList, AfterValidator(_names)]
# 10 MHz is the chips' limit (MAX7219 datasheet, Timing Characteristics); below it luma knows these.
Speed = Literal[500_000, 1_000_000, 2_000_000, 4_000_000, 8_000_000]


class Settings(NodeSettings):
    """Everything that can be set; `geometry`, `driver_options` and `wall_place` are what it amounts to."""

    display: Name | None = Field(
        default=None,
        description="this display's name in the topics; default: the host's name, in compose led-renderer-1, -2 ...",
    )
    groups: Names = Field(default=(), description="groups that this display is in, besides `all` and its wall's")
    wall: Name | None = Field(default=None, description="the wall that this display is a tile of")
    wall_size: Annotated[str, _pair(r"\d{1,5}x\d{1,5}")] | None = Field(
        default=None, description="the wall's size in pixels, as 128x8"
    )
    wall_at: Annotated[str, _pair(r"\d{1,5},\d{1,5}")] | None = Field(
        default=None, description="column and row of this tile's upper left corner on the wall, as 32,0"
    )
    switches: Annotated[CommaList, AfterValidator(_switches)] = Field(
        default=("+",), description="the switches that are shown, merged; + is all"
    )
    driver: Annotated[DriverName, LowerCase] = Field(
        default="auto", description="what shows the frames; auto is the first of the others that works here"
    )
    cascaded: Annotated[int, Field(ge=1, le=MAX_MODULES)] | None = Field(
        default=None, description="how many 8x8 modules the chain has; default: 4, or what WIDTH and HEIGHT need"
    )
    width: Annotated[int, Field(ge=8, le=8 * MAX_MODULES)] | None = Field(
        default=None, description="the panel's width in pixels before ROTATE; default: what CASCADED and HEIGHT leave"
    )
    height: Annotated[int, Field(ge=8, le=8 * MAX_MODULES)] = Field(
        default=8, description="the panel's height in pixels before ROTATE"
    )
    block_orientation: Annotated[Orientation, Whole] = Field(
        default=-90, description="degrees by which each module is turned; -90 suits most four-in-one panels"
    )
    rotate: Annotated[Rotation, Whole] = Field(default=0, description="quarter turns clockwise of the whole picture")
    reverse: bool = Field(default=False, description="the chain enters each row of modules at its right end")
    spi_port: Annotated[int, Field(ge=0, le=9)] = Field(default=0, description="X of /dev/spidevX.Y")
    spi_device: Annotated[int, Field(ge=0, le=9)] = Field(default=0, description="Y of /dev/spidevX.Y")
    spi_speed_hz: Annotated[Speed, Whole] = Field(
        default=1_000_000, description="clock on the SPI bus; long wires want it slow"
    )
    brightness: Annotated[int, Field(ge=0, le=15)] = Field(default=4, description="brightness; 0 is dim, not dark")
    pages_file: ExistingFile | None = Field(
        default=None, description="YAML of pages, alerts and schedule (docs/pages.md) instead of the default rotation"
    )
    max_hide: Annotated[int, Field(ge=1, le=3600)] = Field(
        default=60, description="seconds for which notifications below critical may cover the page at a stretch"
    )
    frame_hz: Annotated[float, Field(ge=0, le=60)] = Field(
        default=5, description="how often a second the frame topic may change; 0 turns it off"
    )

    @model_validator(mode="after")
    def _modules_fill_the_panel(self) -> Self:
        if self.height % 8:
            raise ValueError(f"LAMPFIELD_HEIGHT: {self.height} is no whole number of modules; allowed: multiples of 8")
        if self.width is not None and self.width % 8:
            raise ValueError(f"LAMPFIELD_WIDTH: {self.width} is no whole number of modules; allowed: multiples of 8")
        rows = self.height // 8
        if self.width is not None:
            modules = self.width // 8 * rows
            if modules > MAX_MODULES:
                raise ValueError(f"LAMPFIELD_WIDTH: {modules} modules; allowed: at most {MAX_MODULES} in one chain")
            if self.cascaded not in (None, modules):
                raise ValueError(
                    f"LAMPFIELD_CASCADED: {self.cascaded} modules are not {self.width}x{self.height} pixels;"
                    f" allowed: {modules}, or leave it out"
                )
        elif (self.cascaded or _DEFAULT_MODULES) % rows:
            raise ValueError(
                f"LAMPFIELD_CASCADED: {self.cascaded or _DEFAULT_MODULES} modules do not fill {rows} rows;"
                f" allowed: a multiple of {rows}"
            )
        return self

    @model_validator(mode="after")
    def _wall_is_whole(self) -> Self:
        parts = {"LAMPFIELD_WALL": self.wall, "LAMPFIELD_WALL_SIZE": self.wall_size, "LAMPFIELD_WALL_AT": self.wall_at}
        missing = [name for name, value in parts.items() if value is None]
        if missing and len(missing) < len(parts):
            raise ValueError(f"{missing[0]}: is not set; allowed: all of {', '.join(parts)}, or none")
        place = self.wall_place
        if place is not None:
            width, height = self.geometry.frame_size
            if max(place.width, place.height) > MAX_SIDE:
                raise ValueError(
                    f"LAMPFIELD_WALL_SIZE: {self.wall_size} is too large; allowed: up to {MAX_SIDE} pixels a side"
                )
            right, bottom = place.width - width, place.height - height
            if right < 0 or bottom < 0:
                raise ValueError(
                    f"LAMPFIELD_WALL_SIZE: {self.wall_size} is too small; allowed: {width}x{height} and up"
                )
            if place.x > right or place.y > bottom:
                raise ValueError(
                    f"LAMPFIELD_WALL_AT: {self.wall_at} puts {width}x{height} pixels outside {self.wall_size};"
                    f" allowed: up to {right},{bottom}"
                )
        return self

    @property
    def geometry(self) -> Geometry:
        """How the modules are mounted."""
        width = self.width or 64 * (self.cascaded or _DEFAULT_MODULES) // self.height
        return Geometry(width, self.height, self.block_orientation, self.rotate, self.reverse)

    @property
    def driver_options(self) -> DriverOptions:
        """What the drivers need."""
        return DriverOptions(self.geometry, self.brightness, self.spi_port, self.spi_device, self.spi_speed_hz)

    @property
    def wall_place(self) -> WallPlace | None:
        """The tile of the wall that this display is."""
        if self.wall is None or self.wall_size is None or self.wall_at is None:
            return None
        width, height = map(int, self.wall_size.split("x"))
        x, y = map(int, self.wall_at.split(","))
        return WallPlace(name=self.wall, width=width, height=height, x=x, y=y)


def panel_of(settings: Settings, display: str, driver: str, now: int) -> Panel:
    """The settings as the pure side knows them."""
    width, height = settings.geometry.frame_size
    return Panel(
        display=display,
        width=width,
        height=height,
        groups=settings.groups,
        wall=settings.wall_place,
        switches=settings.switches,
        brightness=settings.brightness,
        max_hide_ms=settings.max_hide * 1000,
        timezone=settings.zone,
        driver=driver,
        version=metadata.version(f"lampfield-{PROGRAM}"),
        started_at=now,
    )
