"""lampfield_bus.node.faults; how a whole refusal reads is in test_settings."""

from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo

from lampfield_bus.node.faults import allowed, is_secret, line


class Model(BaseModel):
    """Every kind of field that a setting may be."""

    port: Annotated[int, Field(ge=1, le=9)] = 1
    maybe: Annotated[int, Field(ge=1, le=9)] | None = None
    least: Annotated[int, Field(ge=3)] = 3
    most: Annotated[float, Field(le=3)] = 3
    above: Annotated[float, Field(gt=0)] = 3
    word: Literal["a", "b"] = "a"
    number: Literal[1, 2] = 1
    flag: bool = False
    path: Path | None = None
    text: str = ""
    several: tuple[str, ...] = ()
    secret: SecretStr | None = None
    short: Annotated[SecretStr, Field(min_length=3)] = SecretStr("abc")
    inner: int = Field(default=1, ge=0, le=5)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("port", "1-9"),
        ("maybe", "1-9"),
        ("least", "a whole number from 3"),
        ("most", "a number up to 3"),
        ("above", "a number over 0"),
        ("word", "a, b"),
        ("number", "1, 2"),
        ("flag", "on, off, true, false, yes, no, 1, 0"),
        ("path", "a path"),
        ("text", "text"),
        ("several", "names with commas between them"),
        ("inner", "0-5"),
    ],
)
def test_what_is_allowed_is_said_in_words(name: str, words: str) -> None:
    assert allowed(Model.model_fields[name]) == words


def test_secrets_are_known_also_as_optional_ones() -> None:
    assert is_secret(Model.model_fields["secret"])
    assert is_secret(FieldInfo(annotation=SecretStr))
    assert not is_secret(Model.model_fields["text"])


def told(**values: Any) -> list[str]:
    with pytest.raises(ValidationError) as refused:
        Model(**values)
    return [line(Model, fault, lambda _, name: name.upper()) for fault in refused.value.errors()]


def test_a_fault_names_variable_value_and_what_is_allowed() -> None:
    assert told(port=0) == ["PORT: 0 is out of range; allowed: 1-9"]
    assert told(word="c") == ["WORD: 'c' is not one of them; allowed: a, b"]


def test_a_secret_value_is_not_shown() -> None:
    [text] = told(short="no")
    assert text.startswith("SHORT: value should have at least 3")
    assert "no'" not in text


def test_a_long_value_is_cut_and_a_value_of_several_lines_stays_one() -> None:
    [text] = told(word="x" * 500)
    assert len(text) < 150
    [text] = told(word="a\nb")
    assert "\n" not in text


def test_a_fault_that_quotes_a_part_of_the_value_does_not_quote_it_twice() -> None:
    fault = {"type": "value_error", "loc": ("several",), "input": "a,b", "ctx": {"error": "'b' is none; allowed: a"}}
    assert line(Model, fault, lambda _, name: name.upper()) == "SEVERAL: 'b' is none; allowed: a"
