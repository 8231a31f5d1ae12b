"""What was captured, held to a dict that says the same in more room."""

from hypothesis import given
from hypothesis import strategies as st

from sip_monitor.seen import NOTHING, SEEN_BOUND, noted, when

EPOCH = 1_795_391_507_207


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(-5_000, 2**31 - 1))))
def test_it_says_what_a_dict_would(steps: list[tuple[int, int]]) -> None:
    seen, expected = NOTHING, dict[int, int]()
    for message, after in steps:
        assert when(seen, message, EPOCH) == expected.get(message)
        seen = noted(seen, message, EPOCH, EPOCH + after)
        expected[message] = EPOCH + after
    assert {message: when(seen, message, EPOCH) for message in range(21)} == {
        message: expected.get(message) for message in range(21)
    }


def test_a_key_that_stands_across_two_entries_is_none() -> None:
    seen = noted(NOTHING, 1, EPOCH, EPOCH)  # 01 and eleven zeros: the hash of 0 stands in it, from its second byte on
    assert when(seen, 0, EPOCH) is None
    assert when(noted(seen, 0, EPOCH, EPOCH + 5), 0, EPOCH) == EPOCH + 5


def test_the_oldest_goes_first_and_there_are_never_more() -> None:
    seen = NOTHING
    for message in range(SEEN_BOUND + 3):
        seen = noted(seen, message, EPOCH, EPOCH + message)
    assert len(seen) == SEEN_BOUND * 12
    assert [when(seen, message, EPOCH) for message in (0, 2, 3)] == [None, None, EPOCH + 3]


def test_what_is_too_far_away_counts_as_far_away() -> None:
    seen = noted(NOTHING, "a", EPOCH, 0)
    found = when(seen, "a", EPOCH)
    assert found is not None
    assert EPOCH - found == 2**31 - 1
