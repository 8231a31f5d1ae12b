"""The panel in a terminal: two pixels per character, red on dark.

The panel keeps the top lines; below them a scroll region is left for whatever else writes to the terminal, so a log
line never tears it, whoever writes it. Only lines that changed are written. Draws nothing on what is no terminal.
"""

import logging
import os
from collections.abc import Callable
from typing import Final, NamedTuple, TextIO

from led_renderer.frame import Frame

__all__ = ["Style", "Terminal", "Window", "draw", "is_drawable"]

_HALVES: Final = (" ", "▄", "▀", "█")  # index: upper pixel * 2 + lower pixel
_HALVES_ASCII: Final = (" ", ".", "'", ":")
_REDS: Final = (88, 124, 160, 196)  # of the 256 colours, dim to bright
_DARK: Final = 233
_LOG_LINES: Final = 3  # a window too low for the panel and these gets no region of its own for logs

_SAVE, _RESTORE = "\x1b7", "\x1b8"
_HIDE_CURSOR, _SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
_WHOLE_SCREEN, _CLEAR, _PLAIN, _ERASE_LINE = "\x1b[r", "\x1b[2J", "\x1b[0m", "\x1b[2K"

_log = logging.getLogger(__name__)


class Style(NamedTuple):
    """What the terminal understands."""

    unicode: bool
    colour: bool


class Window(NamedTuple):
    """A terminal's size in characters."""

    columns: int
    lines: int


def draw(frame: Frame, caption: str, window: Window, style: Style, red: int) -> list[str]:
    """The lines to show, none wider than the window nor more than it has. What does not fit is cut off and noted."""
    halves = _HALVES if style.unicode else _HALVES_ASCII
    width = min(frame.width, window.columns)
    framed = frame.width + 2 <= window.columns
    on, off = (f"\x1b[38;5;{red};48;5;{_DARK}m", _PLAIN) if style.colour else ("", "")
    lines = []
    for y in range(0, frame.height, 2):
        upper, lower = f"{frame.rows[y]:0{frame.width}b}", "0" * frame.width
        if y + 1 < frame.height:
            lower = f"{frame.rows[y + 1]:0{frame.width}b}"
        cells = "".join(halves[(u == "1") * 2 + (v == "1")] for u, v in zip(upper[:width], lower, strict=False))
        lines.append(f"{on}{cells}{off}")
    notes = [f"{width} of {frame.width} columns"] if width < frame.width else []
    room = window.lines - 1 - 2 * framed
    if len(lines) > room:
        lines = lines[: max(room, 0)]
        notes.append(f"{len(lines) * 2} of {frame.height} rows")
    if framed:
        lines = _boxed(lines, width, style)
    text = f"{caption} ({', '.join(notes)})" if notes else caption
    return [*lines, "".join(c if c.isprintable() else "?" for c in text)[: window.columns]]


def _boxed(lines: list[str], width: int, style: Style) -> list[str]:
    if not style.unicode:
        edge = "+" + "-" * width + "+"
        return [edge, *(f"|{line}|" for line in lines), edge]
    return ["╭" + "─" * width + "╮", *(f"│{line}│" for line in lines), "╰" + "─" * width + "╯"]


class Terminal:
    """Draws frames on `stream` when it is a terminal; says so once and draws nothing when it is not."""

    name: Final = "terminal"
    spi_bytes: Final = 0
    spi_errors: Final = 0

    def __init__(
        self,
        stream: TextIO,
        size: tuple[int, int],
        *,
        brightness: int = 15,
        window: Callable[[int], os.terminal_size] = os.get_terminal_size,
    ) -> None:
        self._stream = stream
        self._ask_window = window
        self._open = is_drawable(stream)
        # https://no-color.org: any value but an empty one means no colour
        self._style = Style(_is_utf8(stream), not os.environ.get("NO_COLOR"))
        self._frame = self._dark = Frame(*size, (0,) * size[1])
        self._on = True
        self._brightness = brightness
        self._caption = ""
        self._window: Window | None = None
        self._shown: list[str] = []
        if not self._open:
            _log.warning(
                "stdout is no terminal that can be drawn on: nothing is; the frame topic tells what the panel shows"
            )

    def show(self, frame: Frame) -> None:
        """Writes the lines that changed, or all after the window was resized."""
        self._frame = frame
        if not self._open:
            return
        try:
            self._draw()
        except (OSError, ValueError) as error:  # ValueError: the stream is closed
            self._open = False
            _log.warning("the terminal is gone, nothing more is drawn: %s", error)

    def brightness(self, level: int) -> None:
        """A brighter or darker red, from the next `show` on."""
        self._brightness = level

    def power(self, *, on: bool) -> None:
        """Lit or dark, from the next `show` on."""
        self._on = on

    def caption(self, text: str) -> None:
        """The line below the panel, from the next `show` on."""
        self._caption = text

    def refresh(self) -> None:
        """Has the next `show` draw all lines again."""
        self._shown = []

    def close(self) -> None:
        """Takes the panel off the screen and gives the terminal back as it was; log lines stay."""
        if not self._open or self._window is None:
            return
        self._open = False
        erase = "".join(f"\x1b[{line};1H{_ERASE_LINE}" for line in range(1, len(self._shown) + 1))
        try:
            self._write(f"{_PLAIN}{_WHOLE_SCREEN}{erase}\x1b[{self._window.lines};1H{_SHOW_CURSOR}\n")
        except (OSError, ValueError) as error:
            _log.warning("the terminal is gone: %s", error)

    def _draw(self) -> None:
        window = Window(*self._ask_window(self._stream.fileno()))
        frame = self._frame if self._on else self._dark
        lines = draw(frame, self._caption, window, self._style, _REDS[self._brightness // 4])
        if window != self._window:
            self._take_over(window, len(lines))
        changed = [
            f"\x1b[{number};1H{_ERASE_LINE}{line}"
            for number, line in enumerate(lines, 1)
            if number > len(self._shown) or line != self._shown[number - 1]
        ]
        if changed:
            self._write(f"{_SAVE}{''.join(changed)}{_PLAIN}{_RESTORE}")
        self._shown = lines

    def _take_over(self, window: Window, height: int) -> None:
        """Moves what stands on the screen into its history, and leaves the lines below the panel to the logs."""
        push = "\n" * window.lines if self._window is None else f"{_WHOLE_SCREEN}{_CLEAR}"
        top = height + 1
        region = f"\x1b[{top};{window.lines}r" if height + _LOG_LINES <= window.lines else ""
        self._write(f"{_HIDE_CURSOR}{push}{region}\x1b[{min(top, window.lines)};1H")
        self._window = window
        self._shown = []

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def is_drawable(stream: TextIO) -> bool:
    """Whether the stream is a terminal that can move its cursor."""
    return stream.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def _is_utf8(stream: TextIO) -> bool:
    return (stream.encoding or "").lower().replace("-", "").replace("_", "") == "utf8"
