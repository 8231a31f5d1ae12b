"""lampfield_bus.messages."""

import msgspec
import pytest

from lampfield_bus import messages as m
from lampfield_bus.examples import EXAMPLES


@pytest.mark.parametrize("message", EXAMPLES.values(), ids=lambda message: type(message).__name__)
def test_a_message_is_one_line_of_json_with_its_fields_in_order(message: m.State | m.Command) -> None:
    payload = m.encode(message)
    assert b"\n" not in payload
    assert list(msgspec.json.decode(payload)) == list(type(message).__struct_encode_fields__)


def test_a_notification_needs_a_text_only() -> None:
    notify = msgspec.json.decode(b'{"text": "hello"}', type=m.Notify)
    assert notify == m.Notify(text="hello", priority="info", repeat=1, hold=False, effect="none")


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        (b"{}", "text"),
        (b'{"text": ""}', "text"),
        (b'{"text": "a", "seconds": 0}', "seconds"),
        (b'{"text": "a", "seconds": 3601}', "seconds"),
        (b'{"text": "a", "repeat": 0}', "repeat"),
        (b'{"text": "a", "priority": "urgent"}', "priority"),
        (b'{"text": "a", "at": "tomorrow"}', "at"),
        (b'{"text": "a", "colour": "red"}', "colour"),
    ],
)
def test_a_bad_notification_is_refused_by_the_fields_name(payload: bytes, field: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=field):
        msgspec.json.decode(payload, type=m.Notify)


@pytest.mark.parametrize("value", ["12", 12])
def test_a_single_value_may_be_text_or_number(value: str | int) -> None:
    assert msgspec.json.decode(msgspec.json.encode({"value": value}), type=m.Single).value == value


def test_messages_are_values() -> None:
    with pytest.raises(AttributeError):
        setattr(EXAMPLES[m.Calls], "total", 9)  # noqa: B010 (mypy knows that it can't be set)
