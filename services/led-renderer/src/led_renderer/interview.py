"""The questions of `led-renderer wiring`: answers in, the next picture and question out, and what follows. Pure.

Everything that was answered is one value, `Known`; the question and the outcome are functions of it, so taking an
answer back is keeping the value before it.
"""

import re
from collections.abc import Callable, Iterable
from typing import Final, Literal, get_args

import msgspec
from msgspec import Struct

from led_renderer.digits import number
from led_renderer.frame import Frame
from led_renderer.layouts import Layout, layouts, nearest_to_default, telling_cell
from led_renderer.mounting import SIDE, laid, turned
from led_renderer.wire import MAX_MODULES, Cell, Geometry

__all__ = [
    "ARROW", "Advice", "Known", "NumberAt", "Outcome", "Question", "Suggestion", "answered", "numeral", "outcome",
    "question",
]  # fmt: skip

Arrow = Literal["up", "right", "down", "left", "differ"]
Verdict = Literal["yes", "mirrored", "no"]

ARROW: Final = Frame.parse("...##...\n..####..\n.######.\n########\n...##...\n...##...\n...##...\n...##...\n")
_TURNS: Final[dict[str, int]] = {"up": 0, "right": 90, "down": 180, "left": 270}  # degrees clockwise
# What a terminal sends for the arrow keys (ECMA-48, CUU to CUB; read in lower case); and `d`, which begins differ too.
_ARROW_KEYS: Final = {"\x1b[a": "up", "\x1b[c": "right", "\x1b[b": "down", "\x1b[d": "left", "d": "down"}
_HUNDREDS: Final = (2, 5)  # the columns of their dots


class NumberAt(Struct, frozen=True):
    """Asks for the number on the module of this column and row."""

    cell: Cell


class Question(Struct, frozen=True):
    """`picture` (a chain picture) is to be shown while `text` is asked; `allowed` says what may be answered."""

    asked: Literal["size", "lit", "arrow", "verdict"] | NumberAt
    picture: Frame
    text: str
    allowed: str


class Known(Struct, frozen=True):
    """What was answered so far. `lit`: how many modules are; `numbers`: which one stands in which cell."""

    columns: int = 0
    rows: int = 0
    lit: int | None = None
    arrow: Arrow | None = None
    numbers: tuple[tuple[Cell, int], ...] = ()
    verdict: Verdict | None = None

    @property
    def modules(self) -> int:
        """How many there should be."""
        return self.columns * self.rows

    @property
    def turn(self) -> int:
        """By how many degrees clockwise the modules are turned."""
        return _TURNS[self.arrow or "up"]

    @property
    def layouts(self) -> dict[Layout, list[Geometry]]:
        """The ways to mount them that explain the answers."""
        return layouts(self.columns, self.rows, self.turn, self.numbers)


class Suggestion(Struct, frozen=True):
    """The settings of this panel."""

    geometry: Geometry

    def lines(self) -> list[str]:
        """As they stand in .env."""
        geometry = self.geometry
        values = {
            "CASCADED": geometry.modules,
            "WIDTH": geometry.width,
            "HEIGHT": geometry.height,
            "BLOCK_ORIENTATION": geometry.orientation,
            "ROTATE": geometry.rotate,
            "REVERSE": "on" if geometry.reverse else "off",
        }
        return [f"LAMPFIELD_{name}={value}" for name, value in values.items()]


class Advice(Struct, frozen=True):
    """What keeps the panel from working, and what to do about it."""

    text: str


Outcome = Suggestion | Advice


def question(known: Known) -> Question | None:
    """What to ask next; None when there is an outcome."""
    if outcome(known) is not None:
        return None
    if not known.modules:
        return Question(
            "size",
            Frame(SIDE * MAX_MODULES, SIDE).inverted(),
            "Look at the panel as it will hang. How many modules (squares of 8x8 LEDs) does it have side by side, and"
            " in how many rows?",
            "4 for one row of four, 4x2 for two rows of four",
        )
    if known.lit is None:
        return Question(
            "lit",
            Frame(SIDE * MAX_MODULES, SIDE).inverted(),
            "Is every LED lit?" if known.modules == 1 else f"All {known.modules} should be lit, every LED. Are they?",
            "y, or how many are lit",
        )
    if known.arrow is None:
        return Question(
            "arrow",
            _row([ARROW] * known.modules),
            "An arrow on every module. Which way does it point?",
            "up, right, down, left; or differ, when they do not all point the same way",
        )
    return _ask_for_number(known) if len(known.layouts) > 1 else _ask_for_verdict(known)


