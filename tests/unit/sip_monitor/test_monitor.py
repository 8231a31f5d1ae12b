"""The machine: what is told when, and what an earlier run, a flood or another call does to it."""

from typing import Any

import msgspec
from msgspec.structs import replace

from lampfield_bus import channels as c
from lampfield_bus import messages as m
from lampfield_bus.examples import EXAMPLES
from lampfield_bus.messages import Publication
from lampfield_bus.node.arrivals import Message, ReadingBegan, ReadingEnded
from sip_monitor.dialogs import Dialogs
from sip_monitor.monitor import LAPSE_MS, SETTLE_MS, SUMMARY_MS, TURN_DIALOGS, Datagram, Monitor
from sip_monitor.tracker import Rules, Tracker
from support.sip import ALICE, PROXY, T0, answer, datagram, recorded, request

CALL = EXAMPLES[m.Call]
ENDED = EXAMPLES[m.CallEnded]
assert isinstance(CALL, m.Call)
assert isinstance(ENDED, m.CallEnded)


def ready(rules: Rules | None = None, *, bound: int = 100) -> Monitor:
    """One that has read its topics, which were empty."""
    rules = rules or Rules(frozenset({"OPTIONS"}))
    monitor = Monitor("main", rules, T0, Tracker(rules, Dialogs(bound=bound)))
    monitor.receive(ReadingBegan(), T0)
    monitor.receive(ReadingEnded(complete=True), T0)
    return monitor


def hear(monitor: Monitor, payload: bytes, after: int = 0) -> None:
    ends = (PROXY, ALICE) if payload.startswith(b"SIP/2.0") else (ALICE, PROXY)
    assert monitor.receive(Datagram(datagram(payload, *ends, T0 + after)), T0 + after) == []


def tick(monitor: Monitor, after: int) -> dict[str, Any]:
    """What is told then, by topic; None for a deletion."""
    return {p.topic: msgspec.json.decode(p.content) if p.payload else None for p in monitor.tick(T0 + after)}


def test_a_dialog_is_told_with_all_that_came_in_a_moment_and_its_end_is_an_event() -> None:
    monitor = ready()
    tick(monitor, 0)
    hear(monitor, request("INVITE"))
    hear(monitor, answer(486, "Busy Here"), 90)
    assert monitor.due() == T0 + SETTLE_MS
    assert tick(monitor, SETTLE_MS - 1) == {}
    told = tick(monitor, SETTLE_MS)
    assert list(told) == ["sip/main/ladder/c1", "sip/main/dialog/c1", "sip/main/event/dialog/ended"]
    assert told["sip/main/dialog/c1"] == told["sip/main/event/dialog/ended"] == {
        "call_id": "c1", "method": "INVITE", "from": "1000", "to": "1001", "state": "busy", "status": 486,
        "reason": "Busy Here", "cause": "USER_BUSY", "started_at": "2026-11-22T23:51:47.207Z", "answered_at": None,
        "ended_at": "2026-11-22T23:51:47.297Z", "setup_ms": None, "messages": 2, "retransmissions": 0,
        "switch_call": None,
    }  # fmt: skip
    assert [each["first_line"] for each in told["sip/main/ladder/c1"]["messages"]] == [
        "INVITE sip:1001@pbx.example SIP/2.0", "SIP/2.0 486 Busy Here",
    ]  # fmt: skip
    hear(monitor, request("ACK"), 500)
    assert list(tick(monitor, 500 + SETTLE_MS)) == ["sip/main/ladder/c1", "sip/main/dialog/c1"]


def test_everything_that_is_told_fits_its_row() -> None:
    monitor = ready()
    for name in ("call_bridged", "register", "ws_register_options"):
        for each in recorded(name):
            monitor.receive(Datagram(each), T0)
    publications = monitor.tick(T0 + SETTLE_MS)
    assert len(publications) > 12
    for publication in publications:
        found = c.match(publication.topic)
        assert found is not None
        assert found[0].writer == "sip"
        found[0].decode(publication.content)
        assert (publication.qos, publication.retain) == (found[0].qos, found[0].retained)


