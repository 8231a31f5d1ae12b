import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo_switch.day import KINDS
from support.demo_switch import Diary


def test_two_days_with_one_seed_are_the_same_and_with_another_are_not() -> None:
    first, second, other = (Diary(seed=seed, rate=30).live(120) for seed in (7, 7, 8))
    assert [event.frame("json") for event in first.events] == [event.frame("json") for event in second.events]
    assert first.names() != other.names()


def test_the_first_call_comes_within_a_second() -> None:
    begun = Diary().live(1).pbx.counts["started"]
    assert begun == 1


def test_the_rate_is_how_many_calls_begin_in_a_minute() -> None:
    started = Diary(rate=20, phones=200).live(1_800).pbx.counts["started"]
    assert 480 < started < 760


def test_with_a_rate_of_zero_there_are_only_the_calls_that_are_asked_for() -> None:
    diary = Diary(rate=0).live(60)
    assert diary.pbx.counts["started"] == 0
    diary.day.begin("internal")
    assert diary.live(1).pbx.counts["started"] == 1
    with pytest.raises(ValueError, match="no such kind of call: picnic; there are internal"):
        diary.day.begin("picnic")


def test_a_switch_that_is_asleep_does_nothing() -> None:
    diary = Diary(asleep=True).live(600)
    assert diary.events == []
    assert diary.pbx.registrations == {}
    assert diary.day.due() is None


def test_a_day_has_calls_of_every_kind() -> None:
    diary = Diary(seed=2, rate=30)
    kinds = set[str]()
    for _ in range(1_800):
        diary.live(1)
        kinds |= {call.kind for call in diary.pbx.calls.values()}
    assert set(KINDS) <= kinds


def test_a_tick_does_a_limited_number_of_steps() -> None:
    diary = Diary()
    assert not diary.day.tick(1_000, 0, limit=5)


@settings(max_examples=8)
@given(st.integers(), st.sampled_from([6.0, 60.0, 300.0]))
def test_whatever_the_day_brings_it_ends_with_nobody_on_the_phone(seed: int, rate: float) -> None:
    diary = Diary(seed=seed, rate=rate).live(120)
    pbx = diary.pbx
    assert (
        pbx.counts["started"] == len(pbx.calls) + pbx.counts["answered"] + pbx.counts["missed"] + pbx.counts["failed"]
    )
    diary.day.rate = 0
    diary.live(600)
    assert (pbx.calls, pbx.legs, pbx.members, pbx.conference) == ({}, {}, [], None)
    assert pbx.database.rows(pbx.now + 1_000_000, "channels") == []
    assert pbx.database.rows(pbx.now + 1_000_000, "calls") == []
    created = [event.header("Unique-ID") for event in diary.events if event.name == "CHANNEL_CREATE"]
    destroyed = {event.header("Unique-ID") for event in diary.events if event.name == "CHANNEL_DESTROY"}
    assert len(created) == len(set(created)) == pbx.sessions
    assert set(created) <= destroyed
