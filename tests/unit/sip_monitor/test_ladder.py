"""A ladder as it is drawn: held to a picture, and to what sngrep 1.6 shows of the same call."""

import msgspec

from lampfield_bus.messages import SipLadder, SipMessage
from sip_monitor import hep
from sip_monitor.ladder import drawn, in_order, label, rows
from sip_monitor.record import Record, message
from sip_monitor.tracker import Rules, Tracker
from support.sip import ALICE, BOB, PROXY, T0, answer, packet, recorded, request, sip

CALLER, SWITCH = "127.0.0.1:42705", "127.0.0.1:5060"

# Read off the screen of sngrep 1.6.0-1 (Debian), to which the datagrams of call_bridged.hep were sent (-L); it cuts a
# label to its column's width, 26 characters.
SNGREP = [
    (CALLER, SWITCH, "INVITE (SDP)"),
    (SWITCH, CALLER, "407 Proxy Authentication R"),
    (CALLER, SWITCH, "ACK"),
    (CALLER, SWITCH, "INVITE (SDP)"),
    (SWITCH, CALLER, "100 Trying"),
    (SWITCH, CALLER, "180 Ringing"),
    (SWITCH, CALLER, "200 OK (SDP)"),
    (CALLER, SWITCH, "ACK"),
    (CALLER, SWITCH, "BYE"),
    (SWITCH, CALLER, "200 OK"),
]


PICTURE = """
                            192.0.2.7:5060            192.0.2.1:5060            192.0.2.8:5060
23:51:47.207                      │───── INVITE (SDP) ─────▶│                         │
23:51:47.209    +0.002            │                         │──────── INVITE ────────▶│
23:51:47.257    +0.048            │                         │◀───── 180 Ringing ──────│
23:51:47.259    +0.002            │◀───── 180 Ringing ──────│                         │
23:51:47.759    +0.500            │◀─ 180 Ringing (again) ──│                         │
23:51:47.807    +0.048            │                         │↻ OPTIONS
23:51:49.807    +2.000            │────────────────────── BYE ───────────────────────▶│"""


def of_capture(name: str, call_id: str, rules: Rules | None = None) -> SipLadder:
    tracker = Tracker(rules or Rules())
    for each in recorded(name):
        tracker.datagram(each, hep.decode(each).at or 0)
    return msgspec.json.decode(tracker.records[call_id].payload(), type=SipLadder)


def arrow(
    payload: bytes, source: str = ALICE, target: str = PROXY, after: int = 0, *, again: bool = False
) -> SipMessage:
    parsed = sip(payload)
    text = f"{parsed.head}\r\n\r\n{parsed.content.decode()}"
    return message(packet(payload, source, target), parsed, T0 + after, text, retransmission=again)


def ladder(*messages: SipMessage) -> SipLadder:
    record = Record()
    for each in messages:
        record.add(each)
    return msgspec.json.decode(record.payload(), type=SipLadder)


def test_it_is_the_ladder_that_sngrep_shows() -> None:
    told = of_capture("call_bridged", "902b765303f81823@127.0.0.1")
    assert [(source, target, text[:26]) for source, target, text in rows(told)] == SNGREP
    without = of_capture("call_bridged", "902b765303f81823@127.0.0.1", Rules(keeping="none"))
    assert rows(without) == rows(told)


def test_a_call_through_a_proxy_is_drawn_like_this() -> None:
    told = ladder(
        arrow(request("INVITE", content="v=0\r\n")),
        arrow(request("INVITE", branch="z9hG4bK2"), PROXY, BOB, 2),
        arrow(answer(180, "Ringing"), BOB, PROXY, 50),
        arrow(answer(180, "Ringing"), PROXY, ALICE, 52),
        arrow(answer(180, "Ringing"), PROXY, ALICE, 552, again=True),
        arrow(request("OPTIONS", cseq=3), PROXY, PROXY, 600),
        arrow(request("BYE", cseq=2), ALICE, BOB, 2600),
    )
    assert [line.rstrip() for line in drawn(told)] == PICTURE.splitlines()[1:]


def test_where_there_is_little_room_labels_are_cut_and_arrows_stay() -> None:
    told = of_capture("call_bridged", "902b765303f81823@127.0.0.1")
    lines = list(drawn(told, 76))
    assert max(len(line.rstrip()) for line in lines) <= 76
    assert "◀─ 407 Proxy Authenticatio│" in lines[2]
    assert [("▶" in line, "◀" in line) for line in lines[1:]] == [
        (source == CALLER, source == SWITCH) for source, _, _ in rows(told)
    ]
    assert list(drawn(told, 500)) == list(drawn(told))
    assert max(len(line.rstrip()) for line in drawn(told, 10)) <= 22 + 2 * 16


def test_messages_are_put_in_the_order_of_their_instants() -> None:
    late, early = arrow(answer(100, "Trying"), PROXY, ALICE, 9), arrow(request("INVITE"))
    assert in_order([late, early]) == [early, late]
    assert [text for _, _, text in rows(ladder(late, early))] == ["INVITE", "100 Trying"]


def test_labels() -> None:
    assert label(arrow(answer(200))) == "200"
    assert label(arrow(answer(503, "x" * 100))) == "503 " + "x" * 36
    assert label(arrow(request("INVITE", content="v=0"))) == "INVITE (SDP)"
    assert label(arrow(request("MESSAGE", content="so v=0"))) == "MESSAGE"


def test_a_host_that_no_column_was_left_for_gets_one() -> None:
    told = ladder(arrow(request("INVITE")))
    told = SipLadder(hosts=told.hosts[:1], messages=told.messages)
    assert PROXY in next(iter(drawn(told)))