def test_nothing_is_told_before_our_topics_were_read() -> None:
    monitor = Monitor("main", Rules(), T0)
    hear(monitor, request("INVITE"))
    assert monitor.due() == T0 + LAPSE_MS
    assert tick(monitor, 10_000) == {}
    monitor.receive(ReadingBegan(), T0)
    assert monitor.receive(ReadingEnded(complete=True), T0 + 10_000) == []
    assert "sip/main/dialog/c1" in tick(monitor, 10_001)


def test_an_earlier_run_s_dialogs_go_on_and_what_is_no_dialog_is_cleared() -> None:
    first = ready()
    hear(first, request("INVITE"))
    hear(first, answer(180), 50)
    hear(first, request("INVITE", call_id="no ladder"), 50)
    kept = {p.topic: p.content for p in first.tick(T0 + SETTLE_MS) if p.retain}
    del kept["sip/main/ladder/no ladder"]
    second = Monitor("main", Rules(), T0 + 5000)
    second.receive(ReadingBegan(), T0 + 5000)
    for topic, payload in {**kept, "sip/main/dialog/junk": b"{", "sip/other/dialog/x": b"{}"}.items():
        second.receive(Message(topic, payload, retain=True), T0 + 5000)
    cleared = second.receive(ReadingEnded(complete=True), T0 + 5000)
    assert sorted(p.topic for p in cleared) == ["sip/main/dialog/junk", "sip/main/dialog/no ladder"]
    assert all(p == Publication(p.topic, b"", p.qos, True) for p in cleared)
    hear(second, answer(200, "OK"), 6000)
    told = tick(second, 6000 + SETTLE_MS)
    assert (told["sip/main/dialog/c1"]["state"], told["sip/main/dialog/c1"]["setup_ms"]) == ("answered", 6000)
    assert [each["at"] for each in told["sip/main/ladder/c1"]["messages"]] == [
        "2026-11-22T23:51:47.207Z", "2026-11-22T23:51:47.257Z", "2026-11-22T23:51:53.207Z",
    ]  # fmt: skip


def test_a_reading_with_a_hole_is_asked_for_again_and_clears_nothing() -> None:
    monitor = Monitor("main", Rules(), T0)
    monitor.receive(ReadingBegan(), T0)
    monitor.receive(Message("sip/main/dialog/x", b"{", retain=True), T0)
    assert monitor.receive(ReadingEnded(complete=False), T0) == []
    assert not monitor.ready
    assert [monitor.wants_reading(), monitor.wants_reading()] == [True, False]


def test_after_a_reconnect_what_the_broker_kept_of_what_is_gone_is_cleared() -> None:
    monitor = ready()
    hear(monitor, request("INVITE"))
    monitor.tick(T0 + SETTLE_MS)
    monitor.receive(ReadingBegan(), T0)
    for topic in ("sip/main/dialog/c1", "sip/main/dialog/ghost"):
        monitor.receive(Message(topic, b"{}", retain=True), T0)
    assert [p.topic for p in monitor.receive(ReadingEnded(complete=True), T0)] == ["sip/main/dialog/ghost"]


def test_a_dialog_that_had_to_go_is_deleted_if_it_was_told() -> None:
    monitor = ready(bound=1)
    hear(monitor, request("INVITE", call_id="told"))
    tick(monitor, SETTLE_MS)
    hear(monitor, request("INVITE", call_id="never told"), 300)
    hear(monitor, request("INVITE", call_id="here"), 310)
    told = tick(monitor, 310 + SETTLE_MS)
    assert [topic for topic, payload in told.items() if payload is None] == [
        "sip/main/dialog/told",
        "sip/main/ladder/told",
    ]
    assert not any("never" in topic for topic in told)


def test_a_flood_is_told_by_portions() -> None:
    monitor = ready(bound=10_000)
    for number in range(3 * TURN_DIALOGS):
        hear(monitor, request("INVITE", call_id=str(number)))
    turns = [
        sum("/dialog/" in topic for topic in tick(monitor, after)) for after in range(SETTLE_MS, SETTLE_MS + 400, 10)
    ]
    assert [turn for turn in turns if turn] == [TURN_DIALOGS] * 3