def answered(known: Known, answer: str) -> Known:
    """What is known after this answer to `question(known)`. ValueError, for the person, where it is not understood."""
    asking = question(known)
    if asking is None:
        return known
    text = " ".join(answer.lower().split())
    take = _TAKE.get(asking.asked, _take_number) if isinstance(asking.asked, str) else _take_number
    return take(known, text, asking)


def outcome(known: Known) -> Outcome | None:
    """What the answers amount to; None while something is left to ask."""
    text = _broken_chain(known) or _no_setting(known) or _wrong_picture(known)
    if text is not None:
        return Advice(text)
    return Suggestion(_geometry(known)) if known.verdict == "yes" else None


# --- what can be answered ---------------------------------------------------------------------------------------------


def _take_size(known: Known, text: str, asking: Question) -> Known:
    found = re.fullmatch(r"(\d{1,3})(?: ?(?:x|\*|by|,) ?(\d{1,3}))?", text, re.ASCII)
    if not found:
        raise ValueError(f"That is not understood; allowed: {asking.allowed}")
    columns, rows = int(found[1]), int(found[2] or 1)
    if not 1 <= columns * rows <= MAX_MODULES:
        raise ValueError(f"{columns * rows} modules; allowed: 1 to {MAX_MODULES} in one chain")
    return msgspec.structs.replace(known, columns=columns, rows=rows)


def _take_lit(known: Known, text: str, asking: Question) -> Known:
    words = {"y": known.modules, "yes": known.modules, "all": known.modules, "none": 0}
    return msgspec.structs.replace(known, lit=words[text] if text in words else _whole(text, asking))


def _take_arrow(known: Known, text: str, asking: Question) -> Known:
    word = _ARROW_KEYS.get(text) or _word(text, get_args(Arrow), asking)
    return msgspec.structs.replace(known, arrow=word)


def _take_number(known: Known, text: str, asking: Question) -> Known:
    shown = _whole(text, asking)
    if not isinstance(asking.asked, NumberAt) or not 1 <= shown <= known.modules:
        raise ValueError(f"There is no number {shown}; allowed: {asking.allowed}")
    return msgspec.structs.replace(known, numbers=(*known.numbers, (asking.asked.cell, shown)))


def _take_verdict(known: Known, text: str, asking: Question) -> Known:
    return msgspec.structs.replace(known, verdict=_word(text, get_args(Verdict), asking))


_TAKE: Final[dict[str, Callable[[Known, str, Question], Known]]] = {
    "size": _take_size,
    "lit": _take_lit,
    "arrow": _take_arrow,
    "verdict": _take_verdict,
}


def _word(text: str, words: Iterable[str], asking: Question) -> str:
    """The one word that begins like this."""
    fitting = [word for word in words if text and word.startswith(text)]
    if len(fitting) != 1:
        raise ValueError(f"That is not understood; allowed: {asking.allowed}")
    return fitting[0]


def _whole(text: str, asking: Question) -> int:
    if not re.fullmatch(r"\d{1,3}", text, re.ASCII):
        raise ValueError(f"That is not understood; allowed: {asking.allowed}")
    return int(text)


# --- what follows -----------------------------------------------------------------------------------------------------


def _broken_chain(known: Known) -> str | None:
    """Advice where not every module hears us."""
    if known.lit in (None, known.modules):
        return None
    if known.lit == 0:
        return (
            "Nothing is lit: no module hears us. Is there 5 V between VCC and GND? Is the Pi's ground connected with"
            " the panel's? Does the cable lead to the end that is marked DIN, not DOUT? Do pins 19 (MOSI), 24 (CE0)"
            " and 23 (SCLK) lead to DIN, CS and CLK? And what does `led-renderer doctor` say?"
        )
    if known.lit is not None and known.lit > known.modules:
        return f"{known.lit} are more than the {known.modules} that you counted before. Start again."
    return (
        f"The chain breaks behind the module that is number {known.lit} from the Pi, if the dark ones lie at its end."
        " Look at the wires to the next: DOUT to DIN, CS to CS, CLK to CLK, 5 V, ground. If they are good, exchange the"
        " two modules: the fault moves along with the broken one. A dark one among lit ones is broken itself, or lacks"
        " 5 V."
    )


