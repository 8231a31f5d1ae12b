"""The interview: a truthful person in front of any panel ends with the settings that show the right picture."""

import contextlib
import itertools
import random
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from led_renderer.frame import Frame
from led_renderer.interview import (
    ARROW,
    Advice,
    Known,
    NumberAt,
    Outcome,
    Question,
    Suggestion,
    answered,
    numeral,
    outcome,
    question,
)
from led_renderer.mounting import turned
from led_renderer.wire import Geometry, Wire
from support.max7219_chain import Chain, Mounting

SIZES = [(1, 1), (2, 1), (4, 1), (1, 4), (2, 2), (4, 2), (2, 3), (3, 3)]
TURNS = (0, 90, 180, -90)
MOUNTINGS = [
    Mounting(columns, rows, turned=turn, right_to_left=backwards, hung=hung)
    for (columns, rows), turn, backwards, hung in itertools.product(SIZES, TURNS, (False, True), range(4))
]


class Wall:
    """A real panel, as far as a person can tell: what is sent comes through the model of the chips."""

    def __init__(self, mounting: Mounting) -> None:
        self.chain = Chain(mounting)
        self.size = (mounting.rows, mounting.columns) if mounting.hung % 2 else (mounting.columns, mounting.rows)
        self._tell(Wire(Geometry(8 * len(self.chain.modules), 8)))

    def _tell(self, wire: Wire) -> None:
        for register, value in ((0xB, 7), (0x9, 0), (0xF, 0), (0xC, 1)):
            self.chain.transfer(wire.control(register, value))

    def show(self, picture: Frame, geometry: Geometry | None = None) -> None:
        if geometry is None:  # a chain picture; what is sent for more modules than there are would only fall out
            geometry = Geometry(8 * len(self.chain.modules), 8)
            picture = picture.crop(0, 0, geometry.width, 8)
        wire = Wire(geometry)
        for digit, data in enumerate(wire.digits(picture.rows)):
            self.chain.transfer(wire.transfer(digit, data))

    def module(self, column: int, row: int) -> Frame:
        return Frame.parse(self.chain.visible()).crop(8 * column, 8 * row, 8, 8)

    def modules(self) -> Iterator[Frame]:
        columns, rows = self.size
        return (self.module(column, row) for row in range(rows) for column in range(columns))


class Person:
    """Answers what is seen, and nothing else. Reads arrows and upright numbers."""

    def __init__(self, wall: Wall) -> None:
        self.wall = wall

    def answer(self, asking: Question) -> str:
        if isinstance(asking.asked, NumberAt):
            return str(self.read(self.wall.module(*asking.asked.cell)))
        by_question: dict[str, Callable[[], str]] = {
            "size": lambda: "{}x{}".format(*self.wall.size),
            "lit": self.count_lit,
            "arrow": self.follow_arrow,
            "verdict": self.judge,
        }
        return by_question[asking.asked]()

    def count_lit(self) -> str:
        return str(sum(module == Frame(8, 8).inverted() for module in self.wall.modules()))

    def follow_arrow(self) -> str:
        words = {
            turned(ARROW, degrees): word
            for word, degrees in zip(("up", "right", "down", "left"), range(0, 360, 90), strict=True)
        }
        seen = {words[module] for module in self.wall.modules()}
        return seen.pop() if len(seen) == 1 else "differ"

    def read(self, module: Frame) -> int:
        return next(number for number in range(1, 257) if numeral(number) == module)

    def judge(self) -> str:
        return (
            "y"
            if list(self.wall.modules()) == [numeral(1 + place) for place in range(len(self.wall.chain.modules))]
            else "n"
        )


def interviewed(wall: Wall, person: Person, most: int = 8) -> Outcome:
    known = Known()
    for _ in range(most):
        asking = question(known)
        if asking is None:
            break
        wall.show(asking.picture)
        known = answered(known, person.answer(asking))
    found = outcome(known)
    assert found is not None, f"not done after {most} questions"
    return found


@pytest.mark.parametrize("mounting", MOUNTINGS, ids=str)
def test_a_truthful_person_ends_with_the_right_picture(mounting: Mounting) -> None:
    wall = Wall(mounting)
    found = interviewed(wall, Person(wall))
    assert isinstance(found, Suggestion)
    width, height = found.geometry.frame_size
    assert (width, height) == (8 * wall.size[0], 8 * wall.size[1])
    draw = random.Random(3)
    picture = Frame(width, height, [draw.getrandbits(width) for _ in range(height)])
    wall.show(picture, found.geometry)
    assert wall.chain.visible() == str(picture)


@settings(max_examples=25)  # the model of the chips goes bit by bit
@given(
    columns=st.integers(1, 12), rows=st.integers(1, 12), turn=st.sampled_from(TURNS), backwards=st.booleans(),
    hung=st.integers(0, 3),
)  # fmt: skip
def test_and_so_for_panels_of_any_size(columns: int, rows: int, turn: int, backwards: bool, hung: int) -> None:
    if columns * rows > 20:
        rows = 1
    test_a_truthful_person_ends_with_the_right_picture(Mounting(columns, rows, turn, backwards, hung))


