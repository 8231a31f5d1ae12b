"""Text as pixels: one line in the 8-row font. Pure, but for reading the font from the package once, at import.

A user's character that the font lacks is a box, and so is a letter with a mark that Unicode has no composed form for:
a name may be unreadable, but it never reads as another. Zero-width characters, bidi marks, controls and lone surrogates
are left out. Right-to-left scripts have no glyphs here, so text is never reordered.
"""

import unicodedata
from functools import lru_cache
from importlib.resources import files
from typing import Final

from led_renderer.frame import MAX_SIDE, Frame

__all__ = ["HEIGHT", "clean", "strip", "width"]

HEIGHT: Final = 8
GAP: Final = 1  # columns between two glyphs
BOX: Final = "\N{REPLACEMENT CHARACTER}"
LONGEST: Final = MAX_SIDE // (1 + GAP)  # characters; even the narrowest glyphs fill the widest frame with these
CACHED: Final = 256  # strips; a strip is at most 8 rows of 1 KiB

_DROPPED: Final = {"Cc", "Cf", "Cs"}  # controls, formats (zero-width, bidi, tags), surrogates
_MARKS: Final = {"Mn", "Mc", "Me"}
_JOINERS: Final = frozenset("\u034f\u180b\u180c\u180d\u180f")  # marks that no reader sees, with variation selectors


def _font() -> dict[str, Frame]:
    """The glyphs of art/font8.txt by character."""
    art = files("led_renderer").joinpath("art/font8.txt").read_text(encoding="utf-8")
    font = {}
    for block in art.strip().split("\n\n")[1:]:  # the first is the comment
        head, rows = block.split("\n", 1)
        font[chr(int(head.split()[0].removeprefix("U+"), 16))] = Frame.parse(rows + "\n")
    return font


_FONT: Final = _font()


def clean(text: str) -> str:
    """`text` as one composed line: NFC, each run of white space one space, none at the ends, nothing invisible."""
    kept = "".join(character for character in text if _shown(character))
    return " ".join(unicodedata.normalize("NFC", kept).split())


def width(text: str) -> int:
    """Columns of `strip(text)`."""
    return strip(text).width


def strip(text: str) -> Frame:
    """`text`, cleaned, as eight rows of at least one column. Cut after the last whole glyph that a frame can hold."""
    return _drawn(text[:LONGEST])


@lru_cache(maxsize=CACHED)
def _drawn(text: str) -> Frame:
    glyphs = _glyphs(clean(text))
    total = max(1, sum(glyph.width + GAP for glyph in glyphs) - GAP)
    rows = [0] * HEIGHT
    left = total
    for glyph in glyphs:
        left -= glyph.width
        for number, row in enumerate(glyph.rows):
            rows[number] |= row << left
        left -= GAP
    return Frame(total, HEIGHT, rows)


def _glyphs(text: str) -> list[Frame]:
    """The glyphs of a clean text, as many as a frame can hold. A mark makes a box of what it stands on."""
    glyphs: list[Frame] = []
    room = MAX_SIDE + GAP
    for character in text:
        if glyphs and unicodedata.category(character) in _MARKS:
            room += glyphs.pop().width + GAP
            character = BOX  # noqa: PLW2901 - the mark and its base are one character to the reader
        glyph = _FONT.get(character) or _FONT[BOX]
        room -= glyph.width + GAP
        if room < 0:
            break
        glyphs.append(glyph)
    return glyphs


def _shown(character: str) -> bool:
    """Whether a character takes part in what is drawn. White space does: it becomes a space."""
    if character.isspace():
        return True
    if character in _JOINERS or "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef":
        return False
    return unicodedata.category(character) not in _DROPPED
