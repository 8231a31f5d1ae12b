"""HEP: what well-meaning agents send, and what nobody should believe."""

import contextlib
import gzip
import re
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip_monitor import hep
from sip_monitor.hep import Packet, decode, encode
from support.sip import HEP_DATA, T0, packet, recorded

CAPTURES = sorted(path.stem for path in HEP_DATA.glob("*.hep"))


def chunks(*parts: tuple[int, int, bytes]) -> bytes:
    body = b"".join(struct.pack("!HHH", vendor, kind, 6 + len(data)) + data for vendor, kind, data in parts)
    return b"HEP3" + struct.pack("!H", 6 + len(body)) + body


V4 = [(0, 3, bytes([192, 0, 2, 7])), (0, 4, bytes([192, 0, 2, 1])), (0, 7, b"\x13\xc4"), (0, 8, b"\x13\xc5")]
WHOLE = [(0, 2, b"\x11"), *V4, (0, 9, struct.pack("!I", 1_795_391_507)), (0, 10, struct.pack("!I", 207_495)),
         (0, 11, b"\1"), (0, 12, struct.pack("!I", 100)), (0, 15, b"OPTIONS")]  # fmt: skip
EXPECTED = Packet("192.0.2.7:5060", "192.0.2.1:5061", "UDP", T0, 1, 100, b"OPTIONS")


