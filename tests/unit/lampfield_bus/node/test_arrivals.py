"""lampfield_bus.node.arrivals."""

import pytest

from lampfield_bus.node.arrivals import Connected, Lost, Message, ReadingBegan, ReadingEnded


def test_arrivals_are_values_that_compare() -> None:
    assert Message("a", b"1") == Message("a", b"1", retain=False, qos=0)
    assert Lost("gone") != Lost("refused")
    assert ReadingEnded(complete=True) != ReadingEnded(complete=False)
    assert len({Connected(), Connected(), ReadingBegan()}) == 2


def test_arrivals_cannot_be_changed_on_their_way() -> None:
    with pytest.raises(AttributeError):
        setattr(Message("a", b"1"), "payload", b"2")  # noqa: B010 (mypy knows that it can't be set)