def _no_setting(known: Known) -> str | None:
    """Advice where the panel hangs as no setting describes."""
    if known.arrow is None:
        return None
    if known.arrow == "differ":
        return (
            "The modules stand differently, and no setting turns them one by one. Mount them so that all the arrows"
            " point the same way. (Where the cable runs to and fro, every second row stands upside down.)"
        )
    left = known.layouts
    if not left:
        return "No way to mount modules explains these numbers. Start again, and read them once more."
    if not any(left.values()):
        return (
            "The cable runs to and fro: every second row of the chain goes the other way, and no setting describes"
            " that. Lead it from the end of each row back to the side on which the row before it began."
        )
    return None


def _wrong_picture(known: Known) -> str | None:
    """Advice where the suggestion does not show what it should."""
    if known.verdict == "mirrored":
        return (
            "These modules connect their LEDs the other way round than luma and Lampfield know them, and no setting"
            " mirrors them. (Or you look at them from behind.)"
        )
    if known.verdict == "no":
        return "Then an answer was not right, or a module is mounted unlike the others. Start again."
    return None


def _geometry(known: Known) -> Geometry:
    """Of those that explain the answers, all of which show the same, the one that needs the fewest settings."""
    return nearest_to_default(geometry for geometries in known.layouts.values() for geometry in geometries)


# --- questions that need a picture of their own -----------------------------------------------------------------------


def _ask_for_number(known: Known) -> Question:
    cell = telling_cell(known.columns, known.rows, known.layouts)
    text = (
        f"Every module shows its number{_dots(known)}. Which one do you read {_where(cell, known)}? (If they do not"
        " stand upright, say `back` and look at the arrows again.)"
    )
    return Question(
        NumberAt(cell),
        _row([turned(numeral(place), -known.turn) for place in range(1, known.modules + 1)]),
        f"And {_where(cell, known)}?" if known.numbers else text,
        f"1 to {known.modules}",
    )


def _ask_for_verdict(known: Known) -> Question:
    panel = Frame(SIDE * known.columns, SIDE * known.rows)
    for place in range(known.modules):
        row, column = divmod(place, known.columns)
        panel = panel.over(numeral(1 + place), SIDE * column, SIDE * row)
    text = f"The numbers 1 to {known.modules}{_dots(known)}. Do they read as in a book, from the left and from the top?"
    return Question(
        "verdict",
        laid(panel, _geometry(known)),
        "A 1. Does it stand upright?" if known.modules == 1 else text,
        "y, n, or m when they are mirrored",
    )


def _dots(known: Known) -> str:
    return " (a dot above counts for a hundred)" if known.modules > 99 else ""


def _where(cell: Cell, known: Known) -> str:
    column, row = cell
    right, bottom = known.columns - 1, known.rows - 1
    if bottom == 0:
        return "on the leftmost one" if column == 0 else "on the rightmost one"
    if right == 0:
        return "at the top" if row == 0 else "at the bottom"
    if cell in ((0, 0), (right, 0), (0, bottom), (right, bottom)):
        return f"in the {'lower' if row else 'upper'} {'right' if column else 'left'} corner"
    return "in the second row, on the left" if row else "in the upper row, second from the left"


def numeral(shown: int) -> Frame:
    """1 to 299 on one module: two digits, and above them a dot for each hundred."""
    hundreds, rest = divmod(shown, 100)
    digits = number(f"{rest:02d}" if hundreds else str(rest), "3x5")
    picture = Frame(SIDE, SIDE).over(digits, (SIDE - digits.width) // 2, 2)
    for column in _HUNDREDS[:hundreds]:
        picture = picture.over(Frame(1, 1, [1]), column, 0)
    return picture


def _row(modules: Iterable[Frame]) -> Frame:
    pictures = list(modules)
    row = Frame(SIDE * len(pictures), SIDE)
    for place, picture in enumerate(pictures):
        row = row.over(picture, SIDE * place, 0)
    return row
