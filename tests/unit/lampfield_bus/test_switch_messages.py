"""lampfield_bus.switch_messages."""

import msgspec
import pytest

from lampfield_bus import messages as m
from lampfield_bus import switch_messages
from lampfield_bus.examples import EXAMPLES


def test_a_sip_status_is_one_of_sips() -> None:
    ended = msgspec.to_builtins(EXAMPLES[m.CallEnded])
    assert msgspec.convert(ended | {"sip_status": None}, m.CallEnded).sip_status is None
    with pytest.raises(msgspec.ValidationError, match="sip_status"):
        msgspec.convert(ended | {"sip_status": 99}, m.CallEnded)


@pytest.mark.parametrize("name", switch_messages.__all__)
def test_everybody_reads_them_from_messages(name: str) -> None:
    assert getattr(m, name) is getattr(switch_messages, name)
    assert name in m.__all__


@pytest.mark.parametrize("length", [59, 61])
def test_an_hour_has_sixty_minutes(length: int) -> None:
    history = msgspec.to_builtins(EXAMPLES[m.History])
    with pytest.raises(msgspec.ValidationError, match="minutes"):
        msgspec.convert(history | {"minutes": [0] * length}, m.History)
