"""What is wrong with a file: a line each, in the file's order, in our words."""

from typing import Annotated

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lampfield_bus.node.document import Fault, parse
from lampfield_bus.node.file_faults import SHOWN_FAULTS, fault, lines


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    number: Annotated[int, Field(ge=1, le=9)]
    word: str = ""


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    things: list[Inner] = []
    named: dict[Annotated[str, Field(pattern="^[a-z]+$")], Inner] = {}
    one: Inner | None = None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("things: [{number: ten}]", "f:1: things[0].number: 'ten' is not a number; allowed: 1-9"),
        ("things:\n- number: 0", "f:2: things[0].number: '0' is out of range; allowed: 1-9"),
        ("things: [{}]", "f:1: things[0].number: is missing; allowed: 1-9"),
        (
            "named:\n  a:\n    numbr: 1",
            "f:3: named.a.numbr: is no field here; did you mean number? allowed: numb",
        ),
        ("named: {a: {number: x}}", "f:1: named.a.number: 'x' is not a number; allowed: 1-9"),
        ("one: {number: 1, wrd: x}", "f:1: one.wrd: is no field here; did you mean word? allowed: number, word"),
        ("two: 1", "f:1: two: is no field here; allowed: things, named, one"),
        ("named: {A1: {number: 1}}", "f:1: named.A1: "),
    ],
)
def test_a_fault_names_line_and_field_and_what_is_allowed(text: str, line: str) -> None:
    document = parse(text.encode())
    with pytest.raises(ValidationError) as raised:
        Outer.model_validate(document.value)
    told = lines("f", [fault(document, dict(each), Outer) for each in raised.value.errors(include_url=False)])
    assert any(each.startswith(line) for each in told), told


def test_they_come_in_the_file_s_order_each_once_and_no_more_than_a_screen() -> None:
    many = [Fault(number, "x", "is wrong") for number in range(SHOWN_FAULTS + 20, 0, -1)]
    told = lines("f", [*many, *many])
    assert told[0] == "f:1: x: is wrong"
    assert told[-1] == "f: and 20 more faults"
    assert len(told) == SHOWN_FAULTS + 1


def test_a_fault_of_the_whole_file_has_no_line() -> None:
    assert lines("f", [Fault(0, "", "is empty")]) == ["f: is empty"]
