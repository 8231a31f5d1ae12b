"""What a sip-monitor says: names that Python keeps for itself, states, limits."""

from typing import get_args

import msgspec
import pytest

from lampfield_bus import sip_messages as s
from lampfield_bus.examples import EXAMPLES


def test_from_is_called_from_on_the_wire() -> None:
    for model in (s.SipDialog, s.SipMessage):
        fields = msgspec.json.decode(msgspec.json.encode(EXAMPLES[model]))
        assert "from" in fields
        assert "from_" not in fields


def test_the_states_are_those_that_are_agreed() -> None:
    agreed = "trying ringing answered completed busy cancelled rejected failed diverted"
    assert get_args(s.SipDialogState) == tuple(agreed.split())


@pytest.mark.parametrize(
    ("model", "field", "value"),
    [(s.SipDialog, "status", 99), (s.SipDialog, "setup_ms", -1), (s.SipDialog, "state", "dead"),
     (s.SipSummary, "answer_ratio", 1.5), (s.SipHealth, "datagrams", -1)],
)  # fmt: skip
def test_what_cannot_be_is_refused(model: type[msgspec.Struct], field: str, value: object) -> None:
    fields = msgspec.to_builtins(EXAMPLES[model]) | {field: value}  # type: ignore[index]  # models that have examples
    with pytest.raises(ValueError, match=rf"\$\.{field}"):
        msgspec.convert(fields, model)
