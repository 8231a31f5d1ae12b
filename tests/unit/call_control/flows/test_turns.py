"""What flows say and hear: plain values."""

from zoneinfo import ZoneInfo

import pytest

from call_control.flows.turns import Call, FlowError, Heard, Show, Turn


def test_nothing_heard_is_nothing() -> None:
    assert Heard(at=0) == Heard(at=0, digits="", invalid=False, values={}, upload=None, calls=None)


def test_values_are_frozen() -> None:
    call = Call(id="1", number="1000", name="", destination="5000", at=0, zone=ZoneInfo("UTC"))
    for value, field in ((call, "number"), (Show(text="x"), "text"), (Turn(actions=[]), "actions")):
        with pytest.raises(AttributeError):
            setattr(value, field, "other")


def test_a_flow_s_error_is_a_value_error() -> None:
    assert issubclass(FlowError, ValueError)
