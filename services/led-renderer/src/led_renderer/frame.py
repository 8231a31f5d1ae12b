"""A picture of lit and dark LEDs: rows of ints. Pure: knows no text, no widget and no driver.

In a row the highest of its `width` bits is the leftmost pixel, so drawing is shifting and or-ing whole rows, which is
several times cheaper than pixel by pixel (docs/benchmarks.md). Frames are values: everything here returns a new one.
"""

from collections.abc import Iterable
from typing import Final, Self

__all__ = ["MAX_SIDE", "Frame"]

LIT: Final = "#"
DARK: Final = "."
MAX_SIDE: Final = 8192  # pixels; a wall of 1 024 modules side by side


class Frame:
    """`width` x `height` pixels. `str()` gives the art of the `frame` topic, and `parse` inverts it."""

    __slots__ = ("height", "rows", "width")

    def __init__(self, width: int, height: int, rows: Iterable[int] = ()) -> None:
        """`rows`, top first, are cut to `width` and filled up with dark ones. ValueError for an impossible size."""
        if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
            raise ValueError(f"frame: {width}x{height} pixels; allowed: 1 to {MAX_SIDE} a side")
        mask = (1 << width) - 1
        given = tuple(row & mask for row in rows)
        if len(given) > height:
            raise ValueError(f"frame: {len(given)} rows given for a height of {height}")
        self.width = width
        self.height = height
        self.rows: tuple[int, ...] = given + (0,) * (height - len(given))

    @classmethod
    def parse(cls, art: str) -> Self:
        """`#` and `.` art, one line per row, each ended by LF. ValueError names the line that is wrong."""
        if not art.endswith("\n"):
            raise ValueError("frame: the last line is not ended by LF")
        lines = art[:-1].split("\n")
        width = len(lines[0])
        rows = []
        for number, line in enumerate(lines, 1):
            if len(line) != width or line.strip(LIT + DARK):
                raise ValueError(f"frame: line {number}: {line[:40]!r} is not {width} of {LIT!r} and {DARK!r}")
            rows.append(int(line.replace(LIT, "1").replace(DARK, "0"), 2) if line else 0)
        return cls(width, len(lines), rows)

    def __str__(self) -> str:
        lines = (f"{row:0{self.width}b}\n" for row in self.rows)
        return "".join(lines).replace("1", LIT).replace("0", DARK)

    def __repr__(self) -> str:
        return f"Frame({self.width}, {self.height}, {self.rows})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Frame) and self.rows == other.rows and self.width == other.width

    def __hash__(self) -> int:
        return hash((self.width, self.rows))

    def lit(self, x: int, y: int) -> bool:
        """Whether the pixel `x` from the left, `y` from the top is lit. IndexError outside."""
        if not 0 <= x < self.width or not 0 <= y < self.height:
            raise IndexError(f"pixel {x},{y} is outside {self.width}x{self.height}")
        return bool(self.rows[y] >> (self.width - 1 - x) & 1)

    def over(self, picture: "Frame", x: int = 0, y: int = 0) -> "Frame":
        """This frame with `picture`'s lit pixels added, its upper left corner at `x`, `y`; what sticks out is cut."""
        shift = self.width - picture.width - x
        rows = list(self.rows)
        for number, row in enumerate(picture.rows, y):
            if 0 <= number < self.height:
                rows[number] |= row << shift if shift >= 0 else row >> -shift
        return Frame(self.width, self.height, rows)

    def crop(self, x: int, y: int, width: int, height: int) -> "Frame":
        """The part of `width` x `height` at `x`, `y`; dark where it reaches outside."""
        shift = self.width - x - width
        rows = (self.rows[number] if 0 <= number < self.height else 0 for number in range(y, y + height))
        return Frame(width, height, (row >> shift if shift >= 0 else row << -shift for row in rows))

    def inverted(self) -> "Frame":
        """Lit for dark and dark for lit."""
        mask = (1 << self.width) - 1
        return Frame(self.width, self.height, (row ^ mask for row in self.rows))

    def stretched(self, factor: int) -> "Frame":
        """Every pixel as a square of `factor` x `factor`."""
        rows = []
        for row in self.rows:
            bits = f"{row:0{self.width}b}"
            rows += [int("".join(bit * factor for bit in bits), 2)] * factor
        return Frame(self.width * factor, self.height * factor, rows)

    @property
    def dark(self) -> bool:
        """Whether no pixel is lit."""
        return not any(self.rows)
