"""Files of packets: what tcpdump, Wireshark and our own recordings hold, and what a cut-off file does."""

import contextlib
import io
import struct
from typing import Any

import dpkt
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampfield_bus.messages import SipLadder
from sip_monitor import hep
from sip_monitor.capture import FLOW_BOUND, Frames, as_pcap, packets, payload_of
from sip_monitor.hep import Packet
from sip_monitor.tracker import Rules, Tracker
from support.sip import ALICE, HEP_DATA, PROXY, T0, datagram, recorded, request

SOURCE, TARGET = bytes([192, 0, 2, 7]), bytes([192, 0, 2, 1])
INVITE = request("INVITE", content="v=0")
EXPECTED = Packet(ALICE, PROXY, "UDP", T0, 1, 0, INVITE)


def udp(payload: bytes = INVITE) -> Any:
    part = dpkt.udp.UDP(sport=5060, dport=5060, data=payload, ulen=8 + len(payload))
    whole = dpkt.ip.IP(src=SOURCE, dst=TARGET, p=17, ttl=64, data=part)
    whole.len = len(whole)
    return whole


def tcp(payload: bytes, seq: int) -> Any:
    part = dpkt.tcp.TCP(sport=5060, dport=5060, seq=seq, data=payload)
    whole = dpkt.ip.IP(src=SOURCE, dst=TARGET, p=6, ttl=64, data=part)
    whole.len = len(whole)
    return whole


def pcap(*frames: bytes, link: int = 101, kind: Any = dpkt.pcap.Writer) -> bytes:
    file = io.BytesIO()
    writer = kind(file, linktype=link) if kind is dpkt.pcap.Writer else kind(file)
    for frame in frames:
        writer.writepkt(frame, T0 / 1000)
    return file.getvalue()


def ethernet(whole: Any, kind: int = dpkt.ethernet.ETH_TYPE_IP) -> bytes:
    return bytes(dpkt.ethernet.Ethernet(src=bytes(6), dst=bytes(6), type=kind, data=whole))


@pytest.mark.parametrize(
    "content",
    [
        pcap(bytes(udp())),
        pcap(ethernet(udp()), link=1),
        pcap(struct.pack("<I", 2) + bytes(udp()), link=0),
        pcap(bytes(10) + b"\0\0" + bytes(2) + b"\x08\0" + bytes(udp()), link=113),
        pcap(ethernet(udp()), kind=dpkt.pcapng.Writer),
        pcap(bytes(udp(datagram(INVITE)))),
    ],
    ids=["raw", "ethernet", "loopback", "cooked", "pcapng", "hep"],
)
def test_sip_is_found_in_frames_of_every_kind(content: bytes) -> None:
    (found,) = packets(content)
    assert msgspec.structs.replace(found, agent=0) == EXPECTED


def test_ipv6_and_what_is_no_sip() -> None:
    part = dpkt.udp.UDP(sport=5060, dport=5060, data=INVITE, ulen=8 + len(INVITE))
    six = dpkt.ip6.IP6(src=bytes(15) + b"\1", dst=bytes(15) + b"\2", nxt=17, hlim=64, data=part)
    six.plen = len(part)
    rtp = udp(b"\x80\0" + bytes(160))
    (found,) = packets(pcap(bytes(six), bytes(rtp), bytes(udp(b"\r\n\r\n"))))
    assert (found.source, found.target) == ("[::1]:5060", "[::2]:5060")


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_a_datagram_in_fragments_is_put_together(order: tuple[int, ...]) -> None:
    whole = udp(request("INVITE", extra="X: " + "x" * 3000 + "\r\n"))
    body = bytes(whole.data)
    parts = []
    for number, start in enumerate(range(0, len(body), 1480)):
        last = start + 1480 >= len(body)
        part = dpkt.ip.IP(src=SOURCE, dst=TARGET, p=17, ttl=64, id=9, data=body[start : start + 1480])
        part._flags_offset = (0 if last else 0x2000) | start // 8
        part.len = 20 + len(part.data)
        parts.append(bytes(part))
        assert number < 3
    (found,) = packets(pcap(*(parts[number] for number in order)))
    assert len(found.payload) > 3000


