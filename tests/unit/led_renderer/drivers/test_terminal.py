"""The terminal driver, seen through a small terminal that understands what it writes."""

import errno
import io
import os
import re

import pytest

from led_renderer.drivers.terminal import Style, Terminal, Window, draw, is_drawable
from led_renderer.frame import Frame

PLAIN = Style(unicode=True, colour=False)
ASCII = Style(unicode=False, colour=False)
PICTURE = Frame(32, 8, (0x8000_0001, 0, 0xFFFF_FFFF, 0xFFFF_FFFF, 0, 0x8000_0001, 0, 0))
DARK = Frame(32, 8, (0,) * 8)


class Screen(io.StringIO):
    """A terminal of some columns and lines: cursor, scroll region, erase. Anything else is an assertion error."""

    encoding = "utf-8"

    def __init__(self, columns: int = 80, lines: int = 24) -> None:
        super().__init__()
        self.columns, self.lines = columns, lines
        self.rows = [" " * columns for _ in range(lines)]
        self.at = [0, 0]
        self.saved = [0, 0]
        self.region = (0, lines - 1)
        self.cursor_shown = True
        self.written = 0
        self.gone = False

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return -1

    def size(self, _: int) -> os.terminal_size:
        return os.terminal_size((self.columns, self.lines))

    def resize(self, columns: int, lines: int) -> None:
        self.columns, self.lines = columns, lines
        self.rows = [row[:columns].ljust(columns) for row in self.rows[:lines]]
        self.rows += [" " * columns] * (lines - len(self.rows))
        self.region = (0, lines - 1)

    def write(self, text: str) -> int:
        if self.gone:
            raise OSError(errno.EIO, "Input/output error")
        self.written += len(text)
        for token in re.findall(r"\x1b\[\??[\d;]*[A-Za-z]|\x1b[78]|[^\x1b]", text):
            self._take(token)
        return len(text)

    def _take(self, token: str) -> None:
        if token == "\n":
            if self.at[0] == self.region[1]:
                top, bottom = self.region
                self.rows[top : bottom + 1] = [*self.rows[top + 1 : bottom + 1], " " * self.columns]
            else:
                self.at[0] = min(self.at[0] + 1, self.lines - 1)
            self.at[1] = 0
        elif not token.startswith("\x1b"):
            row, column = self.at
            assert column < self.columns, "a line is wider than the window"
            self.rows[row] = self.rows[row][:column] + token + self.rows[row][column + 1 :]
            self.at[1] += 1
        else:
            self._control(token)

    def _control(self, token: str) -> None:
        numbers = [int(number) for number in re.findall(r"\d+", token)]
        if token == "\x1b7":
            self.saved = list(self.at)
        elif token == "\x1b8":
            self.at = list(self.saved)
        elif token.endswith("H"):
            assert 1 <= numbers[0] <= self.lines
            self.at = [numbers[0] - 1, numbers[1] - 1]
        elif token.endswith("K"):
            self.rows[self.at[0]] = " " * self.columns
        elif token.endswith("J"):
            self.rows = [" " * self.columns for _ in range(self.lines)]
        elif token.endswith("r"):
            self.region = (numbers[0] - 1, numbers[1] - 1) if numbers else (0, self.lines - 1)
            self.at = [0, 0]
        elif token in ("\x1b[?25l", "\x1b[?25h"):
            self.cursor_shown = token.endswith("h")
        else:
            assert token.endswith("m"), token

    def text(self) -> list[str]:
        return [row.rstrip() for row in self.rows]


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)


def open_terminal(screen: Screen, frame: Frame = PICTURE) -> Terminal:
    terminal = Terminal(screen, (frame.width, frame.height), window=screen.size)
    terminal.caption("hall  calls")
    terminal.show(frame)
    return terminal


PANEL = [
    "╭────────────────────────────────╮",
    "│▀                              ▀│",
    "│████████████████████████████████│",
    "│▄                              ▄│",
    "│                                │",
    "╰────────────────────────────────╯",
    "hall  calls",
]


def test_two_pixels_are_one_character() -> None:
    assert draw(PICTURE, "hall  calls", Window(80, 24), PLAIN, 196) == PANEL


def test_without_utf8_it_is_ascii() -> None:
    lines = draw(PICTURE, "hall", Window(80, 24), ASCII, 196)
    assert lines[:4] == ["+" + "-" * 32 + "+", "|'" + " " * 30 + "'|", "|" + ":" * 32 + "|", "|." + " " * 30 + ".|"]
    assert all(line.isascii() for line in lines)


def test_a_panel_of_32_columns_fits_a_window_of_40() -> None:
    lines = draw(PICTURE, "hall", Window(40, 24), PLAIN, 196)
    assert (max(map(len, lines)), lines[-1]) == (34, "hall")


def test_a_window_without_room_for_the_box_shows_the_panel_alone() -> None:
    lines = draw(PICTURE, "hall", Window(33, 24), PLAIN, 196)
    assert (len(lines), lines[1]) == (5, "█" * 32)


