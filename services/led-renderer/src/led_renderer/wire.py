"""A frame as the digit registers of a MAX7219 cascade, however its modules are mounted. Pure.

What luma.led_matrix sends for the same settings, made from rows of ints instead of an image. Only bytes: nothing here
knows of SPI, and nothing is drawn.

Facts (MAX7219 datasheet, *Serial-Addressing Modes* and *Table 2*): one transfer carries one 16-bit word per module,
register number first, the farthest module's word first. luma's orientation 0 is a module whose digits are its columns
from the left and whose bit 0 is its top row.
"""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Final, Literal, get_args

from msgspec import Struct

__all__ = ["MAX_MODULES", "ORIENTATIONS", "ROTATIONS", "Cell", "Geometry", "Orientation", "Rotation", "Wire"]

Cell = tuple[int, int]  # column and row of a module

Orientation = Literal[0, 90, -90, 180]
Rotation = Literal[0, 1, 2, 3]
ORIENTATIONS: Final[tuple[Orientation, ...]] = get_args(Orientation)
ROTATIONS: Final[tuple[Rotation, ...]] = get_args(Rotation)
MAX_MODULES: Final = 256  # in one chain

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

    @property
    def turn(self) -> int:
        """By how many degrees clockwise a module is turned as one looks at the panel: 0, 90, 180 or 270."""
        return (self.orientation - 90 * self.rotate) % 360

    def places(self) -> list[Cell]:
        """Where each module stands as one looks at the panel, the one next to the Pi first."""
        columns, rows = self.width // 8, self.height // 8
        across = range(columns - 1, -1, -1) if self.reverse else range(columns)
        return [_on_frame((x, y), columns, rows, self.rotate) for y in range(rows) for x in across]


class Wire:
    """Turns frames into transfers for one geometry.

    A *line* is what all modules have in common: the first pixel rows of every module, side by side, then the second
    ones, and so on. All eight lines are packed into one int, so that nothing is done module by module.
    """

    def __init__(self, geometry: Geometry) -> None:
        self.modules = geometry.modules
        angle = geometry.turn
        self._width, height = geometry.frame_size
        self._columns = angle in (0, 180)  # a digit register is a column of pixels, else a row
        self._mirror = angle == 270
        self._rows = _packing(height, upwards=angle == 0)
        self._pieces = _pieces(geometry, upwards=angle in (180, 270))
        self._exchanges = [
            _exchange(step, pattern, self.modules) for step, pattern in ((1, 0xAA), (2, 0xCC), (4, 0xF0))
        ]
        self._words = [bytearray([digit, 0] * self.modules) for digit in range(1, 9)]

    def digits(self, rows: Sequence[int]) -> list[bytes]:
        """The eight digit registers of every module, for a frame's rows (ints, highest bit = leftmost pixel).

        Eight items, digit 0 first; each has one byte per module in the order of sending (farthest first).
        """
        width, packed = self._width, 0
        for row in self._rows(rows):
            packed = packed << width | row
        if self._columns:
            for shift, mask in self._exchanges:
                swap = (packed ^ packed >> shift) & mask
                packed ^= swap ^ swap << shift
        data = packed.to_bytes(8 * self.modules, "big")
        if self._mirror:
            data = data.translate(_MIRRORED)
        return [piece(data) for piece in self._pieces]

    def transfer(self, digit: int, data: bytes) -> bytes:
        """The 2N bytes that put `data` (one item of `digits()`) into digit register `digit` (0 to 7) of N modules."""
        words = self._words[digit]
        words[1::2] = data
        return bytes(words)

    def control(self, register: int, value: int) -> bytes:
        """The 2N bytes that put `value` into a control register of every module."""
        return bytes((register, value)) * self.modules


# What a digit register is, by how far a module is turned (`angle`), and how that is got from packed lines:
#     0  column n, lowest bit = top pixel       lines packed upwards, transposed
#    90  row n, highest bit = left pixel        as packed
#   180  column 7 - n, lowest bit = bottom      transposed, pieces taken upwards
#   270  row 7 - n, lowest bit = left pixel     mirrored, pieces taken upwards


def _packing(height: int, *, upwards: bool) -> Callable[[Sequence[int]], Sequence[int]]:
    """What brings a frame's rows into the order of packing: the first rows of all modules, then the second ones ..."""
    lines = range(7, -1, -1) if upwards else range(8)
    return itemgetter(*[top + line for line in lines for top in range(0, height, 8)])


def _pieces(geometry: Geometry, *, upwards: bool) -> list[Callable[[bytes], bytes]]:
    """What takes each digit's bytes out of the packed lines, in the order of sending."""
    modules = geometry.modules
    places = _sending_order(geometry)
    starts = [modules * line for line in (range(7, -1, -1) if upwards else range(8))]
    if places == list(range(modules)):
        return [itemgetter(slice(start, start + modules)) for start in starts]
    if places == list(range(modules))[::-1]:
        return [itemgetter(slice(start + modules - 1, start - 1 if start else None, -1)) for start in starts]
    return [_picker([start + place for place in places]) for start in starts]


def _picker(places: list[int]) -> Callable[[bytes], bytes]:
    pick = itemgetter(*places)  # two or more: one module is always in order
    return lambda data: bytes(pick(data))


def _sending_order(geometry: Geometry) -> list[int]:
    """Where each module's 8x8 block stands on the frame, counted in reading order; the farthest module first."""
    across = geometry.frame_size[0] // 8
    return [y * across + x for x, y in reversed(geometry.places())]


def _on_frame(cell: Cell, columns: int, rows: int, rotate: Rotation) -> Cell:
    """Which 8x8 block of the frame stands on this cell of the panel, once the frame is turned clockwise."""
    x, y = cell
    if rotate == 1:
        return y, columns - 1 - x
    if rotate == 2:
        return columns - 1 - x, rows - 1 - y
    if rotate == 3:
        return rows - 1 - y, x
    return x, y


def _exchange(step: int, bits: int, modules: int) -> tuple[int, int]:
    """Shift and mask of one of the three exchanges that transpose all modules' 8x8 bits at once.

    As in Hacker's Delight, section 7-3, but a line is as long as the chain instead of one byte. `bits`: those of a byte
    that move; they move between lines that are `step` apart.
    """
    line = int.from_bytes(bytes([bits]) * modules, "big")
    mask = sum(line << 8 * modules * number for number in range(8) if not number & step)
    return step * (8 * modules - 1), mask
