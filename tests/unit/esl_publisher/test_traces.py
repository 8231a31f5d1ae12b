"""Traces: the log names a call as the topics do, its legs as FreeSWITCH does, and nobody's number."""

from zoneinfo import ZoneInfo

from esl_publisher import facts
from esl_publisher.decode import decode
from esl_publisher.switch import Switch, SwitchOptions
from esl_publisher.traces import traces
from lampfield_bus.messages import Publication
from support.captures import events


def lines(capture: str) -> tuple[list[tuple[str, str]], bytes]:
    switch = Switch(SwitchOptions(switch="main", instance="i", tz=ZoneInfo("UTC")))
    bodies = events(capture)
    found: list[tuple[str, str]] = []
    for at, body in enumerate(bodies):
        found += traces(switch.receive(facts.EventReceived(decode(body), body), at))
    return found, b"".join(bodies)


def test_a_call_s_life_can_be_grepped() -> None:
    found, wire = lines("call_bridged")
    (call,) = {call for call, _ in found}
    told = [line.removeprefix(f"call {call} ").partition(";")[0] for _, line in found]
    assert told[0] == "was started"
    assert [what for what in told if what != "is ringing"] == [
        "was started", "was answered", "is active", "has ended: answered, NORMAL_CLEARING, SIP 200",
    ]  # fmt: skip
    legs = {leg for _, line in found for leg in line.rpartition("legs: ")[2].split(", ")} - {"gone"}
    assert len(legs) == 2
    assert all(f'"Unique-ID":"{leg}"'.encode() in wire for leg in legs)


def test_nobody_s_number_is_told() -> None:
    found, _ = lines("call_bridged")
    assert not any("1000" in line.partition(";")[0] or "1001" in line.partition(";")[0] for _, line in found)


def test_what_is_no_call_is_no_line() -> None:
    others = [
        Publication("switch/main/call/1", b"", 1, True),
        Publication("switch/main/queue/call", b"{}", 1, True),
        Publication("switch/main/info", b"{}", 1, True),
    ]
    assert list(traces(others)) == []
