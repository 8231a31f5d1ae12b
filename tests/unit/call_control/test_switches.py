"""How many calls are live: the switches' sum, or that nobody knows."""

import pytest
from msgspec import structs

from call_control.switches import FILTERS, Switches
from lampfield_bus.examples import EXAMPLES
from lampfield_bus.messages import Calls, SwitchInfo, encode
from lampfield_bus.node.arrivals import Arrival, Connected, Lost, Message, ReadingBegan, ReadingEnded
from lampfield_bus.node.life import LOST_MS
from support.home_assistant import health

CALLS = EXAMPLES[Calls]
INFO = EXAMPLES[SwitchInfo]
NOW = 1_795_388_313_341
HOUR_MS = 3_600_000


def told(name: str = "main", *, total: int = 3, esl: str = "connected", online: bytes = b"online") -> list[Arrival]:
    return [
        Message(f"switch/{name}/availability", online),
        Message(f"switch/{name}/info", encode(structs.replace(INFO, esl=esl))),
        Message(f"switch/{name}/health", health(NOW), retain=True),
        Message(f"switch/{name}/calls", encode(structs.replace(CALLS, total=total))),
    ]


def heard(*arrivals: Arrival) -> Switches:
    switches = Switches()
    for arrival in (Connected(), ReadingBegan(), *arrivals, ReadingEnded(True)):
        switches.hear(arrival, NOW)
    return switches


def test_the_calls_of_all_switches_are_one_number() -> None:
    assert heard(*told("main", total=3), *told("berlin", total=4)).live(NOW) == 7


@pytest.mark.parametrize(
    "arrivals",
    [
        [],
        told(esl="lost"),
        told(online=b"offline"),
        told()[:3],
        [*told(), *told("berlin", esl="connecting")],
        told()[:1] + told()[2:],
        told()[:2] + told()[3:],
        [*told(), Message("switch/main/calls", b"")],
    ],
)
def test_a_number_that_would_be_a_guess_is_none(arrivals: list[Arrival]) -> None:
    assert heard(*arrivals).live(NOW) is None


def test_a_reading_that_ran_out_of_time_leaves_the_switches_that_it_did_not_tell_of() -> None:
    switches = heard(*told("main", total=3), *told("berlin", total=4))
    for arrival in (ReadingBegan(), *told("main", total=1), ReadingEnded(complete=False)):
        switches.hear(arrival, NOW)
    assert switches.live(NOW) == 5
    for arrival in (ReadingBegan(), *told("main", total=1), ReadingEnded(complete=True)):
        switches.hear(arrival, NOW)
    assert switches.live(NOW) == 1, "a whole reading without it: it is gone"


def test_a_health_that_is_old_is_a_switch_that_is_lost() -> None:
    switches = heard(*told())
    assert switches.live(NOW + LOST_MS - 1) == 3
    assert switches.live(NOW + LOST_MS) is None


def test_a_switch_whose_clock_is_wrong_counts_as_it_does_on_a_panel() -> None:
    switches = heard(*told())
    for at in (NOW + 60_000, NOW + 75_000):
        switches.hear(Message("switch/main/health", health(at - HOUR_MS)), at)
    assert switches.live(NOW + 75_000 + LOST_MS - 1) == 3
    assert switches.live(NOW + 75_000 + LOST_MS) is None
    for arrival in (Connected(), ReadingBegan(), *told()[:2], *told()[3:]):
        switches.hear(arrival, NOW + 80_000)
    switches.hear(Message("switch/main/health", health(NOW + 75_000 - HOUR_MS), retain=True), NOW + 80_000)
    switches.hear(ReadingEnded(True), NOW + 80_000)
    assert switches.live(NOW + 80_000) == 3, "how far the clocks are apart is known from before"


def test_a_health_of_a_clock_that_is_ahead_is_not_young_for_ever() -> None:
    switches = heard(*told()[:2], *told()[3:], Message("switch/main/health", health(NOW + HOUR_MS), retain=True))
    assert switches.live(NOW) == 3
    assert switches.live(NOW + LOST_MS) is None


def test_a_clock_that_is_set_in_the_middle_of_a_reading_makes_nobody_lost() -> None:
    switches = heard(*told())
    switches.hear(Message("switch/main/health", health(NOW)), NOW)
    switches.hear(ReadingBegan(), NOW)
    for arrival in told():
        switches.hear(arrival, NOW)
    switches.step(HOUR_MS)
    assert switches.live(NOW + HOUR_MS) == 3
    switches.hear(ReadingEnded(True), NOW + HOUR_MS)
    assert switches.live(NOW + HOUR_MS + LOST_MS - 1) == 3
    assert switches.live(NOW + HOUR_MS + LOST_MS) is None


@pytest.mark.parametrize("topic", ["availability", "info", "health", "calls"])
@pytest.mark.parametrize("payload", [b"{", b'{"at": "yesterday"}', health(NOW).replace(b"2026-", b"soon-")])
def test_a_message_that_cannot_be_read_changes_nothing(topic: str, payload: bytes) -> None:
    switches = heard(*told())
    for switch in ("main", "unheard"):
        with pytest.raises(ValueError, match=r"."):
            switches.hear(Message(f"switch/{switch}/{topic}", payload), NOW)
    assert switches.live(NOW) == 3


def test_without_the_bus_nobody_knows_and_a_reading_mends_it() -> None:
    switches = heard(*told())
    switches.hear(Lost("gone"), NOW)
    assert switches.live(NOW) is None
    for arrival in (Connected(), ReadingBegan(), *told(total=5), ReadingEnded(True)):
        switches.hear(arrival, NOW)
    assert switches.live(NOW) == 5


def test_a_switch_that_was_forgotten_counts_no_more() -> None:
    switches = heard(*told("main"), *told("old", esl="lost"))
    for topic in ("availability", "info", "health", "calls"):
        assert switches.live(NOW) is None, "something of it is still told"
        switches.hear(Message(f"switch/old/{topic}", b""), NOW)
    assert switches.live(NOW) == 3


def test_a_number_that_changes_is_followed() -> None:
    switches = heard(*told())
    switches.hear(Message("switch/main/calls", encode(structs.replace(CALLS, total=9))), NOW)
    switches.hear(Message("display/lobby/state", b"{}"), NOW)
    assert switches.live(NOW) == 9


def test_it_hears_what_it_needs() -> None:
    assert "switch/+/calls" in FILTERS