def test_what_does_not_fit_is_cut_off_and_noted() -> None:
    wide = Frame(128, 16, ((1 << 128) - 1,) * 16)
    lines = draw(wide, "hall", Window(40, 6), PLAIN, 196)
    assert lines[:5] == ["█" * 40] * 5
    assert lines[-1].startswith("hall (40 of 128 columns, 10 of 16")
    assert (len(lines), max(map(len, lines))) == (6, 40)


def test_red_on_dark_unless_colour_is_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[38;5;196;48;5;233m█" in draw(PICTURE, "", Window(80, 24), Style(unicode=True, colour=True), 196)[2]
    monkeypatch.setenv("NO_COLOR", "1")
    screen = Screen()
    assert not Terminal(screen, (32, 8), window=screen.size)._style.colour


def test_the_panel_stands_on_top_and_the_cursor_below_it() -> None:
    screen = Screen()
    open_terminal(screen)
    assert screen.text()[:7] == PANEL
    assert (screen.region, screen.at, screen.cursor_shown) == ((7, 23), [7, 0], False)


def test_what_others_write_never_tears_the_panel() -> None:
    screen = Screen(lines=12)
    terminal = open_terminal(screen)
    for number in range(20):
        screen.write(f"log line {number}\n")
    terminal.show(DARK)
    screen.write("log line 20\n")
    assert screen.text()[6:] == ["hall  calls", *(f"log line {number}" for number in range(17, 21)), ""]
    assert screen.text()[2] == "│" + " " * 32 + "│"


def test_nothing_is_written_when_nothing_changed() -> None:
    screen = Screen()
    terminal = open_terminal(screen)
    before = screen.written
    terminal.show(PICTURE)
    assert screen.written == before


def test_only_changed_lines_are_written() -> None:
    screen = Screen()
    terminal = open_terminal(screen)
    before = screen.written
    terminal.show(Frame(32, 8, (*PICTURE.rows[:7], 1)))
    assert screen.written - before < 120


def test_power_off_is_dark_and_brightness_a_darker_red() -> None:
    screen = Screen()
    terminal = open_terminal(screen)
    terminal.power(on=False)
    terminal.show(PICTURE)
    assert screen.text()[2] == "│" + " " * 32 + "│"
    terminal.power(on=True)
    terminal.brightness(0)
    terminal.show(PICTURE)
    assert screen.text()[:7] == PANEL


def test_a_resized_window_is_drawn_anew() -> None:
    screen = Screen()
    terminal = open_terminal(screen)
    screen.resize(33, 10)
    terminal.show(PICTURE)
    assert (screen.text()[1], screen.region) == ("█" * 32, (5, 9))


def test_a_refresh_draws_everything_again() -> None:
    screen = Screen()
    terminal = open_terminal(screen)
    screen._take("\x1b[2J")
    terminal.refresh()
    terminal.show(PICTURE)
    assert screen.text()[:7] == PANEL


def test_a_low_window_has_no_region_for_logs() -> None:
    screen = Screen(lines=8)
    open_terminal(screen)
    assert screen.region == (0, 7)


def test_close_gives_the_terminal_back() -> None:
    screen = Screen(lines=12)
    terminal = open_terminal(screen)
    screen.write("a log line\n")
    terminal.close()
    assert (screen.region, screen.cursor_shown, screen.at) == ((0, 11), True, [11, 0])
    assert [line for line in screen.text() if line] == ["a log line"]
    terminal.show(PICTURE)
    terminal.close()
    assert [line for line in screen.text() if line] == ["a log line"]


def test_a_caption_cannot_smuggle_controls_in() -> None:
    assert draw(DARK, "a\x1b[2Jb\n", Window(80, 24), PLAIN, 196)[-1] == "a?[2Jb?"


def test_what_is_no_terminal_gets_nothing_but_a_note(caplog: pytest.LogCaptureFixture) -> None:
    stream = io.StringIO()
    terminal = Terminal(stream, (32, 8))
    terminal.show(PICTURE)
    terminal.close()
    assert stream.getvalue() == ""
    assert "stdout is no terminal" in caplog.text


def test_a_terminal_that_goes_away_is_noted_once(caplog: pytest.LogCaptureFixture) -> None:
    screen = Screen()
    terminal = open_terminal(screen)
    screen.gone = True
    for frame in (DARK, PICTURE):
        terminal.show(frame)
    terminal.close()
    assert caplog.text.count("the terminal is gone") == 1


@pytest.mark.parametrize(("term", "drawable"), [("xterm", True), ("dumb", False), (None, False)])
def test_a_terminal_must_be_able_to_move_its_cursor(
    monkeypatch: pytest.MonkeyPatch, term: str | None, *, drawable: bool
) -> None:
    monkeypatch.delenv("TERM")
    if term:
        monkeypatch.setenv("TERM", term)
    assert is_drawable(Screen()) is drawable
