"""HEP, the Homer Encapsulation Protocol: one datagram → who sent what to whom, and when. Pure.

Versions 1, 2 and 3. Of version 3 chunks come in any order, unknown ones are skipped, and no length is believed: nothing
is read beyond the datagram, nothing grows beyond what is named here. Source: the HEP3 protocol description of
sipcapture.org, and what FreeSWITCH 1.11.1, Kamailio's sipcapture.h and sngrep 1.6 send; versions 1 and 2 are C structs,
so their instants stand in the sender's byte order.
"""

import zlib
from functools import lru_cache
from ipaddress import IPv6Address
from struct import Struct as Layout
from typing import Final

from msgspec import Struct

__all__ = ["MAX_CHUNKS", "MAX_PAYLOAD", "SIP", "TRANSPORTS", "Packet", "address", "decode", "encode", "parts"]

MAX_CHUNKS: Final = 64  # of one datagram; a sender that means well sends about 15
MAX_PAYLOAD: Final = 65_535  # bytes, also of one that came compressed
ENDS: Final = 4_096  # addresses that are remembered, the last ones
SIP: Final = 1  # the capture protocol that is SIP; others (RTCP, logs) come the same way
TRANSPORTS: Final = {6: "TCP", 17: "UDP", 22: "TLS", 132: "SCTP"}  # IANA; sofia-sip says 22 for TLS
_PROTOCOLS: Final = {name: number for number, name in TRANSPORTS.items()}

_MAGIC: Final = b"HEP3"
_CHUNK: Final = Layout("!HHH")  # vendor, type, length with these six bytes
_WORD, _LONG = Layout("!H"), Layout("!I")
_HEAD: Final = Layout("!BBBBHH")  # versions 1 and 2: version, length, family, protocol, ports
_ADDRESSES: Final = {2: 4, 10: 16}  # AF_INET and AF_INET6 of Linux: bytes of an address
_TIMES: Final = (Layout("<II"), Layout(">II"))
_TIME_BYTES: Final = 12  # two words, the capture id, and the struct's padding
_PROTOCOL, _SOURCE_4, _TARGET_4, _SOURCE_6, _TARGET_6, _SOURCE_PORT, _TARGET_PORT = 2, 3, 4, 5, 6, 7, 8
_SECONDS, _MICROSECONDS, _KIND, _AGENT, _KEY, _PAYLOAD, _DEFLATED = 9, 10, 11, 12, 14, 15, 16
_FIRST, _LAST = 946_684_800, 4_102_444_800  # 2000 and 2100: what is outside is no instant


class Packet(Struct, frozen=True, gc=False):
    """What one datagram tells. `source` and `target`: `192.0.2.7:5060`, `[2001:db8::7]:5060`. `at`: ms, None untold.

    `kind` is SIP or something else's number; `agent` the sender's capture id; `key` its password, if it sent one.
    """

    source: str
    target: str
    transport: str
    at: int | None
    kind: int
    agent: int
    payload: bytes
    key: bytes = b""


