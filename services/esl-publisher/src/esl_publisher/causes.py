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

__all__ = ["NO_GATEWAY", "REASONS", "SIP_OF_CAUSE", "SWITCH_RESTARTED", "Ending", "Verdict", "sip_status", "verdict"]

SWITCH_RESTARTED: Final = "SWITCH_RESTARTED"
_VANISHED: Final = "NORMAL_UNSPECIFIED"
_SAYS_NOTHING: Final = frozenset({"", "NORMAL_CLEARING"})
_ELSEWHERE: Final = frozenset({"LOSE_RACE", "PICKED_OFF"})  # another phone was quicker: no attempt has failed
NO_GATEWAY: Final = frozenset({"GATEWAY_DOWN", "INVALID_GATEWAY"})  # it was to go out, and got no leg that says so

# hangup_cause_to_sip() in mod_sofia.c of FreeSWITCH 1.11.1; a cause that is not here goes out as 480.
SIP_OF_CAUSE: Final[dict[str, int]] = {
    cause: status
    for status, causes in (
        (403, "OUTGOING_CALL_BARRED INCOMING_CALL_BARRED BEARERCAPABILITY_NOTAUTH STALE_DATE"),
        (404, "UNALLOCATED_NUMBER NO_ROUTE_TRANSIT_NET NO_ROUTE_DESTINATION"),
        (408, "NO_USER_RESPONSE"),
        (410, "NUMBER_CHANGED REDIRECTION_TO_NEW_DESTINATION"),
        (428, "NO_IDENTITY"),
        (429, "BAD_IDENTITY_INFO"),
        (437, "UNSUPPORTED_CERTIFICATE"),
        (438, "INVALID_IDENTITY"),
        (480, "NO_ANSWER SUBSCRIBER_ABSENT NORMAL_UNSPECIFIED"),
        (483, "EXCHANGE_ROUTING_ERROR"),
        (484, "INVALID_NUMBER_FORMAT INVALID_GATEWAY INVALID_URL"),
        (486, "USER_BUSY"),
        (487, "ORIGINATOR_CANCEL"),
        (488, "BEARERCAPABILITY_NOTIMPL INCOMPATIBLE_DESTINATION"),
        (501, "FACILITY_REJECTED FACILITY_NOT_IMPLEMENTED SERVICE_NOT_IMPLEMENTED"),
        (502, "DESTINATION_OUT_OF_ORDER INVALID_PROFILE"),
        (503, "NORMAL_CIRCUIT_CONGESTION NETWORK_OUT_OF_ORDER NORMAL_TEMPORARY_FAILURE SWITCH_CONGESTION"),
        (503, "REQUESTED_CHAN_UNAVAIL BEARERCAPABILITY_NOTAVAIL GATEWAY_DOWN"),
        (504, "RECOVERY_ON_TIMER_EXPIRE"),
        (600, "BUSY_EVERYWHERE"),
        (603, "CALL_REJECTED DECLINE REJECT_ALL"),
        (604, "DOES_NOT_EXIST_ANYWHERE"),
        (606, "NOT_ACCEPTABLE"),
        (607, "UNWANTED"),
    )
    for cause in causes.split()
}
_UNLISTED: Final = 480

# The SIP response codes of IANA's registry (Session Initiation Protocol Parameters) and their phrases.
REASONS: Final[dict[int, str]] = {
    100: "Trying",
    180: "Ringing",
    181: "Call Is Being Forwarded",
    182: "Queued",
    183: "Session Progress",
    199: "Early Dialog Terminated",
    200: "OK",
    202: "Accepted (Deprecated)",
    204: "No Notification",
    300: "Multiple Choices",
    301: "Moved Permanently",
    302: "Moved Temporarily",
    305: "Use Proxy",
    380: "Alternative Service",
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    410: "Gone",
    412: "Conditional Request Failed",
    413: "Request Entity Too Large",
    414: "Request-URI Too Long",
    415: "Unsupported Media Type",
    416: "Unsupported URI Scheme",
    417: "Unknown Resource-Priority",
    420: "Bad Extension",
    421: "Extension Required",
    422: "Session Interval Too Small",
    423: "Interval Too Brief",
    424: "Bad Location Information",
    425: "Bad Alert Message",
    428: "Use Identity Header",
    429: "Provide Referrer Identity",
    430: "Flow Failed",
    433: "Anonymity Disallowed",
    436: "Bad Identity Info",
    437: "Unsupported Credential",
    438: "Invalid Identity Header",
    439: "First Hop Lacks Outbound Support",
    440: "Max-Breadth Exceeded",
    469: "Bad Info Package",
    470: "Consent Needed",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    483: "Too Many Hops",
    484: "Address Incomplete",
    485: "Ambiguous",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    489: "Bad Event",
    491: "Request Pending",
    493: "Undecipherable",
    494: "Security Agreement Required",
    500: "Server Internal Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Server Time-out",
    505: "Version Not Supported",
    513: "Message Too Large",
    555: "Push Notification Service Not Supported",
    580: "Precondition Failure",
    600: "Busy Everywhere",
    603: "Decline",
    604: "Does Not Exist Anywhere",
    606: "Not Acceptable",
    607: "Unwanted",
    608: "Rejected",
}


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


class Verdict(Struct, frozen=True, gc=False):
    """The cause and SIP status of a whole call."""

    cause: str
    status: int | None = None
    reason: str | None = None
    source: Literal["wire", "mapped"] | None = None


def sip_status(text: str) -> int:
    """The status in `486` or `sip:486`; 0 for none."""
    digits = text.removeprefix("sip:")
    return int(digits) if len(digits) == 3 and digits.isascii() and digits.isdigit() and digits >= "100" else 0


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
    status = SIP_OF_CAUSE.get(cause, _UNLISTED)
    return Verdict(cause, status, REASONS[status], "mapped")


def _answered(cause: str) -> Verdict:
    return Verdict(cause, 200, REASONS[200], "wire")


def _unknown() -> Verdict:
    return Verdict(_VANISHED)
