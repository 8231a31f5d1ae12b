"""The events and answers of FreeSWITCH that a web call is followed by, as typed values.

Pure: bytes in, structs out. Values in FreeSWITCH's JSON are strings, or lists of strings for a multi-valued header;
texts from the network may hold invalid UTF-8. Headers are matched by their exact names, so a channel variable that is
called `Event-Name` cannot pass for the event's own. Source: captures of FreeSWITCH 1.11.1.
"""

import json
import re
from typing import Any, Final

import msgspec
from msgspec import Struct, field

__all__ = ["REFUSED", "SwitchEvent", "decode", "dumped", "error"]

REFUSED: Final = "SWITCH_REFUSED"  # our own cause: FreeSWITCH would not have the order
_CAUSE: Final = re.compile("[A-Z][A-Z0-9_]{2,63}")


class SwitchEvent(Struct, frozen=True, kw_only=True, gc=False):
    """What is read of any of them; a header that an event does not have is empty."""

    name: str = field(default="", name="Event-Name")
    core: str = field(default="", name="Core-UUID")
    uuid: str = field(default="", name="Unique-ID")
    call_uuid: str = field(
        default="", name="Channel-Call-UUID"
    )  # of a leg that another called: the other's, till it ends
    direction: str = field(default="", name="Call-Direction")
    answer_state: str = field(default="", name="Answer-State")  # ringing, early, answered, hangup
    context: str = field(default="", name="Caller-Context")
    a: str = field(default="", name="Bridge-A-Unique-ID")  # of CHANNEL_BRIDGE
    b: str = field(default="", name="Bridge-B-Unique-ID")
    cause: str = field(default="", name="Hangup-Cause")
    disposition: str = field(default="", name="variable_originate_disposition")  # how this leg's own dialling ended
    bridge_cause: str = field(default="", name="variable_last_bridge_hangup_cause")
    bridge_protocol_cause: str = field(default="", name="variable_last_bridge_proto_specific_hangup_cause")  # sip:486
    term_status: str = field(default="", name="variable_sip_term_status")  # only if it received a final response or BYE
    failure_phrase: str = field(default="", name="variable_sip_invite_failure_phrase")
    bond: str = field(default="", name="variable_signal_bond")  # the leg that it is bridged with now
    guest_token: str = field(default="", name="variable_sip_h_X-Guest-Token")
    owner: str = field(default="", name="variable_lampfield_owner")  # what we had it keep
    job: str = field(default="", name="Job-UUID")
    text: str = field(default="", name="_body")  # what a job answered


_decode: Final = msgspec.json.Decoder(SwitchEvent).decode


def decode(body: bytes) -> SwitchEvent:
    """The event in a frame's body. Invalid UTF-8 becomes U+FFFD; of a multi-valued header the last value is taken.

    Raises ValueError for what is no JSON object.
    """
    try:
        return _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):  # a list in a string's place is a ValidationError, a DecodeError
        pass
    try:
        headers = json.loads(body.decode("utf-8", "replace"))
        texts = {name: _text(value) for name, value in headers.items()}
    except (ValueError, RecursionError, AttributeError):
        raise ValueError("event: not a JSON object of headers") from None
    return msgspec.convert(texts, SwitchEvent)


def dumped(answer: str) -> SwitchEvent | None:
    """What `uuid_dump … json` answered; None for a leg that is gone. Raises ValueError for what is neither."""
    return None if answer.startswith("-ERR") else decode(answer.encode("utf-8", "replace"))


def error(answer: str) -> str | None:
    """The hangup cause in `-ERR USER_BUSY`; None for `+OK …`. Any other text is REFUSED: its words are for the log."""
    first = answer.strip().partition("\n")[0]
    if first.startswith("+OK"):
        return None
    cause = first.removeprefix("-ERR").strip()
    return cause if _CAUSE.fullmatch(cause) else REFUSED


def _text(value: Any) -> str:
    if isinstance(value, list):
        value = value[-1] if value else ""
    # JSON can spell half a surrogate, which no UTF-8 has.
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""