@pytest.mark.parametrize("hung", range(4))
@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("size", [(2, 2), (4, 2), (3, 3), (2, 3)], ids=str)
def test_a_cable_that_runs_to_and_fro_is_found_out(size: tuple[int, int], backwards: bool, hung: int) -> None:
    wall = Wall(Mounting(*size, turned=-90, right_to_left=backwards, hung=hung, to_and_fro=True))
    found = interviewed(wall, Person(wall))
    assert isinstance(found, Advice)
    assert "runs to and fro" in found.text


def test_modules_that_stand_differently_are_found_out() -> None:
    known = answered(answered(answered(Known(), "2x2"), "y"), "differ")
    found = outcome(known)
    assert isinstance(found, Advice)
    assert "stand differently" in found.text
    assert question(known) is None


@pytest.mark.parametrize(
    ("lit", "said"),
    [("0", "marked DIN, not DOUT"), ("none", "no module hears us"), ("2", "number 2 from the Pi"), ("5", "5 are more")],
)
def test_a_chain_that_is_broken_is_told_where_to_look(lit: str, said: str) -> None:
    known = answered(answered(Known(), "4"), lit)
    found = outcome(known)
    assert isinstance(found, Advice)
    assert said in found.text
    assert question(known) is None


@pytest.mark.parametrize(("verdict", "said"), [("n", "Start again"), ("m", "no setting"), ("mirrored", "mirrors")])
def test_a_picture_that_is_wrong_ends_with_advice(verdict: str, said: str) -> None:
    known = Known()
    for answer in ("1", "y", "up", verdict):
        known = answered(known, answer)
    found = outcome(known)
    assert isinstance(found, Advice)
    assert said in found.text


def test_numbers_that_nobody_can_see_are_told() -> None:
    known = Known()
    for answer in ("4", "y", "up", "3"):
        known = answered(known, answer)
    found = outcome(known)
    assert isinstance(found, Advice)
    assert "read them once more" in found.text


@pytest.mark.parametrize(
    ("answer", "size"),
    [("4", (4, 1)), ("4x2", (4, 2)), (" 4 X 2 ", (4, 2)), ("4 by 2", (4, 2)), ("4, 2", (4, 2)), ("256", (256, 1))],
)
def test_a_size_is_understood(answer: str, size: tuple[int, int]) -> None:
    known = answered(Known(), answer)
    assert (known.columns, known.rows) == size


@pytest.mark.parametrize(
    ("answer", "arrow"),
    [
        ("u", "up"),
        ("Right", "right"),
        ("d", "down"),
        ("l", "left"),
        ("di", "differ"),
        ("\x1b[B", "down"),
        ("\x1b[C", "right"),
    ],
)
def test_an_arrow_is_understood(answer: str, arrow: str) -> None:
    assert answered(answered(answered(Known(), "4"), "yes"), answer).arrow == arrow


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ([], "many"), ([], "0"), ([], "257"), ([], "4x"), ([], ""), ([], "99x99"), ([], "٤"),
        (["4"], "perhaps"), (["4"], ""), (["4", "y"], "north"), (["4", "y"], ""),
        (["4", "y", "up"], "0"), (["4", "y", "up"], "5"), (["4", "y", "up"], "one"),
        (["1", "y", "up"], "what"), (["1", "y", "up"], ""),
    ],
)  # fmt: skip
def test_what_is_not_understood_says_what_is_allowed(given: list[str], answer: str) -> None:
    known = Known()
    for each in given:
        known = answered(known, each)
    with pytest.raises(ValueError, match="allowed: "):
        answered(known, answer)


@given(
    answers=st.lists(st.text(max_size=6) | st.sampled_from(["4", "2x2", "y", "up", "left", "1", "4", "n"]), max_size=12)
)
def test_no_answer_breaks_it(answers: list[str]) -> None:
    known = Known()
    for answer in answers:
        with contextlib.suppress(ValueError):
            known = answered(known, answer)
        assert (question(known) is None) == (outcome(known) is not None)


def test_what_is_asked_after_the_end_changes_nothing() -> None:
    known = answered(answered(Known(), "4"), "0")
    assert answered(known, "4x4") is known


def test_the_suggestion_is_lines_for_env() -> None:
    assert Suggestion(Geometry(32, 16, 90, 3, reverse=True)).lines() == [
        "LAMPFIELD_CASCADED=8",
        "LAMPFIELD_WIDTH=32",
        "LAMPFIELD_HEIGHT=16",
        "LAMPFIELD_BLOCK_ORIENTATION=90",
        "LAMPFIELD_ROTATE=3",
        "LAMPFIELD_REVERSE=on",
    ]


def test_every_number_has_a_picture_of_its_own() -> None:
    pictures = [numeral(number) for number in range(1, 257)]
    assert len(set(pictures)) == 256
    assert str(numeral(107)).splitlines()[0] == "..#....."