def address(host: str, port: int) -> str:
    """Host and port as one text."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def decode(datagram: bytes) -> Packet:
    """What a datagram tells. Raises ValueError for what is no HEP."""
    if datagram[:4] == _MAGIC:
        return _version_3(datagram)
    if datagram[:1] in (b"\1", b"\2"):
        return _version_1_or_2(datagram)
    raise ValueError(f"hep: begins with {datagram[:4].hex(' ') or 'nothing'}, as no version does")


def _version_3(datagram: bytes) -> Packet:
    end = _WORD.unpack_from(datagram, 4)[0] if len(datagram) >= 6 else 0
    if not 6 <= end <= len(datagram):
        raise ValueError(f"hep: says that it has {end} bytes, and has {len(datagram)}")
    chunks: dict[int, bytes] = {}
    at = 6
    for _ in range(MAX_CHUNKS):
        if at >= end:
            break
        if at + 6 > end:
            raise ValueError("hep: ends within a chunk's head")
        vendor, kind, length = _CHUNK.unpack_from(datagram, at)
        if length < 6 or at + length > end:
            raise ValueError(f"hep: chunk {kind} says that it has {length} bytes, of {end - at} that are left")
        if vendor == 0:
            chunks.setdefault(kind, datagram[at + 6 : at + length])
        at += length
    else:
        raise ValueError(f"hep: more than {MAX_CHUNKS} chunks")
    return _packet(chunks)


def _packet(chunks: dict[int, bytes]) -> Packet:
    payload = chunks.get(_PAYLOAD)
    if payload is None and _DEFLATED in chunks:
        payload = _inflated(chunks[_DEFLATED])
    if payload is None:
        raise ValueError("hep: has no payload")
    seconds, micros = _number(chunks.get(_SECONDS)), _number(chunks.get(_MICROSECONDS))
    protocol = _number(chunks.get(_PROTOCOL))
    return Packet(
        source=_end(chunks, _SOURCE_4, _SOURCE_6, _SOURCE_PORT),
        target=_end(chunks, _TARGET_4, _TARGET_6, _TARGET_PORT),
        transport=TRANSPORTS.get(protocol) or f"IP {protocol}",
        at=_instant(seconds, micros),
        kind=_number(chunks.get(_KIND), SIP),
        agent=_number(chunks.get(_AGENT)),
        payload=payload,
        key=chunks.get(_KEY, b""),
    )


def _number(chunk: bytes | None, default: int = 0) -> int:
    return default if chunk is None else int.from_bytes(chunk[:8], "big")


def _end(chunks: dict[int, bytes], four: int, six: int, port: int) -> str:
    return _written_end(chunks.get(four) or chunks.get(six) or b"", chunks.get(port))


@lru_cache(maxsize=ENDS)
def _written_end(host: bytes, port: bytes | None) -> str:
    """Those who telephone are few, and every dialog holds its hosts: each is written once, and is one object."""
    return address(_host(host), _number(port) & 0xFFFF)


def _host(octets: bytes) -> str:
    if len(octets) == 4:
        return ".".join(map(str, octets))
    if len(octets) == 16:
        return str(IPv6Address(octets))
    raise ValueError(f"hep: an address of {len(octets)} bytes")


def _instant(seconds: int, micros: int) -> int | None:
    return seconds * 1000 + min(micros, 999_999) // 1000 if _FIRST <= seconds < _LAST else None


def _inflated(chunk: bytes) -> bytes:
    stream = zlib.decompressobj(wbits=47)  # zlib's or gzip's frame, by its head
    try:
        payload = stream.decompress(chunk, MAX_PAYLOAD)
    except zlib.error as error:
        raise ValueError(f"hep: a compressed payload that is none: {error}") from None
    if stream.unconsumed_tail:
        raise ValueError(f"hep: a compressed payload of more than {MAX_PAYLOAD} bytes")
    return payload


def _version_1_or_2(datagram: bytes) -> Packet:
    if len(datagram) < _HEAD.size:
        raise ValueError(f"hep: {len(datagram)} bytes are less than a head")
    version, length, family, protocol, source_port, target_port = _HEAD.unpack_from(datagram)
    octets = _ADDRESSES.get(family)
    if octets is None:
        raise ValueError(f"hep: version {version} with address family {family}")
    body = _HEAD.size + 2 * octets
    at = None
    if length != body:
        raise ValueError(f"hep: version {version} with a head of {length} bytes, not {body}")
    hosts = datagram[_HEAD.size : body]
    if version == 2:
        at = _written(datagram[body : body + 8])
        body += _TIME_BYTES
    if body > len(datagram):
        raise ValueError("hep: ends within its head")
    return Packet(
        source=address(_host(hosts[:octets]), source_port),
        target=address(_host(hosts[octets:]), target_port),
        transport=TRANSPORTS.get(protocol) or f"IP {protocol}",
        at=at,
        kind=SIP,
        agent=0,
        payload=datagram[body:],
    )


def _written(octets: bytes) -> int | None:
    if len(octets) < 8:
        raise ValueError("hep: ends within its head")
    return next((at for layout in _TIMES if (at := _instant(*layout.unpack(octets))) is not None), None)


def encode(packet: Packet) -> bytes:
    """A packet as HEP3, in FreeSWITCH's order. Raises ValueError for one that HEP3 cannot carry."""
    (source, source_port), (target, target_port) = parts(packet.source), parts(packet.target)
    if len(source) != len(target):
        raise ValueError("hep: two address families")
    six = len(source) == 16
    seconds, millis = divmod(packet.at or 0, 1000)
    chunks = [
        (1, bytes([10 if six else 2])),
        (_PROTOCOL, bytes([_PROTOCOLS.get(packet.transport, 17)])),
        (_SOURCE_PORT, _WORD.pack(source_port)),
        (_TARGET_PORT, _WORD.pack(target_port)),
        (_SECONDS, _LONG.pack(seconds)),
        (_MICROSECONDS, _LONG.pack(millis * 1000)),
        (_KIND, bytes([packet.kind])),
        (_AGENT, _LONG.pack(packet.agent)),
        (_SOURCE_6 if six else _SOURCE_4, source),
        (_TARGET_6 if six else _TARGET_4, target),
        *([(_KEY, packet.key)] if packet.key else []),
        (_PAYLOAD, packet.payload),
    ]
    body = b"".join(_CHUNK.pack(0, kind, 6 + len(chunk)) + chunk for kind, chunk in chunks)
    if len(body) + 6 > MAX_PAYLOAD:
        raise ValueError(f"hep: {len(packet.payload)} bytes fit no datagram")
    return _MAGIC + _WORD.pack(6 + len(body)) + body


def parts(text: str) -> tuple[bytes, int]:
    """What `address` made, as octets and port. Raises ValueError for anything else."""
    host, _, port = text.rpartition(":")
    if host.startswith("["):
        return IPv6Address(host[1:-1]).packed, int(port)
    octets = bytes(int(part) for part in host.split("."))
    if len(octets) != 4:
        raise ValueError(f"hep: {text!r} is no address")
    return octets, int(port)
