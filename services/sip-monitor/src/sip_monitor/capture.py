"""Files of captured packets: HEP datagrams one after another, pcap and pcapng; and ladders as pcap. Pure.

dpkt reads the frames; what SIP needs beyond that is here: IP fragments (an INVITE with many codecs does not fit into
one packet) and TCP streams, as far as they come in order. Everything is bounded, and what cannot be read is left out
and counted, because a capture is cut somewhere.
"""

import contextlib
import io
import re
import struct
from collections.abc import Iterable, Iterator
from ipaddress import ip_address
from typing import Any, Final

import dpkt

from lampfield_bus.instants import parse
from lampfield_bus.messages import SipMessage
from sip_monitor import hep
from sip_monitor.hep import MAX_PAYLOAD, Packet

__all__ = ["FLOW_BOUND", "Frames", "as_pcap", "packets", "payload_of"]

FLOW_BOUND: Final = 1_000  # TCP streams, and datagrams in fragments, that are put together at once
_RAW: Final = 101  # LINKTYPE_RAW: IP without a frame around it
_PCAPS: Final = (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d")
_PCAPNG: Final = b"\x0a\x0d\x0d\x0a"
_SIP_START: Final = re.compile(rb"SIP/2\.0 |[A-Z]{3,20} [a-z]{2,5}:")
_LENGTH: Final = re.compile(rb"^(?:content-length|l)[ \t]*:[ \t]*(\d{1,6})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)


def packets(content: bytes) -> Iterator[Packet]:
    """The SIP in a file. Raises ValueError for a file of another kind."""
    if content[:4] in _PCAPS or content[:4] == _PCAPNG:
        yield from Frames().packets(content)
    elif b"HEP3" in content[:8]:
        yield from _hep(content)
    else:
        raise ValueError("is neither pcap, nor pcapng, nor HEP")


def _hep(content: bytes) -> Iterator[Packet]:
    """Datagrams, each behind its length (four bytes) or not."""
    at = 0
    while (start := content.find(b"HEP3", at, at + 8)) >= 0:
        length = int.from_bytes(content[start + 4 : start + 6], "big")
        at = start + max(length, 6)
        with contextlib.suppress(ValueError):  # cut off, or damaged
            packet = hep.decode(content[start:at])
            if packet.kind == hep.SIP:
                yield packet


class Frames:
    """Reads pcap and pcapng. `skipped` counts frames that could not be read."""

    def __init__(self) -> None:
        self.skipped = 0
        self._fragments: dict[tuple[bytes, bytes, int], dict[int, tuple[bytes, bool]]] = {}
        self._streams: dict[tuple[str, str], tuple[int, bytes]] = {}  # the next sequence number, what waits for more

    def packets(self, content: bytes) -> Iterator[Packet]:
        """The SIP in it. Raises ValueError for a file that is none of the two."""
        try:
            file = io.BytesIO(content)
            reader: Any = dpkt.pcapng.Reader(file) if content[:4] == _PCAPNG else dpkt.pcap.Reader(file)
            frames = iter(reader)
            link = reader.datalink()
        except (ValueError, dpkt.Error, struct.error) as error:
            raise ValueError(f"is no pcap that can be read: {error}") from None
        while True:
            try:
                seconds, frame = next(frames)
            except StopIteration:
                return
            except (ValueError, dpkt.Error, struct.error):
                self.skipped += 1
                return  # cut off in its middle
            try:
                yield from self._frame(link, frame, int(seconds * 1000))
            except (ValueError, dpkt.Error, struct.error, IndexError, AttributeError):
                self.skipped += 1

    def _frame(self, link: int, frame: bytes, at: int) -> Iterator[Packet]:
        found = _ip(link, frame)
        if found is None:
            return
        part = found.data
        if isinstance(found, dpkt.ip.IP) and (found.mf or found.offset):
            part = self._whole(found)
        if isinstance(part, dpkt.udp.UDP):
            yield from _datagram(found, part, at)
        elif isinstance(part, dpkt.tcp.TCP):
            yield from self._stream(found, part, at)

    def _whole(self, part: Any) -> Any:
        """The datagram that this fragment completes; None while something is missing."""
        key = (part.src, part.dst, part.id)
        pieces = self._fragments.setdefault(key, {})
        pieces[part.offset * 8] = (bytes(part.data), bool(part.mf))
        if len(self._fragments) > FLOW_BOUND or len(pieces) > 64:
            del self._fragments[next(iter(self._fragments))]
        body = b""
        while len(body) in pieces:
            piece, more = pieces[len(body)]
            body += piece
            if not more:
                self._fragments.pop(key, None)
                return dpkt.udp.UDP(body) if part.p == dpkt.ip.IP_PROTO_UDP else None
            if not piece or len(body) > MAX_PAYLOAD:
                break
        return None

    def _stream(self, found: Any, part: Any, at: int) -> Iterator[Packet]:
        """Whole messages of a stream; what is lost is skipped, to where a message begins."""
        flow = (_end(found.src, part.sport), _end(found.dst, part.dport))
        due, waiting = self._streams.get(flow, (part.seq, b""))
        data = bytes(part.data)
        if (part.seq - due) & 0xFFFFFFFF >= 0x80000000:  # sent again
            data = data[(due - part.seq) & 0xFFFFFFFF :]
        elif part.seq != due:
            waiting = b""
        waiting = (waiting + data)[-MAX_PAYLOAD:]
        while (message := _message(waiting)) is not None:
            yield Packet(flow[0], flow[1], "TCP", at, hep.SIP, 0, message)
            waiting = waiting[waiting.find(message) + len(message) :]
        if flow not in self._streams and len(self._streams) >= FLOW_BOUND:
            del self._streams[next(iter(self._streams))]
        self._streams[flow] = ((part.seq + len(bytes(part.data))) & 0xFFFFFFFF, waiting)


def _ip(link: int, frame: bytes) -> Any:
    if link == dpkt.pcap.DLT_EN10MB:
        found: Any = dpkt.ethernet.Ethernet(frame).data
    elif link == dpkt.pcap.DLT_LINUX_SLL:
        found = dpkt.sll.SLL(frame).data
    elif link == getattr(dpkt.pcap, "DLT_LINUX_SLL2", 276):
        found = dpkt.sll2.SLL2(frame).data
    elif link in (dpkt.pcap.DLT_NULL, dpkt.pcap.DLT_LOOP):
        found = _bare(frame[4:])
    elif link in (_RAW, dpkt.pcap.DLT_RAW, 12, 14):
        found = _bare(frame)
    else:
        raise ValueError(f"is of link type {link}; known: Ethernet, Linux cooked, loopback, raw IP")
    return found if isinstance(found, dpkt.ip.IP | dpkt.ip6.IP6) else None


def _bare(frame: bytes) -> Any:
    return dpkt.ip6.IP6(frame) if frame[:1] and frame[0] >> 4 == 6 else dpkt.ip.IP(frame)


def _end(host: bytes, port: int) -> str:
    return hep.address(str(ip_address(host)), port)


def _datagram(found: Any, part: Any, at: int) -> Iterator[Packet]:
    data = bytes(part.data)
    if data.startswith(b"HEP3"):
        packet = hep.decode(data)
        if packet.kind == hep.SIP:
            yield packet
    elif _SIP_START.match(data):
        yield Packet(_end(found.src, part.sport), _end(found.dst, part.dport), "UDP", at, hep.SIP, 0, data)


def _message(waiting: bytes) -> bytes | None:
    """The first whole message in a stream's bytes."""
    start = _SIP_START.search(waiting)
    if start is None:
        return None
    end = waiting.find(b"\r\n\r\n", start.start())
    if end < 0:
        return None
    length = _LENGTH.search(waiting, start.start(), end)
    stop = end + 4 + (int(length[1]) if length else 0)
    return waiting[start.start() : stop] if stop <= len(waiting) else None


def payload_of(message: SipMessage, call_id: str) -> bytes:
    """A ladder's message as bytes; of one whose text had to go, the little that is known."""
    if message.body is not None:
        return message.body.encode()
    return f"{message.first_line}\r\nCall-ID: {call_id}\r\nCSeq: {message.cseq}\r\nContent-Length: 0\r\n\r\n".encode()


def as_pcap(messages: Iterable[SipMessage], call_id: str) -> bytes:
    """A ladder for sngrep and Wireshark: made-up UDP packets without frames around them, at the captured instants."""
    file = io.BytesIO()
    writer = dpkt.pcap.Writer(file, linktype=_RAW)
    for message in messages:
        (source, source_port), (target, target_port) = hep.parts(message.from_), hep.parts(message.to)
        payload = payload_of(message, call_id)[: MAX_PAYLOAD - 60]
        part = dpkt.udp.UDP(sport=source_port, dport=target_port, data=payload, ulen=8 + len(payload))
        if len(source) == 16:
            whole: Any = dpkt.ip6.IP6(src=source, dst=target, nxt=dpkt.ip.IP_PROTO_UDP, hlim=64, data=part)
            whole.plen = len(part)
        else:
            whole = dpkt.ip.IP(src=source, dst=target, p=dpkt.ip.IP_PROTO_UDP, ttl=64, data=part)
            whole.len = len(whole)
        writer.writepkt(bytes(whole), parse(message.at) / 1000)
    return file.getvalue()
