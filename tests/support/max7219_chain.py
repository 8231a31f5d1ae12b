"""A chain of MAX7219s on 8x8 matrices, modelled from the datasheet (Maxim 19-4452, rev 4), behind a fake `spidev`.

It knows nothing of luma and nothing of our own framing: bits go in at DIN, and `visible()` is what a person in front of
the panel sees. So it can prove both of them wrong.

Facts, with the datasheet's headings: 16 bits shift in at DIN, D15 first, and come out at DOUT 16 clocks later (*Serial-
Addressing Modes*); the rising edge of CS latches (*Pin Description*); D11..D8 is the address, D15..D12 are ignored
(*Table 1*); addresses: *Table 2*; after power-up: shut down, one digit scanned, least intensity (*Initial Power-Up*);
display test overrides shutdown and all else (*Display-Test Register*); at most 10 MHz (*Timing Characteristics*).
"""

import errno
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType

NO_OP, DECODE, INTENSITY, SCAN_LIMIT, SHUTDOWN, DISPLAY_TEST = 0x0, 0x9, 0xA, 0xB, 0xC, 0xF
MAX_CLOCK_HZ = 10_000_000

# Code B font, segments D6..D0 = A..G, for 0..9, -, E, H, L, P and blank (*Table 5*).
_CODE_B = (0x7E, 0x30, 0x6D, 0x79, 0x33, 0x5B, 0x5F, 0x70, 0x7F, 0x7B, 0x01, 0x4F, 0x37, 0x0E, 0x67, 0x00)

Point = tuple[int, int]


class Module:
    """One MAX7219 and its matrix: a shift register, and the registers that it latches into."""

    def __init__(self) -> None:
        self.shift = 0
        self.power_on()

    def power_on(self, *, digits: Sequence[int] = (0,) * 8, decode: int = 0) -> None:
        """Forget everything. The digit registers are RAM: a test may say what stands in them, and in decode."""
        self.digits = list(digits)
        self.registers = {DECODE: decode, INTENSITY: 0, SCAN_LIMIT: 0, SHUTDOWN: 0, DISPLAY_TEST: 0}

    def clock(self, bit: int) -> int:
        """A rising edge of CLK: `bit` enters, and the one that falls out at DOUT is returned."""
        out = self.shift >> 15
        self.shift = (self.shift << 1 | bit) & 0xFFFF
        return out

    def latch(self) -> None:
        """The rising edge of CS."""
        address, data = self.shift >> 8 & 0xF, self.shift & 0xFF
        if 1 <= address <= 8:
            self.digits[address - 1] = data
        elif address in self.registers:
            self.registers[address] = data

    def segments(self, digit: int) -> int:
        """Which of a digit's eight lines are lit, as bits D7..D0 (D7 = the decimal point)."""
        if self.registers[DISPLAY_TEST] & 1:
            return 0xFF
        if not self.registers[SHUTDOWN] & 1 or digit > self.registers[SCAN_LIMIT] & 7:
            return 0
        data = self.digits[digit]
        if self.registers[DECODE] >> digit & 1:
            return data & 0x80 | _CODE_B[data & 0x0F]
        return data

    def lit(self) -> Iterator[Point]:
        """Lit LEDs as (x, y) of a module that stands as luma's orientation 0 has it: digit = column, D0 = top row."""
        for digit in range(8):
            segments = self.segments(digit)
            for bit in range(8):
                if segments >> bit & 1:
                    yield digit, bit


def _clockwise(point: Point, width: int, height: int, turns: int) -> Point:
    """Where `point` of a sheet of this size goes when the sheet is turned by so many quarters."""
    x, y = point
    for _ in range(turns % 4):
        x, y = height - 1 - y, x
        width, height = height, width
    return x, y


@dataclass
class Mounting:
    """How the modules hang on the wall.

    `turned`: by how many degrees clockwise each module is turned in its place. `right_to_left`: the chain enters each
    row of modules at its right end (else at its left); rows follow each other from the top. `to_and_fro`: every second
    row runs the other way instead. `hung`: by how many quarter turns counter-clockwise the finished panel hangs.
    """

    columns: int = 4
    rows: int = 1
    turned: int = 0
    right_to_left: bool = False
    hung: int = 0
    to_and_fro: bool = False

    def cells(self) -> list[Point]:
        """The grid place of each module, the one next to the Pi first."""
        columns = range(self.columns)
        backwards = [self.right_to_left != (self.to_and_fro and y % 2 == 1) for y in range(self.rows)]
        return [(x, y) for y in range(self.rows) for x in (reversed(columns) if backwards[y] else columns)]


