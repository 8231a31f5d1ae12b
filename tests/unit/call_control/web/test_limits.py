from hypothesis import given
from hypothesis import strategies as st

from call_control.web.limits import MINUTE_MS, Limit, taken

AT = 1_795_388_000_000


def test_so_many_may_come_at_once_and_then_one_by_one() -> None:
    limit = Limit(3)
    assert [taken([(limit, "a")], AT) for _ in range(4)] == [0, 0, 0, 20_000]
    assert taken([(limit, "a")], AT + 19_999) == 1
    assert taken([(limit, "a")], AT + 20_000) == 0
    assert taken([(limit, "a")], AT + 20_000) == 20_000


def test_each_key_has_its_own() -> None:
    limit = Limit(1)
    assert taken([(limit, "a")], AT) == 0
    assert taken([(limit, "b")], AT) == 0


def test_of_two_limits_both_are_taken_or_none() -> None:
    one, all_ = Limit(1), Limit(2)
    assert taken([(one, "a"), (all_, "*")], AT) == 0
    assert taken([(one, "a"), (all_, "*")], AT) == MINUTE_MS
    assert taken([(all_, "*")], AT) == 0  # the refused one cost nothing


def test_a_clock_that_goes_back_lets_nobody_in_for_more_than_it_did() -> None:
    limit = Limit(1)
    assert taken([(limit, "a")], AT) == 0
    back = AT - 3_600_000
    assert taken([(limit, "a")], back) == MINUTE_MS
    assert taken([(limit, "a")], back + MINUTE_MS) == 0  # and nobody waits for an hour


def test_keys_are_bounded_and_those_that_are_full_again_make_room() -> None:
    limit = Limit(1, max_keys=2)
    assert [taken([(limit, key)], AT) for key in "abc"] == [0, 0, MINUTE_MS]
    assert taken([(limit, "c")], AT + MINUTE_MS) == 0
    assert len(limit._full_at) <= 2


@given(st.integers(1, 100), st.lists(st.integers(0, 30_000), max_size=200))
def test_in_no_minute_do_more_than_twice_as_many_come(per_minute: int, waits: list[int]) -> None:
    limit, at, came = Limit(per_minute), AT, []
    for wait in waits:
        at += wait
        if not taken([(limit, "a")], at):
            came.append(at)
    for first in came:
        assert sum(first <= each < first + MINUTE_MS for each in came) <= 2 * per_minute
