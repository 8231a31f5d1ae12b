import pytest
from pydantic import ValidationError

from call_control.web.endings import Ending
from call_control.web.facts import WebCall
from call_control.web.models import Call, NewCall


def test_a_call_is_told_in_the_words_of_the_api() -> None:
    call = WebCall(
        id="a", kind="guest", owner="website", caller="guest", callee="1000", state="ended", started_at=1_000,
        picked_up_at=2_000, answered_at=3_000, ended_at=4_500, rang=True, seen=True,
        ending=Ending("answered", "NORMAL_CLEARING", 200, "OK", "wire"),
    )  # fmt: skip
    assert Call.of(call).model_dump() == {
        "id": "a", "kind": "guest", "from": "guest", "to": "1000", "state": "ended",
        "started_at": "1970-01-01T00:00:01.000Z", "picked_up_at": "1970-01-01T00:00:02.000Z",
        "answered_at": "1970-01-01T00:00:03.000Z", "ended_at": "1970-01-01T00:00:04.500Z", "outcome": "answered",
        "cause": "NORMAL_CLEARING", "sip_status": 200, "sip_reason": "OK", "sip_source": "wire",
    }  # fmt: skip


def test_whose_it_is_is_not_told() -> None:
    assert "owner" not in Call.model_fields


@pytest.mark.parametrize("text", ["", "1" * 16, "+491", "10 0", "1000\n", "\u0661", "abc", "1,2"])
def test_a_number_is_digits_alone(text: str) -> None:
    with pytest.raises(ValidationError):
        NewCall.model_validate({"from": "1000", "to": text})