class Chain:
    """So many modules, DOUT to DIN, on one clock and one CS; the first is next to the Pi."""

    def __init__(self, mounting: Mounting) -> None:
        self.mounting = mounting
        self.modules = [Module() for _ in range(mounting.columns * mounting.rows)]

    def transfer(self, data: Iterable[int]) -> None:
        """CS falls, the bytes are clocked in, D7 of each first, CS rises."""
        for byte in data:
            for position in range(7, -1, -1):
                bit = byte >> position & 1
                for module in self.modules:
                    bit = module.clock(bit)
        for module in self.modules:
            module.latch()

    def brown_out(self, index: int, *, digits: Sequence[int] = (0xA5, 0x5A) * 4) -> None:
        """The supply of one module dips: registers as after power-up, garbage in its RAM and in what is undefined."""
        self.modules[index].power_on(digits=digits, decode=0xFF)
        self.modules[index].shift = 0

    def visible(self) -> str:
        """What a person sees, as art: `#` lit, `.` dark, one line per row of pixels, each ended by LF."""
        mounting = self.mounting
        width, height = mounting.columns * 8, mounting.rows * 8
        points: set[Point] = set()
        for (column, row), module in zip(mounting.cells(), self.modules, strict=True):
            for led in module.lit():
                x, y = _clockwise(led, 8, 8, mounting.turned // 90)
                points.add(_clockwise((column * 8 + x, row * 8 + y), width, height, -mounting.hung))
        if mounting.hung % 2:
            width, height = height, width
        return "".join("".join("#" if (x, y) in points else "." for x in range(width)) + "\n" for y in range(height))


@dataclass
class SpiBus:
    """One SPI bus: what hangs on it, what was sent, and which transfers shall fail.

    `failures` maps a transfer's number (the first is 0) to how many of its bytes are still clocked in before the error.
    """

    chain: Chain
    transfers: list[bytes] = field(default_factory=list)
    failures: dict[int, int] = field(default_factory=dict)
    broken: bool = False
    vanished: bool = False  # unbound from its driver: what was open stays dead, and nothing opens
    opened: tuple[int, int] | None = None
    closed: bool = False
    attempts: int = 0

    @property
    def sent(self) -> int:
        """Bytes so far."""
        return sum(map(len, self.transfers))

    def write(self, data: bytes) -> None:
        """One transfer, or OSError(EIO)."""
        attempt, self.attempts = self.attempts, self.attempts + 1
        if self.broken or attempt in self.failures:
            self.chain.transfer(data[: self.failures.get(attempt, 0)])
            raise OSError(errno.EIO, "Input/output error")
        self.transfers.append(data)
        self.chain.transfer(data)


class FakeSpiDev:
    """Stands for `spidev.SpiDev`, as far as luma and we use it."""

    def __init__(self, bus: SpiBus) -> None:
        self._bus = bus
        self._dead = False
        self.mode = 0
        self.bits_per_word = 8
        self.max_speed_hz = 500_000

    def open(self, port: int, device: int) -> None:
        if self._bus.vanished:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory")
        self._bus.opened = (port, device)
        self._bus.closed = False

    def writebytes(self, values: Sequence[int]) -> None:
        assert not self._bus.closed, "written to after close()"
        assert self.mode in (0, 3), "a MAX7219 takes its bits on the rising edge"
        assert self.max_speed_hz <= MAX_CLOCK_HZ, "faster than a MAX7219 can follow"
        self._dead = self._dead or self._bus.vanished
        if self._dead:
            raise OSError(errno.ESHUTDOWN, "Cannot send after transport endpoint shutdown")
        self._bus.write(bytes(values))

    def writebytes2(self, values: Sequence[int]) -> None:
        self.writebytes(values)

    def xfer2(self, values: Sequence[int]) -> list[int]:
        self.writebytes(values)
        return [0] * len(values)  # MISO is not connected

    def close(self) -> None:
        self._bus.closed = True


@contextmanager
def fake_spidev(bus: SpiBus) -> Iterator[SpiBus]:
    """Put a module `spidev` in place whose every SpiDev is on this bus."""
    module = ModuleType("spidev")
    module.SpiDev = lambda: FakeSpiDev(bus)  # type: ignore[attr-defined]  # a module made here has what we give it
    before = sys.modules.get("spidev")
    sys.modules["spidev"] = module
    try:
        yield bus
    finally:
        if before is None:
            del sys.modules["spidev"]
        else:
            sys.modules["spidev"] = before
