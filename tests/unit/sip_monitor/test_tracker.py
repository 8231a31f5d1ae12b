"""From datagrams to dialogs with their messages: the recorded streams as a telephone engineer would tell them."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampfield_bus.messages import SipLadder
from sip_monitor import hep
from sip_monitor.dialogs import Dialogs
from sip_monitor.hep import Packet, encode
from sip_monitor.tracker import FAULT_BOUND, Rules, Tracker
from support.sip import ALICE, PROXY, T0, answer, datagram, packet, recorded, request

UNFILTERED = Rules()
STANDARD = Rules(frozenset({"OPTIONS"}))


def replayed(name: str, rules: Rules = STANDARD) -> Tracker:
    tracker = Tracker(rules)
    for each in recorded(name):
        tracker.datagram(each, hep.decode(each).at or 0)
    return tracker


def ladder(tracker: Tracker, call_id: str) -> SipLadder:
    return msgspec.json.decode(tracker.records[call_id].payload(), type=SipLadder)


def told(tracker: Tracker) -> list[tuple[Any, ...]]:
    return [
        (d.method, d.from_, d.to, d.state, d.status, d.cause, d.setup_ms, d.post_dial_delay_ms, d.messages)
        for d in tracker.dialogs
    ]


@pytest.mark.parametrize(
    ("name", "dialogs"),
    [
        ("call_bridged", [
            ("INVITE", "1000", "71001", "completed", 200, "NORMAL_CLEARING", 594, 55, 10),
            ("INVITE", "1000", "1001", "completed", 200, "NORMAL_CLEARING", 527, 8, 7),
        ]),
        ("call_busy_486", [
            ("INVITE", "1000", "1001", "busy", 486, "USER_BUSY", None, None, 4),
            ("INVITE", "1000", "71001", "busy", 486, "USER_BUSY", None, None, 7),
        ]),
        ("call_cancel", [
            ("INVITE", "1000", "71001", "cancelled", 487, "ORIGINATOR_CANCEL", None, 88, 10),
            ("INVITE", "1000", "1001", "cancelled", 487, "ORIGINATOR_CANCEL", None, 19, 7),
        ]),
        ("call_no_answer", [
            ("INVITE", "1000", "71001", "failed", 480, "NO_USER_RESPONSE", None, 64, 8),
            ("INVITE", "1000", "1001", "cancelled", 487, "ORIGINATOR_CANCEL", None, 11, 7),
        ]),
        ("register", [
            ("NOTIFY", "1000", "1000", "completed", 200, None, 0, 0, 2),
            ("REGISTER", "1003", "1003", "rejected", 403, "CALL_REJECTED", None, None, 4),
            ("REGISTER", "1000", "1000", "completed", 200, None, 5, 5, 8),
        ]),
        ("ws_register_options", [
            ("REGISTER", "1000", "1000", "completed", 200, None, 12, 12, 4),
            ("REGISTER", "1000", "1000", "completed", 200, None, 7, 7, 4),
        ]),
        ("gateway_options_down_up", []),
    ],
)  # fmt: skip
def test_a_recorded_stream(name: str, dialogs: list[tuple[Any, ...]]) -> None:
    tracker = replayed(name)
    assert sorted(told(tracker), key=str) == sorted(dialogs, key=str)
    assert (tracker.bad_datagrams, list(tracker.faults())) == (0, [])
    assert tracker.datagrams == tracker.messages == len(recorded(name))


@pytest.mark.parametrize("name", ["call_bridged", "register", "udp_big_message", "call_cancel"])
def test_nothing_is_missing_from_the_ladders(name: str) -> None:
    tracker = replayed(name, UNFILTERED)
    arrows = [each for call_id in tracker.records for each in ladder(tracker, call_id).messages]
    wire = [hep.decode(each) for each in recorded(name)]
    assert sorted((a.at, a.from_, a.to, a.first_line) for a in arrows) == sorted(
        (packet_at(p), p.source, p.target, p.payload.split(b"\r\n")[0].decode()) for p in wire
    )


def packet_at(captured: Packet) -> str:
    from lampfield_bus.instants import rfc3339  # noqa: PLC0415 (a helper of one test)

    return rfc3339(captured.at or 0)


def test_an_unanswered_ping_is_left_out_unless_it_is_asked_for() -> None:
    assert [d.method for d in replayed("call_bridged", UNFILTERED).dialogs].count("OPTIONS") == 1
    assert len(replayed("gateway_options_down_up", UNFILTERED).dialogs) == 3


def test_what_is_bad_is_counted_and_told_once_per_kind() -> None:
    tracker = Tracker(STANDARD)
    for bad in (b"junk", b"junk2", datagram(b"GET / HTTP/1.1"), datagram(b"HELO"), b"HEP3\0\xff"):
        tracker.datagram(bad, T0)
    tracker.datagram(datagram(b"\r\n\r\n"), T0)
    tracker.datagram(encode(msgspec.structs.replace(packet(b'{"rtcp": 1}'), kind=5)), T0)
    assert (tracker.datagrams, tracker.bad_datagrams, tracker.messages) == (7, 5, 0)
    assert len(list(tracker.faults())) == 3
    for number in range(1000):
        tracker.datagram(bytes([number % 256, number // 256, 7]), T0)
    assert len(list(tracker.faults())) <= FAULT_BOUND


def test_of_a_stream_several_messages_may_come_as_one() -> None:
    tracker = Tracker(STANDARD)
    both = answer(100, "Trying") + answer(180, "Ringing")
    tracker.packet(packet(request("INVITE"), transport="TCP"), T0)
    tracker.packet(packet(both, PROXY, ALICE, transport="TCP"), T0)
    assert (tracker.messages, [d.state for d in tracker.dialogs]) == (3, ["ringing"])


def test_an_agent_that_tells_no_instant_is_heard_now() -> None:
    tracker = Tracker(STANDARD)
    tracker.packet(msgspec.structs.replace(packet(request("INVITE")), at=None), T0 + 5)
    assert [d.started_at for d in tracker.dialogs] == [T0 + 5]


def test_news_and_ends_and_what_is_gone_are_told_until_they_are_taken() -> None:
    tracker = Tracker(STANDARD, Dialogs(bound=2))
    tracker.datagram(datagram(request("INVITE")), T0)
    tracker.datagram(datagram(answer(486), PROXY, ALICE, T0 + 9), T0 + 9)
    assert (tracker.touched, list(tracker.ended), [d.call_id for d in tracker.fresh]) == ({"c1": T0}, ["c1"], ["c1"])
    tracker.touch("c1", T0 + 50)
    assert tracker.touched == {"c1": T0}
    for name in ("c2", "c3"):
        tracker.datagram(datagram(request("INVITE", call_id=name)), T0)
    assert (tracker.gone, list(tracker.touched), list(tracker.ended)) == (["c1"], ["c2", "c3"], [])
    tracker.lapse(T0 + 100_000)
    assert list(tracker.ended) == ["c2", "c3"]
    assert tracker.summary.message(0, T0).by_status == {"486": 1, "none": 2}


def test_hidden_numbers_are_in_no_ladder() -> None:
    tracker = Tracker(Rules(hide_numbers=True))
    payload = request("INVITE").replace(b"1001", b"0555123456")
    tracker.packet(packet(payload), T0)
    assert b"0555123456" not in tracker.records["c1"].payload()
    assert b"********56" in tracker.records["c1"].payload()


@given(st.lists(st.binary(max_size=60) | st.sampled_from(recorded("call_cancel")), max_size=30))
def test_whatever_comes_records_and_sizes_belong_to_dialogs(stream: list[bytes]) -> None:
    tracker = Tracker(STANDARD, Dialogs(bound=2, ended_bound=1))
    for number, each in enumerate(stream):
        tracker.datagram(each, T0 + number * 20_000)
    assert set(tracker.records) == {d.call_id for d in tracker.dialogs}
    assert tracker.records.size == sum(tracker.records[name].size for name in tracker.records)
    assert set(tracker.touched) <= set(tracker.records)
