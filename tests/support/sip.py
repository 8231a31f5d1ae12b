"""SIP as tests send it: recorded HEP, and messages made of a few words."""

import struct
from pathlib import Path

from sip_monitor.hep import Packet, encode
from sip_monitor.sip import Sip, parse

__all__ = ["ALICE", "BOB", "HEP_DATA", "PROXY", "T0", "answer", "datagram", "packet", "recorded", "request", "sip"]

HEP_DATA = Path(__file__).parents[1] / "data" / "hep"
ALICE, PROXY, BOB = "192.0.2.7:5060", "192.0.2.1:5060", "192.0.2.8:5060"
T0 = 1_795_391_507_207  # 2026-11-22T23:51:47.207Z, when the captures were made


def recorded(name: str) -> list[bytes]:
    """The datagrams of a capture of FreeSWITCH 1.11.1, each behind its length."""
    content = (HEP_DATA / f"{name}.hep").read_bytes()
    found, at = [], 0
    while at < len(content):
        (length,) = struct.unpack_from("!I", content, at)
        found.append(content[at + 4 : at + 4 + length])
        at += 4 + length
    return found


def request(
    method: str, *, call_id: str = "c1", cseq: int = 1, branch: str = "z9hG4bK1", to_tag: str = "", extra: str = "",
    from_tag: str = "a1", cseq_method: str = "", content: str = "",
) -> bytes:  # fmt: skip
    """A request of 1000 to 1001. `extra`: more header lines, each ended by CRLF."""
    first = f"{method} sip:1001@pbx.example SIP/2.0"
    names = {"call_id": call_id, "branch": branch, "from_tag": from_tag, "to_tag": to_tag}
    return _text(first, f"{cseq} {cseq_method or method}", names, extra, content)


def answer(
    status: int, reason: str = "", *, to: str = "INVITE", call_id: str = "c1", cseq: int = 1, branch: str = "z9hG4bK1",
    to_tag: str = "b1", extra: str = "", from_tag: str = "a1", content: str = "",
) -> bytes:  # fmt: skip
    """The answer to a request of method `to`."""
    names = {"call_id": call_id, "branch": branch, "from_tag": from_tag, "to_tag": to_tag}
    return _text(f"SIP/2.0 {status} {reason}", f"{cseq} {to}", names, extra, content)


def _text(first: str, cseq: str, names: dict[str, str], extra: str, content: str) -> bytes:
    tag = f";tag={names['to_tag']}" if names["to_tag"] else ""
    return (
        f"{first}\r\nVia: SIP/2.0/UDP 192.0.2.7:5060;branch={names['branch']}\r\n"
        f'From: "Alice" <sip:1000@pbx.example>;tag={names["from_tag"]}\r\nTo: <sip:1001@pbx.example>{tag}\r\n'
        f"Call-ID: {names['call_id']}\r\nCSeq: {cseq}\r\n{extra}Content-Length: {len(content)}\r\n\r\n{content}"
    ).encode()


def sip(payload: bytes) -> Sip:
    """The message."""
    return parse(payload)


def packet(payload: bytes, source: str = ALICE, target: str = PROXY, at: int = T0, *, transport: str = "UDP") -> Packet:
    """It, captured."""
    return Packet(source=source, target=target, transport=transport, at=at, kind=1, agent=100, payload=payload)


def datagram(payload: bytes, source: str = ALICE, target: str = PROXY, at: int = T0) -> bytes:
    """It, as HEP3."""
    return encode(packet(payload, source, target, at))
