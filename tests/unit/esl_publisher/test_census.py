import json
from zoneinfo import ZoneInfo

from esl_publisher.census import Census
from esl_publisher.counters import Counters
from esl_publisher.ledger import Ledger
from esl_publisher.publish import Publisher
from support.legs import T0, leg


class Bench:
    """A ledger, and what was told of how many calls it holds."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.counters = Counters(ZoneInfo("UTC"))
        self.counters.turn(T0, 0)
        self.census = Census(self.ledger, self.counters)
        self.publisher = Publisher("main", hide_numbers=False)

    def told(self) -> list[tuple[int, str]]:
        self.census.publish(self.publisher)
        messages = [json.loads(told.payload) for told in self.publisher.take()]
        return [(message["total"], message["at"][17:23]) for message in messages]


def test_a_number_is_told_once_with_the_moment_since_when_it_is_so() -> None:
    bench = Bench()
    bench.ledger.add(leg("a"), T0)
    bench.census.look(T0 + 1_000)
    bench.census.look(T0 + 2_000)

    assert bench.told() == [(1, "36.000")]
    assert bench.told() == []


def test_a_number_that_was_checked_is_told_though_it_is_the_same() -> None:
    bench = Bench()
    bench.census.look(T0)
    assert bench.told() == []

    bench.census.look_again()
    bench.census.look(T0 + 1_000)
    assert bench.told() == [(0, "36.000")]


def test_the_most_at_once_is_what_was_noted() -> None:
    bench = Bench()
    bench.ledger.add(leg("a"), T0)
    bench.ledger.add(leg("b"), T0)
    assert (bench.census.total, bench.counters.today.message().peak) == (0, 0)

    bench.census.note()
    assert (bench.census.total, bench.counters.today.message().peak) == (2, 2)
