"""A ladder's payload: always what encoding its messages anew would give, and never too long."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampfield_bus.messages import SipLadder, SipMessage
from sip_monitor.packing import unpacked
from sip_monitor.record import HOST_BOUND, MESSAGE_BOUND, RECORD_BYTES, Record, hidden, message
from support.sip import ALICE, BOB, PROXY, T0, packet, request, sip


def arrow(number: int = 0, source: str = ALICE, target: str = PROXY, text: str | None = "text") -> SipMessage:
    payload = request("INFO", cseq=number)
    return message(packet(payload, source, target), sip(payload), T0 + number, text, retransmission=False)


def ladder(record: Record) -> SipLadder:
    return msgspec.json.decode(record.payload(), type=SipLadder)


def test_an_arrow() -> None:
    assert arrow(7) == SipMessage(
        at="2026-11-22T23:51:47.214Z", from_=ALICE, to=PROXY, transport="UDP",
        first_line="INFO sip:1001@pbx.example SIP/2.0", cseq="7 INFO", retransmission=False, body="text",
    )  # fmt: skip
    assert hidden(msgspec.structs.replace(arrow(), first_line="INVITE sip:0555123456@x SIP/2.0")).first_line == (
        "INVITE sip:********56@x SIP/2.0"
    )


def test_a_password_in_the_address_that_is_asked_for_is_not_told() -> None:
    payload = b"INVITE sip:1001:secret@pbx.example SIP/2.0\r\nCall-ID: c1\r\nCSeq: 1 INVITE\r\n\r\n"
    told = message(packet(payload), sip(payload), T0, None, retransmission=False)
    assert told.first_line == "INVITE sip:1001:(removed)@pbx.example SIP/2.0"


hosts = st.sampled_from([ALICE, PROXY, BOB, "[::1]:5060"])


looks = st.sampled_from(["", "payload", "packed"])


@given(st.lists(st.tuples(hosts, hosts, looks), max_size=20))
def test_appending_gives_what_encoding_the_whole_would(steps: list[tuple[str, str, str]]) -> None:
    record, arrows, columns = Record(), [], []
    for number, (source, target, look) in enumerate(steps):
        arrows.append(arrow(number, source, target))
        columns += [host for host in dict.fromkeys((source, target)) if host not in columns]
        record.add(arrows[-1])
        if look:
            getattr(record, look)()
        assert record.rests == (look == "packed")
        assert record.drafted == (0 if record.rests else record.size)
    whole = msgspec.json.encode(SipLadder(hosts=columns, messages=arrows))
    assert record.payload() == unpacked(record.packed()) == whole
    assert record.size == len(record.packed())


def test_an_earlier_run_s_payload_is_gone_on_with_and_another_is_refused() -> None:
    first = Record()
    first.add(arrow(1))
    second = Record(first.payload())
    second.add(arrow(2, BOB, ALICE))
    assert [each.cseq for each in ladder(second).messages] == ["1 INFO", "2 INFO"]
    assert ladder(second).hosts == [ALICE, PROXY, BOB]
    for wrong in (b"", b"{}", b"[]", b'{"hosts":[1],"messages":[]}'):
        with pytest.raises(ValueError, match=r"."):
            Record(wrong)


def test_of_a_very_long_dialog_the_beginning_and_the_end_stay() -> None:
    record = Record()
    for number in range(10 * MESSAGE_BOUND):
        record.add(arrow(number))
        assert record._count <= MESSAGE_BOUND
    kept = [int(each.cseq.split()[0]) for each in ladder(record).messages]
    assert kept[:20] == list(range(20))
    assert kept[-20:] == list(range(10 * MESSAGE_BOUND - 20, 10 * MESSAGE_BOUND))


def test_long_texts_go_from_the_middle_first() -> None:
    record = Record()
    for number in range(60):
        record.add(arrow(number, text="x" * 5000))
        assert record.size <= RECORD_BYTES
    texts = [each.body is not None for each in ladder(record).messages]
    assert len(texts) == 60
    assert texts[0]
    assert texts[-1]
    assert not all(texts)


def test_what_is_longer_as_it_is_told_counts_as_long_as_it_is_told() -> None:
    record, long = Record(), "sip:" + "x" * 60_000
    for number in range(40):
        payload = request("INFO", cseq=number).replace(b"sip:1001@pbx.example", long.encode(), 1)
        record.add(message(packet(payload), sip(payload), T0, "\x01" * 5000, retransmission=False))
        assert record.size <= RECORD_BYTES


def test_thinned_it_keeps_the_messages_without_their_texts() -> None:
    record = Record()
    record.add(arrow(1, text="x" * 1000))
    record.thin()
    assert record.thinned
    assert record.size == len(record.packed()) < 500
    assert ladder(record).messages == [arrow(1, text=None)]
    record.add(arrow(2))
    assert not record.thinned


def test_there_are_only_so_many_columns() -> None:
    record = Record()
    for number in range(40):
        record.add(arrow(number, f"192.0.2.1:{number}"))
    assert HOST_BOUND <= len(ladder(record).hosts) <= HOST_BOUND + 1
