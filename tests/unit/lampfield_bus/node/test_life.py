"""Whether a part lives: by its word and the age of its health, whatever the clocks say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampfield_bus.instants import rfc3339
from lampfield_bus.node.life import LOST_MS, STALE_MS, Life, succeed

NOW = 1_795_388_313_341


def life(at: int = NOW, *, word: str | None = "online", fresh: bool = False, now: int = NOW) -> Life:
    found = Life()
    found.hear_availability(word)
    found.hear_health(rfc3339(at), fresh=fresh, now=now)
    return found


def test_who_says_nothing_is_lost() -> None:
    assert Life().lost(NOW)
    assert Life().edges() == ()
    online = Life()
    online.hear_availability("online")
    assert online.lost(NOW), "availability alone is no life: the will of a broker that died with the part never came"


def test_silence_makes_it_stale_then_lost() -> None:
    one = life()
    stale, lost, _ = one.edges()
    assert (stale, lost) == (NOW + STALE_MS + 1, NOW + LOST_MS)
    assert (one.stale(stale - 1), one.stale(stale)) == (False, True)
    assert (one.lost(lost - 1), one.lost(lost)) == (False, True)


def test_who_says_that_it_goes_is_lost_at_once_and_who_deletes_its_word_is_not() -> None:
    one = life()
    one.hear_availability("offline")
    assert one.lost(NOW)
    one.hear_availability(None)
    assert not one.lost(NOW)
    one.hear_health(None, fresh=True, now=NOW)
    assert one.lost(NOW)


@given(st.integers(-3_600_000, 3_600_000))
def test_a_clock_that_differs_neither_loses_a_live_one_nor_keeps_a_dead_one(ahead: int) -> None:
    one = life(NOW - ahead, fresh=True)
    assert one.lost(NOW) == (ahead >= LOST_MS), "one alone that says it is old is taken for old"
    one.hear_health(rfc3339(NOW - ahead), fresh=True, now=NOW)
    assert not one.lost(NOW + LOST_MS - 1)
    assert one.lost(NOW + LOST_MS)
    one.hear_health(rfc3339(NOW + 60_000 - ahead), fresh=True, now=NOW + 60_000)
    assert not one.lost(NOW + 60_000), "it came back"


def test_our_own_clock_may_be_set() -> None:
    one = life(fresh=True)
    one.shift(3_600_000)
    assert not one.lost(NOW + 3_600_000 + LOST_MS - 1)
    assert one.lost(NOW + 3_600_000 + LOST_MS)


def test_what_is_no_instant_changes_nothing() -> None:
    one = life()
    with pytest.raises(ValueError, match="instant"):
        one.hear_health("yesterday", fresh=True, now=NOW + 40_000)
    assert one.told_at == NOW


@pytest.mark.parametrize(("complete", "left"), [(True, ["told"]), (False, ["told", "gone"])])
def test_a_reading_leaves_whom_it_did_not_tell_of_only_when_it_was_cut_short(complete: bool, left: list[str]) -> None:
    reading = {"told": life()}
    succeed(reading, {"told": life(NOW - 7_000, fresh=True), "gone": life()}, complete=complete)
    assert [*reading] == left
    assert reading["told"].skew == 7_000
