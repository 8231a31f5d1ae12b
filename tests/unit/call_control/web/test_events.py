import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from call_control.web.events import SwitchEvent, decode, dumped, error
from support.captures import events


def test_a_captured_call_is_read() -> None:
    names = [decode(body).name for body in events("call_busy")]
    assert "CHANNEL_HANGUP" in names
    ended = [event for event in map(decode, events("call_busy")) if event.name == "CHANNEL_HANGUP"]
    assert {event.cause for event in ended} >= {"USER_BUSY"}
    assert any(event.bridge_protocol_cause == "sip:486" or event.term_status == "486" for event in ended)


def test_a_variable_called_as_a_header_overwrites_none() -> None:
    body = {"Event-Name": "CHANNEL_ANSWER", "Unique-ID": "a", "variable_Event-Name": "X", "variable_Unique-ID": "b"}
    assert decode(json.dumps(body).encode()) == SwitchEvent(name="CHANNEL_ANSWER", uuid="a")


def test_of_a_list_the_last_value_is_taken_and_bad_text_is_replaced() -> None:
    body = b'{"Event-Name":["A","CHANNEL_ANSWER"],"Unique-ID":"\xff","Hangup-Cause":"\\ud800","Other":{"x":1}}'
    assert decode(body) == SwitchEvent(name="CHANNEL_ANSWER", uuid="\ufffd", cause="?")


@given(st.binary())
def test_nonsense_is_a_value_error(body: bytes) -> None:
    with contextlib.suppress(ValueError):
        assert isinstance(decode(body), SwitchEvent)


def test_a_dump_tells_of_a_leg_or_that_there_is_none() -> None:
    assert dumped("-ERR No such channel!\n") is None
    assert dumped('{"Unique-ID":"a","Answer-State":"answered"}') == SwitchEvent(uuid="a", answer_state="answered")
    with pytest.raises(ValueError, match="not a JSON object"):
        dumped("-USAGE: <uuid>")


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        ("+OK 5d3a4b1e\n", None),
        ("-ERR USER_BUSY\n", "USER_BUSY"),
        ("-ERR \n", "SWITCH_REFUSED"),
        ("", "SWITCH_REFUSED"),
        ("-ERR permission denied", "SWITCH_REFUSED"),
        ("-ERR originate Command not found!\n", "SWITCH_REFUSED"),
        ("-USAGE: <call url>", "SWITCH_REFUSED"),
    ],
)
def test_the_cause_is_in_the_answer(answer: str, cause: str | None) -> None:
    assert error(answer) == cause
