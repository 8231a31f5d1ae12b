"""Numbers to be read from afar, and ages: digits of one width in three faces. Pure, but for reading them at import."""

from functools import lru_cache
from importlib.resources import files
from typing import Final, Literal

from led_renderer.frame import Frame

__all__ = ["Face", "number"]

Face = Literal["3x5", "3x7", "5x7"]
GAP: Final = 1  # columns between two digits


def _digits() -> dict[tuple[str, str], Frame]:
    """The glyphs of art/digits.txt by face and character."""
    art = files("led_renderer").joinpath("art/digits.txt").read_text(encoding="utf-8")
    glyphs = {}
    for block in art.strip().split("\n\n")[1:]:  # the first is the comment
        head, rows = block.split("\n", 1)
        face, character = head.split()
        glyphs[face, character] = Frame.parse(rows + "\n")
    return glyphs


_DIGITS: Final = _digits()


@lru_cache(maxsize=512)
def number(digits: str, face: Face, factor: int = 1) -> Frame:
    """ASCII digits, with a colon, a dash or the like among them, in `face`, each pixel a square of `factor`.

    ValueError names what the face lacks; there must be at least one.
    """
    glyphs = []
    for character in digits:
        glyph = _DIGITS.get((face, character))
        if glyph is None:
            raise ValueError(f"number: {character!r} in {digits!r} is not a digit of the face {face}")
        glyphs.append(glyph)
    high = int(face.partition("x")[2])
    frame = Frame(sum(glyph.width + GAP for glyph in glyphs) - GAP, high)
    left = 0
    for glyph in glyphs:
        frame = frame.over(glyph, left)
        left += glyph.width + GAP
    return frame.stretched(factor)
