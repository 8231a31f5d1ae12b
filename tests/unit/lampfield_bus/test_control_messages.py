"""What call-control says: the fields as they stand on the wire."""

import msgspec
import pytest

from lampfield_bus.control_messages import ControlCall, ControlCallEnded
from lampfield_bus.examples import EXAMPLES
from lampfield_bus.messages import encode


def test_the_caller_s_field_is_called_from() -> None:
    fields = msgspec.json.decode(encode(EXAMPLES[ControlCall]))
    assert list(fields) == ["id", "kind", "from", "to", "state", "started_at", "answered_at", "outcome"]


def test_an_ended_call_adds_how_it_ended() -> None:
    fields = msgspec.json.decode(encode(EXAMPLES[ControlCallEnded]))
    assert list(fields)[-3:] == ["cause", "sip_status", "sip_reason"]


@pytest.mark.parametrize(("field", "value"), [("kind", "fax"), ("state", "asleep"), ("sip_status", 99)])
def test_a_value_that_is_not_of_the_contract_is_refused(field: str, value: object) -> None:
    fields = msgspec.json.decode(encode(EXAMPLES[ControlCallEnded])) | {field: value}
    with pytest.raises(ValueError, match=field):
        msgspec.json.decode(msgspec.json.encode(fields), type=ControlCallEnded)
