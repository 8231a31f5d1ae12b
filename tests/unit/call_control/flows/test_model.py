"""The fields of a flow's file, each for itself."""

import pytest
from pydantic import ValidationError

from call_control.flows.model import FlowFile, PromptEntry, StepEntry


def test_a_prompt_is_a_file_or_more() -> None:
    step = StepEntry.model_validate({"play": "a.wav"})
    assert step.play == (PromptEntry(file="a.wav"),)
    many = StepEntry.model_validate({"play": ["a.wav", {"say": "{n}", "kind": "digits"}]})
    assert many.play is not None
    assert [each.file or each.say for each in many.play] == ["a.wav", "{n}"]


@pytest.mark.parametrize(("text", "counts"), [("4", (4, 4)), ("1-10", (1, 10))])
def test_digits_are_counted(text: str, counts: tuple[int, int]) -> None:
    assert StepEntry.model_validate({"digits": text}).digits == counts


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("digits", "0"),
        ("digits", "5-4"),
        ("digits", "1-33"),
        ("digits", "many"),
        ("keys", {"11": "a"}),
        ("keys", {"x": "a"}),
        ("keys", {}),
        ("next", "Not a name"),
        ("tries", "11"),
        ("seconds", "0"),
        ("show", ""),
        ("show", "{"),
        ("show", "{Caller}"),
        ("show", "a\nb"),
        ("end", "A"),
        ("priority", "loud"),
        ("record_call", "perhaps"),
        ("hangup", "busy"),
        ("play", []),
        ("nonsense", "1"),
    ],
)
def test_what_means_nothing_is_refused(field: str, value: object) -> None:
    with pytest.raises(ValidationError):
        StepEntry.model_validate({field: value})


def test_a_file_needs_steps_and_no_more() -> None:
    assert FlowFile.model_validate({"steps": {"a": {"hangup": ""}}}).answer == "on"
    with pytest.raises(ValidationError):
        FlowFile.model_validate({"steps": {}})
    with pytest.raises(ValidationError, match="no hours"):
        FlowFile.model_validate({"steps": {"a": {"hangup": ""}}, "hours": {"x": {"y": "z"}}})
