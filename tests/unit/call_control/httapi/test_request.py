"""What mod_httapi asks: every recorded request, and what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from call_control.flows.turns import Upload
from call_control.httapi.request import MAX_PARAMETERS, Request, heard, parse, query
from support.httapi import SCENARIOS, exchanges, parameters


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_recorded_request_is_understood(scenario: str) -> None:
    recorded = [each for each in exchanges(scenario) if not each.target.startswith("/file/")]
    if scenario == "htap-ivr-e302":
        with pytest.raises(ValueError, match="is empty; after a redirect FreeSWITCH sends nothing"):
            parse(parameters(recorded.pop(1))[0])
    asked = [parse(parameters(each)[0]) for each in recorded]
    assert len({each.session for each in asked}) == 1
    assert all(each.number == "1000" for each in asked)
    if scenario != "htap-postvar-hang":
        assert all(each.destination for each in asked)
        assert asked[0].answered == scenario.startswith("hta")
        assert [each.exiting for each in asked[:-1]] == [False] * (len(asked) - 1)
    whole = len(recorded) < 5  # longer ones were trimmed
    if whole and scenario not in ("htap-postvar-hang", "htap-ivr-eslow"):
        assert asked[-1].exiting


def test_what_was_pressed_is_told_once() -> None:
    first, second, last = (parse(parameters(each)[0]) for each in exchanges("htap-ivr-digits_regex"))
    assert heard(first, ["choice"], 5, None).digits == ""
    told = heard(second, ["choice"], 5, 7)
    assert (told.digits, told.invalid, told.at, told.calls) == ("123", False, 5, 7)
    assert heard(last, ["choice"], 5, None).digits == ""


def test_an_invalid_input_is_no_digits() -> None:
    told = heard(parse(parameters(exchanges("htap-ivr-badinput_err")[1])[0]), ["choice"], 0, None)
    assert (told.digits, told.invalid) == ("", True)


def test_the_digits_are_those_of_the_last_prompt_that_was_asked() -> None:
    asked = parse([("session_id", "s"), ("choice", "1"), ("entered", "2"), ("input_type", "dtmf")])
    assert heard(asked, ["choice", "entered"], 0, None).digits == "2"
    assert heard(asked, ["choice"], 0, None).digits == "1"
    assert heard(asked, [], 0, None).digits == ""


def test_variables_and_params_are_values_and_the_caller_profile_is_not() -> None:
    told = heard(parse(parameters(exchanges("htap-ivr-params")[1])[0]), [], 0, None)
    assert (told.values["state"], told.values["tok"]) == ("menu1", "a b&c=ü")
    assert not any(name.startswith("Caller-") for name in told.values)


def test_the_cause_is_told_with_extended_data_alone() -> None:
    assert parse(parameters(exchanges("htap-full-hang")[-1])[0]).cause == "NORMAL_CLEARING"
    assert parse(parameters(exchanges("htap-ivr-dial")[-1])[0]).cause is None


def test_of_a_name_that_comes_twice_the_first_counts() -> None:
    assert parse([("session_id", "a"), ("session_id", "b")]).session == "a"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ([], "is empty"),
        ([("url", "x")], "has 1 parameters and no session_id"),
        ([("session_id", "a\0")], "that is none"),
    ],
)
def test_what_is_no_request_is_said(fields: list[tuple[str, str]], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse(fields)


def test_too_many_parameters_are_refused() -> None:
    with pytest.raises(ValueError, match="fields"):
        query("&".join(["a=b"] * (MAX_PARAMETERS + 1)))


def test_a_recording_is_heard() -> None:
    upload = Upload("x.wav", 5)
    assert heard(parse([("session_id", "s")], [upload]), [], 0, None).upload == upload


@given(st.text(max_size=200))
def test_no_query_raises_anything_but_a_value_error(text: str) -> None:
    try:
        request = parse(query(text))
    except ValueError:
        return
    assert isinstance(request, Request)
    heard(request, ["choice"], 0, None)
