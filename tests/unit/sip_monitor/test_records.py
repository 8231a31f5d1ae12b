"""All ladders: what they may take together, and whose texts go first."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampfield_bus.messages import SipLadder, SipMessage
from sip_monitor.record import Record, message
from sip_monitor.records import Records
from support.sip import T0, packet, request, sip


def arrow(number: int = 0, text: str = "text") -> SipMessage:
    payload = request("INFO", cseq=number)
    return message(packet(payload), sip(payload), T0 + number, text, retransmission=False)


def noise(number: int) -> str:
    """A text that packing makes no shorter than half."""
    return f"{pow(3, 5_000 + number):x}"


def texts(records: Records, call_id: str) -> list[str | None]:
    ladder = msgspec.json.decode(records[call_id].payload(), type=SipLadder)
    return [each.body for each in ladder.messages]


def test_a_ladder_that_was_told_rests_until_its_next_message() -> None:
    records = Records()
    records.add("c1", arrow(1))
    assert not records["c1"].rests
    resting = records.packed("c1")
    assert (records["c1"].rests, records.size) == (True, len(resting))
    records.add("c1", arrow(2))
    assert not records["c1"].rests
    assert texts(records, "c1") == ["text", "text"]


def test_the_oldest_draft_rests_before_its_time_when_there_are_too_many() -> None:
    records = Records(draft_bytes=5_000)
    for number in range(10):
        records.add(f"c{number}", arrow(number, "x" * 1000))
    drafts = [name for name in records if not records[name].rests]
    assert drafts == ["c6", "c7", "c8", "c9"]
    assert sum(records[name].drafted for name in records) <= 5_000
    assert all(texts(records, name) == ["x" * 1000] for name in records)


def test_texts_have_so_much_room_and_go_in_the_order_that_is_given() -> None:
    records = Records(20_000, 5_000)
    for number in range(30):
        records.add(f"c{number}", arrow(number, noise(number)))
        if records.full:
            records.thin(list(records))
        assert records.size <= 20_000
    bodies = [texts(records, f"c{number}")[0] for number in range(30)]
    kept = [number for number, text in enumerate(bodies) if text is not None]
    assert 0 < len(kept) < 30
    assert kept == list(range(30 - len(kept), 30))


def test_when_no_text_is_left_that_could_go_it_is_not_looked_for_with_every_message() -> None:
    records, looked = Records(4_000, 1_000), 0
    for number in range(200):
        records.add(f"c{number}", arrow(number))
        if records.full:
            looked += 1
            records.thin(list(records))
    assert 3 < looked < 60
    assert len(records) == 200


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(["add", "packed", "drop", "thin", "place"]))))
def test_the_sums_are_those_of_what_is_there(steps: list[tuple[str, str]]) -> None:
    records = Records(3_000, 800)
    for number, (name, step) in enumerate(steps):
        if step == "add":
            records.add(name, arrow(number, noise(number)[:300]))
        elif step == "packed" and name in records:
            records.packed(name)
        elif step == "drop":
            records.drop(name)
        elif step == "place" and name not in records:
            records.place(name, Record())
        elif step == "thin":
            records.thin(sorted(records))
        assert records.size == sum(records[each].size for each in records)
        assert records._drafted == sum(records[each].drafted for each in records) <= 800
        assert set(records._drafts) == {each for each in records if not records[each].rests}
    with pytest.raises(KeyError):
        records.packed("nobody")
