"""A flow's file as a whole: what is wrong is said with its line and its field, all of it at once."""

from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from call_control.flows.written import Ranges, Written, loaded, targets

GOOD = """\
values:
  greeting: hello.wav
hours:
  office: mon-fri 08:00-18:00
steps:
  hello:
    hours: office
    next: menu
    otherwise: bye
  menu:
    menu: "{greeting}"
    keys: {"1": sales, "2": ext}
    otherwise: bye
  ext:
    ask: which.wav
    digits: 4
    into: number
    next: dial
    otherwise: bye
  dial:
    dial: "{number}"
    within: 1000-1019,2001
    otherwise: bye
  sales:
    dial: "1001"
  bye:
    play: bye.wav
"""


def flow(text: str, **given_values: str) -> Written:
    found = loaded(text.encode(), "f.yaml", given_values)
    assert found.faults == []
    assert found.flow is not None
    return found.flow


def faults(text: str) -> list[str]:
    found = loaded(text.encode(), "f.yaml")
    assert found.flow is None
    return found.faults


def steps(text: str) -> str:
    """A file whose steps are these, indented by two."""
    return "steps:\n" + "".join(f"  {line}\n" for line in text.splitlines())


def test_a_whole_file_is_a_flow() -> None:
    read = flow(GOOD)
    assert (read.name, read.start, read.answer) == ("f", "hello", True)
    assert read.steps["menu"].verb == "menu"
    assert targets(read.steps["menu"]) == {"1": "sales", "2": "ext", "otherwise": "bye"}
    assert targets(read.steps["bye"]) == {"next": None}
    assert targets(read.steps["sales"]) == {}


@pytest.mark.parametrize("name", ["announcement", "attendant", "board"])
def test_the_shipped_ones_are_whole(name: str) -> None:
    data = files("call_control").joinpath(f"flows/shipped/{name}.yaml").read_bytes()
    found = loaded(data, f"{name}.yaml", {"code": "4711", "domain": "pbx.example"})
    assert found.faults == []
    assert found.unset == ()


def test_a_value_without_a_text_has_to_be_set() -> None:
    text = "values: {code: , group: all}\n" + steps("a: {show: '{group} {code}'}")
    assert loaded(text.encode(), "f.yaml").unset == ("code",)
    assert loaded(text.encode(), "f.yaml", {"code": "1", "other": "2"}).unset == ()
    assert flow(text, code="1", group="hall").values == {"code": "1", "group": "hall"}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "f.yaml: is empty; allowed: about, answer, values, hours, start, steps, each with a colon"),
        ("- a", "f.yaml: is no mapping"),
        ("steps: {a: {play: x.wav}}\nstart: b", "f.yaml:2: start: 'b' is no step; allowed: a"),
        ("step: {}", "f.yaml:1: step: is no field here; did you mean steps?"),
        (steps("a:\n  ply: x"), "f.yaml:3: steps.a.ply: is no field here; did you mean play?"),
        (steps("a: {}"), "f.yaml:2: steps.a: says nothing to do; allowed: one of play, menu, ask"),
        (steps("a: {play: x, dial: '1'}"), "f.yaml:2: steps.a: says play and dial; allowed: one of"),
        (
            steps("a:\n  play: x\n  keys: {'1': a}"),
            "f.yaml:4: steps.a.keys: says nothing with play; allowed with it: next",
        ),
        (steps("a: {menu: x}"), "f.yaml:2: steps.a: has no keys; allowed: menu with keys"),
        (
            steps("a:\n  menu: x\n  keys:\n    '1': b\nbb: {play: x}"),
            "steps.a.keys.1: 'b' is no step; did you mean bb?",
        ),
        (steps("a: {hours: x, next: a}"), "steps.a.hours: 'x' are no hours here"),
        (steps("a: {play: x}\nb: {play: y}"), "f.yaml:3: steps.b: is never reached"),
        (
            steps("a: {play: x, next: b}\nb: {play: y, next: a}"),
            "steps.a: goes round for ever: a → b → a; a menu or ask",
        ),
        (steps("a: {show: '{x}'}"), "steps.a.show: {x} is no value here; allowed: called, caller"),
        (
            steps("a: {dial: '{caller}'}"),
            "steps.a.dial: {caller} is the caller's choice; allowed: a value of `values:`, or",
        ),
        (steps("a: {play: '{called}.wav'}"), "steps.a.play[0]: {called} is the caller's choice"),
        (steps("a: {queue: '{caller}'}"), "steps.a.queue: {caller} is the caller's choice"),
        (steps("a: {dial: '1', within: 5-1}"), "steps.a.within: '5-1' are no numbers"),
        (steps("a: {ask: x, digits: 1-4, into: n}"), "steps.a.digits: has no end; allowed: as many digits as ever"),
        (steps("a: {ask: x, digits: 4}"), "steps.a: asks for nothing's sake"),
        (steps("a: {play: {file: x, say: '1'}}"), "steps.a.play[0]: says nothing, or too much"),
        (steps("a: {play: &x y}"), "f.yaml:2: steps.a.play: &x is an anchor"),
        (steps("a: {menu: x, keys: {'12': a}}"), "steps.a.keys.12:"),
        (steps("a: {play: x}\na: {play: y}"), "steps.a: stands here twice"),
        (steps("a: {show: x, seconds: ten}"), "steps.a.seconds: 'ten' is not a number"),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_field(text: str, fault: str) -> None:
    found = faults(text)
    assert any(fault in each for each in found), found


def test_everything_wrong_is_said_at_once_in_the_file_s_order() -> None:
    found = faults(steps("a: {play: x, tries: 3}\nb: {menu: y, keys: {'1': nowhere}}\nc:\n  ask: z\n  digit: 4"))
    assert [each.split(":")[1] for each in found] == sorted(each.split(":")[1] for each in found)
    assert len(found) >= 3


def test_ranges_hold_numbers_digit_for_digit() -> None:
    within = flow(GOOD).steps["dial"].within
    assert within == Ranges((("1000", "1019"), ("2001", "2001")))
    assert within is not None
    held = [
        number
        for number in ("1000", "1019", "1020", "2001", "01000", "", "10a0", "\u0661\u0660\u0660\u0660", "10001")
        if within.holds(number)
    ]
    assert held == ["1000", "1019", "2001"]


@given(st.text(max_size=300))
def test_no_text_raises(text: str) -> None:
    found = loaded(text.encode("utf-8", "replace"), "f.yaml")
    assert (found.flow is None) == bool(found.faults)