def test_a_leg_and_the_switch_s_call_find_each_other_whichever_is_first() -> None:
    monitor = ready()
    call = replace(CALL, id="u1", sip_call_ids=["c1"], legs=["u1", "c2"])
    topic = c.SWITCH_CALL.topic("main", "u1")
    hear(monitor, request("INVITE"))
    assert tick(monitor, SETTLE_MS)["sip/main/dialog/c1"]["switch_call"] is None
    monitor.receive(Message(topic, m.encode(call)), T0 + 300)
    assert tick(monitor, 300 + SETTLE_MS)["sip/main/dialog/c1"]["switch_call"] == "u1"
    hear(monitor, request("INVITE", call_id="c2"), 600)
    assert tick(monitor, 600 + SETTLE_MS)["sip/main/dialog/c2"]["switch_call"] == "u1"
    hear(monitor, request("INVITE", call_id="c3"), 900)
    ended = replace(ENDED, id="u1", sip_call_ids=["c1", "c3"], legs=["u1"])
    monitor.receive(Message(c.CALL_ENDED.topic("main"), m.encode(ended)), T0 + 900)
    assert tick(monitor, 900 + SETTLE_MS)["sip/main/dialog/c3"]["switch_call"] == "u1"
    merged = replace(ended, id="u9", sip_call_ids=["c1"], merged_into="u1")
    monitor.receive(Message(c.CALL_ENDED.topic("main"), m.encode(merged)), T0 + 1300)
    for junk in (b"", b"{", b"[]"):
        monitor.receive(Message(topic, junk), T0 + 1300)
    monitor.receive(Message("switch/main/nonsense", b"{}"), T0 + 1300)
    assert monitor.message(next(d for d in monitor.tracker.dialogs if d.call_id == "c1")).switch_call == "u1"


def test_the_summary_is_told_at_a_change_and_while_nothing_happens() -> None:
    monitor = ready()
    assert list(tick(monitor, 0)) == ["sip/main/summary"]
    assert tick(monitor, 14_999) == {}
    assert list(tick(monitor, 15_000)) == ["sip/main/summary"]
    hear(monitor, request("INVITE"), 20_000)
    told = tick(monitor, 20_000 + SETTLE_MS)
    assert told["sip/main/summary"]["live"] == 1
    hear(monitor, answer(486), 20_300)
    assert "sip/main/summary" not in tick(monitor, 20_300 + SETTLE_MS)
    told = tick(monitor, 20_000 + SETTLE_MS + SUMMARY_MS)
    assert (told["sip/main/summary"]["live"], told["sip/main/summary"]["by_status"]) == (0, {"486": 1})


def test_who_is_silent_ends_without_a_message() -> None:
    monitor = ready()
    hear(monitor, request("INVITE"))
    tick(monitor, SETTLE_MS)
    told: dict[str, Any] = {}
    for after in range(1000, 40_000, 500):
        told |= tick(monitor, after)
    assert told["sip/main/event/dialog/ended"]["state"] == "failed"
    assert told["sip/main/dialog/c1"]["reason"] == "no answer"


def test_hidden_numbers() -> None:
    monitor = ready(Rules(hide_numbers=True))
    hear(monitor, request("INVITE").replace(b"1001", b"0555123456"))
    hear(monitor, answer(404, "0555123456 is not here"))
    publications = monitor.tick(T0 + SETTLE_MS)
    assert not any(b"0555123456" in p.content for p in publications)
    told = {p.topic: p.content for p in publications}
    assert msgspec.json.decode(told["sip/main/dialog/c1"])["to"] == "********56"


def test_a_clock_that_is_set_ends_nobody() -> None:
    monitor = ready()
    hear(monitor, request("INVITE"))
    hear(monitor, answer(100))
    hour = 3_600_000
    monitor.shift(hour)
    assert monitor.tracker.summary.message(1, T0 + hour + 60_000).per_minute == 1
    assert monitor.due() == T0 + hour
    told = {p.topic for p in monitor.tick(T0 + hour + 2 * LAPSE_MS)}
    assert "sip/main/event/dialog/ended" not in told
    assert "sip/main/dialog/c1" in told
