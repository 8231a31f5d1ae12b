"""What a panel shows, read back: texts in a picture of `#` and `.`, and the picture in a terminal's output."""

import re

from led_renderer.text import strip

__all__ = ["depicts", "on_screen"]

_HALVES = {" ": "..", "▄": ".#", "▀": "#.", "█": "##"}  # upper and lower pixel


def depicts(art: str, text: str) -> bool:
    """Whether `text` stands somewhere in the picture, whole, with nothing lit around it above, below or within."""
    wanted = strip(text)
    rows = art.splitlines()
    if not rows:
        return False
    size = len(rows[0])
    pattern = [f"{row:0{wanted.width}b}".replace("1", "#").replace("0", ".") for row in wanted.rows]
    return any(
        all(row[at : at + wanted.width] == line for row, line in zip(rows, pattern, strict=False))
        for at in range(size - wanted.width + 1)
    )


def on_screen(output: str) -> str:
    """The picture that a terminal would show after `output` of the terminal driver, as `#` and `.` art."""
    lines: dict[int, str] = {}
    for number, text in re.findall(r"\x1b\[(\d+);1H\x1b\[2K((?:\x1b\[[0-9;]*m|[^\x1b\n])*)", output):
        lines[int(number)] = re.sub(r"\x1b\[[0-9;]*m", "", text).strip("│")
    art = []
    for _, line in sorted(lines.items()):
        if line and set(line) <= set(_HALVES):
            pairs = [_HALVES[cell] for cell in line]
            art += ["".join(pair[0] for pair in pairs), "".join(pair[1] for pair in pairs)]
    return "\n".join(art) + "\n"
