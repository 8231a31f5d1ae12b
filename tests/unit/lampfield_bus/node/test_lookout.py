import pytest

from lampfield_bus.node.arrivals import Arrival, Connected, Lost, Message, ReadingBegan, ReadingEnded
from lampfield_bus.node.lookout import PATIENCE_SECONDS, Lookout

OURS = "switch/main/availability"
STORED = Message(OURS, b"online", retain=True, qos=1)
ANSWER = Message(OURS, b"online", retain=False, qos=1)
WILL = Message(OURS, b"offline", retain=False, qos=1)
BEGAN = (Connected(), ReadingBegan())
ENDED = ReadingEnded(complete=True)


def looked(*arrivals: Arrival) -> Lookout:
    lookout = Lookout(OURS)
    for arrival in arrivals:
        lookout.receive(arrival, 100.0)
    return lookout


@pytest.mark.parametrize(
    ("arrivals", "verdict"),
    [
        ((), None),
        (BEGAN, None),
        ((*BEGAN, STORED), None),
        ((*BEGAN, ENDED), "alone"),
        ((*BEGAN, Message(OURS, b"offline", retain=True), ENDED), "alone"),
        ((*BEGAN, STORED, ENDED), None),
        ((*BEGAN, STORED, ReadingEnded(complete=False)), None),
        ((*BEGAN, STORED, ENDED, ANSWER), "taken"),
        ((*BEGAN, ANSWER), "taken"),
        ((*BEGAN, STORED, ENDED, WILL), "alone"),
        ((*BEGAN, STORED, ENDED, Message("switch/other/availability", b"online")), None),
        ((*BEGAN, STORED, ENDED, Lost("broker gone")), None),
        ((*BEGAN, STORED, ENDED, Lost("broker gone"), *BEGAN, ENDED), "alone"),
    ],
)
def test_who_is_there(arrivals: tuple[Arrival, ...], verdict: str | None) -> None:
    assert looked(*arrivals).verdict(100.0) == verdict


def test_who_does_not_answer_is_not_there() -> None:
    lookout = looked(*BEGAN, STORED, ENDED)
    assert lookout.verdict(100.0 + PATIENCE_SECONDS - 0.1) is None
    assert lookout.verdict(100.0 + PATIENCE_SECONDS) == "alone"
    assert lookout.silent
    assert not looked(*BEGAN, STORED, ENDED, WILL).silent


def test_without_a_broker_it_waits_for_ever() -> None:
    assert looked(Lost("refused")).verdict(10_000.0) is None
