"""SIP status codes in words, and the one that FreeSWITCH answers for a hangup cause.

Every service that says how a call ended says it in these words. Pure.
"""

from typing import Final

__all__ = ["REASONS", "SIP_OF_CAUSE", "UNLISTED", "sip_status"]

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
UNLISTED: Final = 480

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


def sip_status(text: str) -> int:
    """The status in `486` or `sip:486`; 0 for none."""
    digits = text.removeprefix("sip:")
    return int(digits) if len(digits) == 3 and digits.isascii() and digits.isdigit() and digits >= "100" else 0