def truth() -> dict[str, list[tuple[int, str, str, int]]]:
    """tests/data/hep/DECODED.txt, by another program: instant, from > to, bytes of each datagram."""
    found: dict[str, list[tuple[int, str, str, int]]] = {}
    name = ""
    for line in (HEP_DATA / "DECODED.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            name = line[3:].removesuffix(".hep")
        elif row := re.match(r"  (\d+)\.(\d{3})\d{3} p(\d+) (\S+)>(\S+) +(\d+) ", line):
            found.setdefault(name, []).append((int(row[1] + row[2]), row[4], row[5], int(row[6])))
    return found


@pytest.mark.parametrize("name", CAPTURES)
def test_every_recorded_datagram_says_what_another_decoder_reads(name: str) -> None:
    told = [(p.at, p.source, p.target, len(p.payload)) for p in map(decode, recorded(name))]
    assert told == truth()[name]


def test_what_websockets_carry_is_told_as_tcp() -> None:
    assert {decode(each).transport for each in recorded("ws_register_options")} == {"TCP", "UDP"}


def test_sngrep_s_own_and_the_example_of_the_specification() -> None:
    sngrep = decode((HEP_DATA / "hep3_sngrep_example.bin").read_bytes())
    assert (sngrep.source, sngrep.target, sngrep.agent) == ("127.0.0.1:15061", "127.0.0.1:15062", 2002 << 16)
    assert sngrep.payload.startswith(b"INVITE sip:1001@127.0.0.1:150")
    spec = decode((HEP_DATA / "hep3_spec_example.bin").read_bytes())
    assert (spec.source, spec.target, spec.payload[:10]) == ("212.202.0.1:12010", "82.116.0.211:5060", b"INVITE sip")


@given(st.permutations(WHOLE))
def test_chunks_come_in_any_order(parts: list[tuple[int, int, bytes]]) -> None:
    assert decode(chunks(*parts)) == EXPECTED


def test_unknown_chunks_and_other_vendors_are_skipped_and_what_follows_the_end_is_not_read() -> None:
    strange = [(0, 0x7777, b"x" * 40), (4, 15, b"not this one"), *WHOLE, (0, 15, b"nor this")]
    assert decode(chunks(*strange) + b"trailing") == EXPECTED


def test_version_6_addresses_an_auth_key_and_an_unknown_transport() -> None:
    parts = [(0, 2, b"\x63"), (0, 5, bytes(15) + b"\1"), (0, 6, bytes(15) + b"\2"), (0, 7, b"\0\1"), (0, 8, b"\0\2"),
             (0, 14, b"secret"), (0, 15, b"x")]  # fmt: skip
    assert decode(chunks(*parts)) == Packet("[::1]:1", "[::2]:2", "IP 99", None, 1, 0, b"x", b"secret")


@pytest.mark.parametrize("squeeze", [zlib.compress, gzip.compress])
def test_a_compressed_payload_is_read(squeeze) -> None:  # type: ignore[no-untyped-def]  # two functions of C
    assert decode(chunks(*WHOLE[:-1], (0, 16, squeeze(b"OPTIONS")))) == EXPECTED


@pytest.mark.parametrize(
    ("datagram", "said"),
    [
        (b"", "nothing"),
        (b"INVITE", "49 4e 56 49"),
        (b"HEP3", "says that it has 0 bytes"),
        (b"HEP3\xff\xff", "says that it has 65535 bytes, and has 6"),
        (b"HEP3\0\x09\0\0\0", "within a chunk's head"),
        (b"HEP3\0\x0c\0\0\0\x0f\0\0", "chunk 15 says that it has 0 bytes"),
        (b"HEP3\0\x0c\0\0\0\x0f\x40\0", "chunk 15 says that it has 16384 bytes, of 6"),
        (chunks(*V4), "no payload"),
        (chunks((0, 15, b"x")), "address of 0 bytes"),
        (chunks((0, 3, b"abc"), (0, 15, b"x")), "address of 3 bytes"),
        (chunks(*[(0, 0x7000, b"")] * 65), "more than 64 chunks"),
        (chunks(*V4, (0, 16, b"no zlib")), "that is none"),
        (chunks(*V4, (0, 16, zlib.compress(bytes(10_000_000)))), "more than 65535 bytes"),
        (b"\1\x10", "less than a head"),
        (b"\1\x10\x63\x11\0\1\0\2", "address family 99"),
        (b"\1\x20\2\x11\0\1\0\2" + bytes(30), "head of 32 bytes, not 16"),
        (b"\2\x10\2\x11\0\1\0\2" + bytes(10), "within its head"),
    ],
)
def test_what_is_no_hep_is_refused_with_what_is_wrong(datagram: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=f"^hep: .*{re.escape(said)}"):
        decode(datagram)


@pytest.mark.parametrize("order", ["<", ">"])
def test_versions_1_and_2(order: str) -> None:
    head = b"\x10\2\x11\x13\xc4\x13\xc5" + bytes([192, 0, 2, 7, 192, 0, 2, 1])
    assert decode(b"\1" + head + b"OPTIONS") == Packet(
        "192.0.2.7:5060", "192.0.2.1:5061", "UDP", None, 1, 0, b"OPTIONS"
    )
    times = struct.pack(order + "IIHxx", 1_795_391_507, 207_495, 100)
    second = decode(b"\2" + head + times + b"OPTIONS")
    assert (second.at, second.payload) == (T0, b"OPTIONS")
    six = b"\1\x28\x0a\x06\0\1\0\2" + bytes(15) + b"\1" + bytes(15) + b"\2" + b"x"
    assert decode(six) == Packet("[::1]:1", "[::2]:2", "TCP", None, 1, 0, b"x")


@pytest.mark.parametrize("seconds", [0, 4_294_967_295])
def test_an_instant_that_cannot_be_is_none(seconds: int) -> None:
    parts = [part for part in WHOLE if part[1] != 9]
    assert decode(chunks(*parts, (0, 9, struct.pack("!I", seconds)))).at is None


@given(
    st.builds(
        Packet,
        source=st.sampled_from(["192.0.2.7:5060", "10.0.0.1:65535"]),
        target=st.sampled_from(["192.0.2.1:1"]),
        transport=st.sampled_from(["UDP", "TCP", "TLS", "SCTP"]),
        at=st.integers(hep._FIRST * 1000, 4_000_000_000_000),
        kind=st.integers(0, 255),
        agent=st.integers(0, 2**32 - 1),
        payload=st.binary(max_size=300),
        key=st.binary(max_size=20),
    )
)
def test_what_is_encoded_is_decoded(told: Packet) -> None:
    assert decode(encode(told)) == told


def test_what_hep_cannot_carry_is_refused() -> None:
    for wrong, said in [
        (packet(b"x", target="[::1]:5"), "two address families"),
        (packet(b"x", source="host:5"), "invalid literal"),
        (packet(bytes(65_500)), "fit no datagram"),
    ]:
        with pytest.raises(ValueError, match=said):
            encode(wrong)
    assert decode(encode(packet(b"x", "[::1]:5060", "[2001:db8::2]:5060"))).target == "[2001:db8::2]:5060"


@given(st.one_of(st.binary(max_size=400), st.binary(max_size=200).map(lambda tail: b"HEP3" + tail)))
def test_noise_raises_nothing_but_a_value_error(noise: bytes) -> None:
    with contextlib.suppress(ValueError):
        decode(noise)


@given(st.sampled_from(recorded("register")), st.data())
def test_a_damaged_datagram_raises_nothing_but_a_value_error(whole: bytes, data: st.DataObject) -> None:
    damaged = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    for _ in range(data.draw(st.integers(0, 6))):
        if damaged:
            damaged[data.draw(st.integers(0, min(len(damaged), 130) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ValueError):
        assert len(decode(bytes(damaged)).payload) <= hep.MAX_PAYLOAD


def test_the_captures_are_there() -> None:
    assert len(CAPTURES) == 8
    assert Path(HEP_DATA / "README.md").is_file()
