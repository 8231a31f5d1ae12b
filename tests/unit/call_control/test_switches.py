"""How many calls are live: the switches' sum, or that nobody knows."""

import pytest
from msgspec import structs

from call_control.switches import FILTERS, STALE_MS, Switches
from lampfield_bus.examples import EXAMPLES
from lampfield_bus.instants import parse
from lampfield_bus.messages import Calls, SwitchHealth, SwitchInfo, encode
from lampfield_bus.node.arrivals import Arrival, Connected, Lost, Message, ReadingBegan, ReadingEnded

CALLS = EXAMPLES[Calls]
INFO = EXAMPLES[SwitchInfo]
HEALTH = EXAMPLES[SwitchHealth]
assert isinstance(HEALTH, SwitchHealth)
NOW = parse(HEALTH.at)


def told(name: str = "main", *, total: int = 3, esl: str = "connected", online: bytes = b"online") -> list[Arrival]:
    return [
        Message(f"switch/{name}/availability", online),
        Message(f"switch/{name}/info", encode(structs.replace(INFO, esl=esl))),
        Message(f"switch/{name}/health", encode(HEALTH)),
        Message(f"switch/{name}/calls", encode(structs.replace(CALLS, total=total))),
    ]


def heard(*arrivals: Arrival) -> Switches:
    switches = Switches()
    for arrival in (Connected(), ReadingBegan(), *arrivals, ReadingEnded(True)):
        switches.hear(arrival)
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
        told()[1:],
        [*told(), *told("berlin", esl="connecting")],
        [*told()[:3], Message("switch/main/calls", b"{")],
    ],
)
def test_a_number_that_would_be_a_guess_is_none(arrivals: list[Arrival]) -> None:
    assert heard(*arrivals).live(NOW) is None


def test_a_health_that_is_old_is_a_switch_that_is_lost() -> None:
    switches = heard(*told())
    assert switches.live(NOW + STALE_MS) == 3
    assert switches.live(NOW + STALE_MS + 1) is None


def test_without_the_bus_nobody_knows_and_a_reading_mends_it() -> None:
    switches = heard(*told())
    switches.hear(Lost("gone"))
    assert switches.live(NOW) is None
    for arrival in (Connected(), ReadingBegan(), *told(total=5), ReadingEnded(True)):
        switches.hear(arrival)
    assert switches.live(NOW) == 5


def test_a_switch_that_was_forgotten_counts_no_more() -> None:
    switches = heard(*told("main"), *told("old", esl="lost"))
    assert switches.live(NOW) is None
    switches.hear(Message("switch/old/availability", b""))
    assert switches.live(NOW) == 3


def test_a_number_that_changes_is_followed() -> None:
    switches = heard(*told())
    switches.hear(Message("switch/main/calls", encode(structs.replace(CALLS, total=9))))
    switches.hear(Message("display/lobby/state", b"{}"))
    assert switches.live(NOW) == 9


def test_it_hears_what_it_needs() -> None:
    assert "switch/+/calls" in FILTERS
