"""How a call ended, as a telephone engineer would report it: hangup cause and SIP status.

Pure. The cause is FreeSWITCH's name of it, or SWITCH_RESTARTED, our own: FreeSWITCH restarted under the call.

1. People talked: the cause of the leg that hung up first of those that last talked (the other only follows), and the
   200 with which the far end had answered.
2. Nobody talked: the cause of the caller's leg, unless that is NORMAL_CLEARING, which says nothing. FreeSWITCH ends the
   caller's leg so after a ring timeout and after a 480, and keeps the reason in `originate_disposition` (NO_ANSWER,
   NO_USER_RESPONSE) and `last_bridge_hangup_cause`. An agent whom a queue rang in vain is not the reason.
3. The SIP status is the one that a far end sent with that cause (`wire`, with its own phrase). Where none did,
   it is what FreeSWITCH answers for that cause (`mapped`, with the registry's phrase). A caller whom the switch itself
   answered (queue, IVR, voicemail) and who then hung up has had his 200.
4. Legs that vanished without a word (their events were lost) give NORMAL_UNSPECIFIED and no status.
"""

from collections.abc import Sequence
from typing import Final, Literal

from msgspec import Struct

from lampfield_bus.sip_status import REASONS, SIP_OF_CAUSE, UNLISTED

__all__ = ["NO_GATEWAY", "SWITCH_RESTARTED", "Ending", "Verdict", "verdict"]

SWITCH_RESTARTED: Final = "SWITCH_RESTARTED"
_VANISHED: Final = "NORMAL_UNSPECIFIED"
_SAYS_NOTHING: Final = frozenset({"", "NORMAL_CLEARING"})
_ELSEWHERE: Final = frozenset({"LOSE_RACE", "PICKED_OFF"})  # another phone was quicker: no attempt has failed
NO_GATEWAY: Final = frozenset({"GATEWAY_DOWN", "INVALID_GATEWAY"})  # it was to go out, and got no leg that says so


class Ending(Struct, frozen=True, kw_only=True, gc=False):
    """How one leg ended. `status` is the final response or BYE that it received itself, 0 for none.

    `gateway` is the one that it dialled in vain, because that was down: no other leg tells of it.
    """

    uuid: str
    originated: bool
    agent: bool
    answered: bool
    cause: str = ""
    disposition: str = ""
    bridge_cause: str = ""
    bridge_status: int = 0
    status: int = 0
    phrase: str = ""
    gateway: str | None = None
    sip_call_id: str = ""


class Verdict(Struct, frozen=True, gc=False):
    """The cause and SIP status of a whole call."""

    cause: str
    status: int | None = None
    reason: str | None = None
    source: Literal["wire", "mapped"] | None = None


def verdict(endings: Sequence[Ending], talked: frozenset[str]) -> Verdict:
    """The verdict over a call whose legs ended so, in this order; `talked`: the legs of its last conversation."""
    released = next((ending for ending in endings if ending.uuid in talked), None)
    if released is not None:
        return _answered(released.cause or _VANISHED)
    if not endings:
        return _unknown()
    caller = next((ending for ending in reversed(endings) if not ending.originated), endings[-1])
    cause = caller.cause
    if cause in _SAYS_NOTHING:
        cause = _attempted(endings, caller) or cause
    if not cause:
        return _unknown()
    if cause == SWITCH_RESTARTED:
        return Verdict(cause)
    if caller.answered and cause in _SAYS_NOTHING:
        return _answered(cause)
    return _from_wire(cause, endings, caller) or _mapped(cause)


def _attempted(endings: Sequence[Ending], caller: Ending) -> str:
    for cause in (caller.disposition, caller.bridge_cause):
        if cause not in {"", "SUCCESS", "NORMAL_CLEARING"}:
            return cause
    failed = (e for e in endings if e.originated and not e.agent and not e.answered)
    attempts = [e.cause for e in failed if e.cause not in _SAYS_NOTHING | _ELSEWHERE]
    return attempts[-1] if attempts else ""


def _from_wire(cause: str, endings: Sequence[Ending], caller: Ending) -> Verdict | None:
    for ending in reversed(endings):
        if ending.cause == cause and ending.status >= 300:
            return _wire(cause, ending.status, ending.phrase)
    if caller.bridge_status >= 300 and cause in {caller.disposition, caller.bridge_cause}:
        return _wire(cause, caller.bridge_status, caller.phrase)
    return None


def _wire(cause: str, status: int, phrase: str) -> Verdict:
    return Verdict(cause, status, phrase or REASONS.get(status), "wire") if status <= 699 else _mapped(cause)


def _mapped(cause: str) -> Verdict:
    status = SIP_OF_CAUSE.get(cause, UNLISTED)
    return Verdict(cause, status, REASONS[status], "mapped")


def _answered(cause: str) -> Verdict:
    return Verdict(cause, 200, REASONS[200], "wire")


def _unknown() -> Verdict:
    return Verdict(_VANISHED)
