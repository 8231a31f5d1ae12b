"""A frame as the digit registers of a MAX7219 cascade, however its modules are mounted. Pure.

What luma.led_matrix sends for the same settings, made from rows of ints instead of an image. Only bytes: nothing here
knows of SPI, and nothing is drawn.

Facts (MAX7219 datasheet, *Serial-Addressing Modes* and *Table 2*): one transfer carries one 16-bit word per module,
register number first, the farthest module's word first. luma's orientation 0 is a module whose digits are its columns
from the left and whose bit 0 is its top row.
"""

from collections.abc import Callable, Sequence
from functools import cache
from operator import itemgetter
from typing import Final, Literal, get_args

from msgspec import Struct

__all__ = ["ORIENTATIONS", "ROTATIONS", "Geometry", "Orientation", "Rotation", "Wire"]

Orientation = Literal[0, 90, -90, 180]
Rotation = Literal[0, 1, 2, 3]
ORIENTATIONS: Final[tuple[Orientation, ...]] = get_args(Orientation)
ROTATIONS: Final[tuple[Rotation, ...]] = get_args(Rotation)

_MIRRORED: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class Geometry(Struct, frozen=True):
    """How the modules are mounted, in luma's terms.

    `width`, `height`: pixels of the panel before it is rotated; multiples of 8. The chain goes through the rows of
    modules from the top, each from the left, or from the right if `reverse`. (luma reverses one row only: it raises
    IndexError on more. We reverse each row; a chain that is reversed as a whole is a panel that hangs upside down:
    `rotate` 2.) `orientation`: degrees by which each module is turned clockwise. `rotate`: quarter turns clockwise of
    the picture.
    """

    width: int
    height: int
    orientation: Orientation = 0
    rotate: Rotation = 0
    reverse: bool = False

    def __post_init__(self) -> None:
        if self.width < 8 or self.height < 8 or self.width % 8 or self.height % 8:
            raise ValueError(f"width, height: {self.width}x{self.height} is no whole number of 8x8 modules")

    @property
    def modules(self) -> int:
        """How many modules the chain has."""
        return self.width * self.height // 64

    @property
    def frame_size(self) -> tuple[int, int]:
        """Width and height of the frames that fit, in pixels."""
        return (self.height, self.width) if self.rotate % 2 else (self.width, self.height)


class Wire:
    """Turns frames into transfers for one geometry."""

    def __init__(self, geometry: Geometry) -> None:
        self.modules = geometry.modules
        frame_width, frame_height = geometry.frame_size
        self._across = frame_width // 8
        self._down = frame_height // 8
        self._order = _sending_order(geometry)
        self._digits = _READERS[(geometry.orientation - 90 * geometry.rotate) % 360]
        self._frames = [bytearray([digit, 0] * self.modules) for digit in range(1, 9)]

    def digits(self, rows: Sequence[int]) -> list[bytes]:
        """The eight digit registers of every module, for a frame's rows (ints, highest bit = leftmost pixel).

        Eight items, digit 0 first; each has one byte per module in the order of sending (farthest first).
        """
        across = self._across
        if self._down == 1:
            lines = [row.to_bytes(across, "big") for row in rows]
        else:
            lines = [b"".join([row.to_bytes(across, "big") for row in rows[line::8]]) for line in range(8)]
        return self._digits(lines, self._order)

    def transfer(self, digit: int, data: bytes) -> bytes:
        """The 2N bytes that put `data` (one item of `digits()`) into digit register `digit` (0 to 7) of N modules."""
        words = self._frames[digit]
        words[1::2] = data
        return bytes(words)

    def control(self, register: int, value: int) -> bytes:
        """The 2N bytes that put `value` into a control register of every module."""
        return bytes((register, value)) * self.modules


_Order = Callable[[bytes], bytes]
_Reader = Callable[[list[bytes], _Order], list[bytes]]


def _sending_order(geometry: Geometry) -> _Order:
    """What brings bytes of modules in the frame's reading order into the order of sending."""
    columns, rows = geometry.width // 8, geometry.height // 8
    across = geometry.frame_size[0] // 8
    chain = [(x, y) for y in range(rows) for x in (range(columns - 1, -1, -1) if geometry.reverse else range(columns))]
    places = [y * across + x for x, y in (_on_frame(cell, columns, rows, geometry.rotate) for cell in reversed(chain))]
    if places == sorted(places):
        return _same
    if places == sorted(places, reverse=True):
        return _backwards
    pick = itemgetter(*places)  # of two modules or more: one is always in order
    return lambda data: bytes(pick(data))


def _on_frame(cell: tuple[int, int], columns: int, rows: int, rotate: Rotation) -> tuple[int, int]:
    """Which 8x8 block of the frame stands on this cell of the panel, once the frame is turned clockwise."""
    x, y = cell
    if rotate == 1:
        return y, columns - 1 - x
    if rotate == 2:
        return columns - 1 - x, rows - 1 - y
    if rotate == 3:
        return rows - 1 - y, x
    return x, y


def _same(data: bytes) -> bytes:
    return data


def _backwards(data: bytes) -> bytes:
    return data[::-1]


def _rows_down(lines: list[bytes], order: _Order) -> list[bytes]:
    """90°: digit n is row n, its highest bit the left pixel."""
    return [order(line) for line in lines]


def _rows_up(lines: list[bytes], order: _Order) -> list[bytes]:
    """-90°: digit n is row 7 - n, its lowest bit the left pixel."""
    return [order(line).translate(_MIRRORED) for line in reversed(lines)]


def _columns_right(lines: list[bytes], order: _Order) -> list[bytes]:
    """0°: digit n is column n, its lowest bit the top pixel."""
    return _columns(lines, order)[::-1]


def _columns_left(lines: list[bytes], order: _Order) -> list[bytes]:
    """180°: digit n is column 7 - n, its lowest bit the bottom pixel."""
    return _columns(lines[::-1], order)


_READERS: Final[dict[int, _Reader]] = {0: _columns_right, 90: _rows_down, 180: _columns_left, 270: _rows_up}


def _columns(lines: list[bytes], order: _Order) -> list[bytes]:
    """Per column from the right, one byte per module whose bit n is line n: all modules' 8x8 bits transposed at once.

    The three exchanges of Hacker's Delight, section 7-3, on one long int instead of one 64-bit word.
    """
    modules = len(lines[0])
    packed = bytearray(8 * modules)
    for index, line in enumerate(lines):
        packed[index::8] = order(line)
    bits = int.from_bytes(packed, "little")
    for shift, mask in ((7, _mask(0x00AA00AA00AA00AA, modules)), (14, _mask(0x0000CCCC0000CCCC, modules)),
                        (28, _mask(0x00000000F0F0F0F0, modules))):  # fmt: skip
        swap = (bits ^ bits >> shift) & mask
        bits ^= swap ^ swap << shift
    turned = bits.to_bytes(8 * modules, "little")
    return [turned[index::8] for index in range(8)]


@cache
def _mask(word: int, modules: int) -> int:
    """A 64-bit word, once per module."""
    return int.from_bytes(word.to_bytes(8, "little") * modules, "little")
