"""lampfield_bus.payloads."""

import msgspec
import pytest

from lampfield_bus.payloads import Command, Publication, State, encode


class Told(State, frozen=True, kw_only=True):
    at: int


class Asked(Command, frozen=True, kw_only=True):
    at: int


def test_what_is_told_may_have_more_fields_than_its_reader_knows() -> None:
    assert msgspec.json.decode(b'{"at": 1, "new": 2}', type=Told) == Told(at=1)


def test_what_is_asked_may_not() -> None:
    with pytest.raises(msgspec.ValidationError, match="new"):
        msgspec.json.decode(b'{"at": 1, "new": 2}', type=Asked)


def test_a_list_is_encoded_as_one_payload() -> None:
    assert encode([Told(at=1), Told(at=2)]) == b'[{"at":1},{"at":2}]'


def test_what_is_packed_goes_on_the_wire_unpacked() -> None:
    assert Publication("a", b"text", 0, True).content == b"text"
    assert Publication("a", b"text", 0, True, bytes.upper).content == b"TEXT"
