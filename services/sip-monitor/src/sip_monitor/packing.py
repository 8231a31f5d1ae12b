"""Dialogs and ladders as they rest: deflated, with a dictionary of what they are full of. Pure.

Packed a ladder is a tenth as long, half of what it would be without the dictionary, and packed faster. What is packed
never leaves the process, so the dictionary may change with any version. The nearer its end, the cheaper a phrase is to
name: what nearly every message has stands last (RFC 1951, 1950).
"""

import zlib
from typing import Final

__all__ = ["packed", "unpacked"]

_DIALOG: Final = (
    '"trying""ringing""completed""cancelled""failed""busy""rejected""NORMAL_CLEARING"{"call_id":"","method":"INVITE",'
    '"from":"1000","to":"1001","state":"answered","status":200,"reason":"OK","cause":null,"started_at":"2026-11-",'
    '"answered_at":"2026-11-","ended_at":null,"setup_ms":null,"messages":7,"retransmissions":0,"switch_call":null}'
)
_SDP: Final = (
    "a=sendrecv", "a=ptime:20", "a=rtpmap:8 PCMA/8000", "a=rtpmap:0 PCMU/8000", "a=rtpmap:9 G722/8000",
    "a=rtpmap:111 opus/48000/2", "a=fmtp:101 0-16", "a=rtpmap:101 telephone-event/8000", "", "v=0",
    "o=- IN IP4 192.168.1.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0", "m=audio RTP/AVP 0 8 101 13",
)  # fmt: skip
_RARE: Final = (
    "SIP/2.0 486 Busy Here", "SIP/2.0 487 Request Terminated", "SIP/2.0 100 Trying", "REGISTER sip:", "CANCEL sip:",
    "BYE sip:", "ACK sip:", "Expires: ", "Event: ", "Subscription-State: ", "X-FS-Support: update_display,send_info",
    "P-Asserted-Identity: ", "Record-Route: <sip:;lr>", "Session-Expires: 1800;refresher=uas",
    r'Reason: Q.850;cause=16;text=\"NORMAL_CLEARING\"',
    r'Remote-Party-ID: \"Outbound Call\" <sip:>;party=calling;privacy=off;screen=no', "",
    r'WWW-Authenticate: Digest Proxy-Authenticate: Digest realm=\", nonce=\", algorithm=MD5, qop=\"auth\"',
    "Proxy-Authorization: (removed)", "Authorization: (removed)", "Accept: application/sdp",
)  # fmt: skip
_COMMON: Final = (
    "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, MESSAGE, INFO, UPDATE, REGISTER, REFER, NOTIFY, PUBLISH, SUBSCRIBE",
    "Supported: timer, path, replaces, outbound, gruu",
    "Allow-Events: talk, hold, conference, presence, as-feature-event, dialog, line-seize, call-info, sla",
    "include-session-description, presence.winfo, message-summary, refer",
    "Content-Disposition: session", "Content-Type: application/sdp", "Content-Length: 0", "",
    "User-Agent: FreeSWITCH-mod_sofia/1.10.12-release~64bit",
)  # fmt: skip
_ARROW: Final = (
    r'"},{"at":"2026-01-01T12:00:00.000Z","from":"192.168.1.1:5060","to":"127.0.0.1:5060","transport":"TCP",'
    '"first_line":"SIP/2.0 407 Proxy Authentication Required","cseq":"1 INVITE","retransmission":false,'
    '"body":"SIP/2.0 407 Proxy Authentication Required SIP/2.0 180 Ringing'
)
_HEAD: Final = (
    "Via: SIP/2.0/UDP ;rport=5060;branch=z9hG4bK;received=", "Max-Forwards: 70", r'From: \"1000\" <sip:1000@;tag=',
    "To: <sip:1001@;tag=", "Call-ID: @", "CSeq: 1 INVITE", "Contact: <sip:1000@;transport=udp>", "SIP/2.0 200 OK",
)  # fmt: skip
_FIRST: Final = (
    r'"},{"hosts":["192.168.1.1:5060","10.0.0.1:5060"],"messages":[{"at":"2026-","from":"192.168.1.1:5060",'
    '"to":"192.168.1.2:5060","transport":"UDP","first_line":"INVITE sip:1001@ SIP/2.0","cseq":"1 INVITE",'
    '"retransmission":false,"body":"INVITE sip:1001@ SIP/2.0'
)
_PHRASES: Final = r"\r\n".join((_DIALOG, *_SDP, *_RARE, *_COMMON, _ARROW, *_HEAD, _FIRST, "Via: SIP/2.0/UDP ")).encode()


def packed(payload: bytes) -> bytes:
    """A payload that is to rest."""
    deflate = zlib.compressobj(1, wbits=-zlib.MAX_WBITS, zdict=_PHRASES)
    return deflate.compress(payload) + deflate.flush()


def unpacked(resting: bytes) -> bytes:
    """What was `packed`."""
    return zlib.decompressobj(-zlib.MAX_WBITS, zdict=_PHRASES).decompress(resting)