def test_a_stream_is_cut_into_messages_wherever_its_segments_end() -> None:
    stream = request("INVITE", content="v=0\r\n\r\nBYE sip:x SIP/2.0") + request("ACK") + request("BYE", cseq=2)
    for size in (7, 100, 1000):
        frames = [bytes(tcp(stream[at : at + size], 1000 + at)) for at in range(0, len(stream), size)]
        frames.insert(1, frames[0])  # sent again
        found = list(packets(pcap(*frames)))
        assert [packet.payload.split()[0] for packet in found] == [b"INVITE", b"ACK", b"BYE"]
        assert {packet.transport for packet in found} == {"TCP"}


def test_what_a_stream_lost_is_skipped() -> None:
    first, second = request("INVITE"), request("BYE", cseq=2)
    frames = [bytes(tcp(first[:50], 0)), bytes(tcp(first[100:] + second, 100))]
    assert [packet.payload for packet in packets(pcap(*frames))] == [second]


def test_our_recordings_with_and_without_lengths() -> None:
    whole = (HEP_DATA / "call_bridged.hep").read_bytes()
    bare = b"".join(recorded("call_bridged"))
    assert list(packets(whole)) == list(packets(bare)) == [hep.decode(each) for each in recorded("call_bridged")]


def test_a_ladder_becomes_a_pcap_that_holds_the_same() -> None:
    tracker = Tracker(Rules())
    for each in recorded("call_bridged"):
        tracker.datagram(each, T0)
    call_id = "902b765303f81823@127.0.0.1"
    ladder = msgspec.json.decode(tracker.records[call_id].payload(), type=SipLadder)
    found = list(packets(as_pcap(ladder.messages, call_id)))
    wire = [hep.decode(each) for each in recorded("call_bridged")]
    wire = [packet for packet in wire if call_id.encode() in packet.payload]
    assert [(p.at, p.source, p.target, p.payload.split(b"\r\n")[0]) for p in found] == [
        (p.at, p.source, p.target, p.payload.split(b"\r\n")[0]) for p in wire
    ]
    assert not any(b"response=" in packet.payload for packet in found)
    six = msgspec.structs.replace(ladder.messages[0], from_="[::1]:5060", to="[::2]:5060", body=None)
    (alone,) = packets(as_pcap([six], call_id))
    assert (alone.source, alone.payload) == ("[::1]:5060", payload_of(six, call_id))
    assert call_id.encode() in alone.payload


@pytest.mark.parametrize("content", [b"", b"GIF89a" + bytes(50), b"\xd4\xc3\xb2\xa1", pcap(link=999)[:20]])
def test_another_kind_of_file_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="is "):
        list(packets(content))


def test_a_file_that_is_cut_off_gives_what_it_has() -> None:
    content = pcap(bytes(udp()), bytes(udp()))
    frames = Frames()
    assert len(list(frames.packets(content[: 24 + (len(content) - 24) // 2 + 8]))) == 1
    assert frames.skipped == 1


def test_only_so_many_datagrams_and_streams_are_put_together_at_once() -> None:
    frames = Frames()
    for number in range(FLOW_BOUND + 50):
        part = dpkt.ip.IP(src=SOURCE, dst=TARGET, p=17, ttl=64, id=number, data=b"x" * 8)
        part._flags_offset = 0x2000
        part.len = 28
        list(frames._frame(101, bytes(part), T0))
        whole = tcp(b"INVITE sip:x", 1)
        whole.data.sport = number + 1
        list(frames._frame(101, bytes(whole), T0))
    assert len(frames._fragments) <= FLOW_BOUND
    assert len(frames._streams) <= FLOW_BOUND


@given(st.integers(0, 10_000), st.binary(max_size=40))
def test_a_damaged_file_raises_nothing_but_a_value_error(at: int, noise: bytes) -> None:
    whole = pcap(ethernet(udp()), ethernet(tcp(INVITE, 5)), link=1)
    at %= len(whole)
    with contextlib.suppress(ValueError):
        list(packets(whole[:at] + noise + whole[at + len(noise) :]))
