"""How a web call ended: outcome, hangup cause, SIP status and its words.

Pure. What counts is the hangup of the call's own leg, never the answer of `originate`, whose `+OK` only says that the
first phone was answered (captures of FreeSWITCH 1.11.1):

1. They talked: answered, with the leg's cause and the 200 of the far end.
2. The first phone was answered, the second was not: the leg's own cause may be NORMAL_CLEARING, which says nothing; the
   reason is `originate_disposition` (NO_ANSWER, USER_BUSY), the status `last_bridge_proto_specific_hangup_cause`.
3. The first phone was not answered: the leg's cause, and the status that the phone sent.
4. There never was a leg (USER_NOT_REGISTERED, GATEWAY_DOWN): the cause is what `originate` answered.

A status that a phone sent is `wire`; where none did, it is what FreeSWITCH answers for that cause, `mapped`. What was
ended by nobody we heard of is NORMAL_UNSPECIFIED without a status, as the publisher says it.
"""

from typing import Final, Literal

from msgspec import Struct

from call_control.web.events import REFUSED, SwitchEvent
from lampfield_bus.sip_status import REASONS, SIP_OF_CAUSE, UNLISTED, sip_status

__all__ = [
    "SWITCH_REFUSED",
    "SWITCH_RESTARTED",
    "SWITCH_UNREACHABLE",
    "VANISHED",
    "Ending",
    "Outcome",
    "Progress",
    "ending",
    "without_leg",
]

Outcome = Literal["answered", "missed", "failed"]
SWITCH_RESTARTED: Final = "SWITCH_RESTARTED"  # our own causes: FreeSWITCH restarted under the call,
SWITCH_UNREACHABLE: Final = "SWITCH_UNREACHABLE"  # could not be told of it,
SWITCH_REFUSED: Final = REFUSED  # or would not have it
VANISHED: Final = "NORMAL_UNSPECIFIED"
_SAYS_NOTHING: Final = frozenset({"", "NORMAL_CLEARING", "SUCCESS", "failure"})


class Progress(Struct, frozen=True):
    """How far a call had come: was the first phone answered, did the one that was called last ring, did they talk?"""

    picked_up: bool
    rang: bool
    talked: bool

    @property
    def outcome(self) -> Outcome:
        """As people count calls: missed is what rang, and nobody came."""
        return "answered" if self.talked else "missed" if self.rang else "failed"


class Ending(Struct, frozen=True):
    """The words for it. `source`: where the status is from."""

    outcome: Outcome
    cause: str
    sip_status: int | None = None
    sip_reason: str | None = None
    sip_source: Literal["wire", "mapped"] | None = None


def ending(progress: Progress, leg: SwitchEvent, far: SwitchEvent | None = None) -> Ending:
    """The ending that the hangup of the call's own leg tells; `far` is the hangup of the leg that it called last."""
    if progress.talked:
        return Ending("answered", leg.cause or VANISHED, 200, REASONS[200], "wire")
    if not progress.picked_up:
        return _told(progress, leg.cause or VANISHED, sip_status(leg.term_status), leg.failure_phrase)
    cause = next((c for c in (leg.cause, leg.disposition, leg.bridge_cause) if c not in _SAYS_NOTHING), leg.cause)
    if cause in _SAYS_NOTHING:  # the first phone hung up while the second rang, or nothing was ever to be called
        return _told(progress, cause or VANISHED, 0, "")
    status, phrase = sip_status(leg.bridge_protocol_cause), ""
    if far is not None and far.cause == cause:
        status, phrase = status or sip_status(far.term_status), far.failure_phrase
    return _told(progress, cause, status, phrase)


def without_leg(progress: Progress, cause: str) -> Ending:
    """The ending of a call whose leg never was, or vanished: all that is known is a cause."""
    if cause in (VANISHED, SWITCH_RESTARTED, SWITCH_UNREACHABLE, SWITCH_REFUSED):
        return Ending(progress.outcome, cause)
    return _told(progress, cause, 0, "")


def _told(progress: Progress, cause: str, status: int, phrase: str) -> Ending:
    if 300 <= status <= 699:
        return Ending(progress.outcome, cause, status, phrase or REASONS.get(status), "wire")
    mapped = SIP_OF_CAUSE.get(cause, UNLISTED)
    return Ending(progress.outcome, cause, mapped, REASONS[mapped], "mapped")
