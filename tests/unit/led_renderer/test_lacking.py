"""Fewer topics than told, for long: read again, ever more rarely. `test_board` has the whole story."""

from itertools import pairwise

from led_renderer.lacking import FEWER_MS, LONGEST_RETRY_MS, Lacking


def test_it_asks_after_a_while_and_then_ever_more_rarely() -> None:
    lacking, asked = Lacking(), []
    for now in range(0, 3 * LONGEST_RETRY_MS, 1_000):
        lacking.look(now, linked=True, fewer=True)
        if lacking.wants_reading():
            asked.append(now)
            lacking.read()
    gaps = [later - earlier for earlier, later in pairwise(asked)]
    assert asked[0] == FEWER_MS
    assert gaps == sorted(gaps)
    assert gaps[-1] <= LONGEST_RETRY_MS + 1_000


def test_enough_or_no_link_asks_for_nothing_and_a_stepped_clock_does_not_hurry() -> None:
    lacking = Lacking()
    lacking.look(0, linked=False, fewer=True)
    assert lacking.due() is None
    lacking.look(0, linked=True, fewer=True)
    assert lacking.due() == FEWER_MS
    lacking.shift(10**9)
    lacking.look(10**9 + 1, linked=True, fewer=True)
    assert not lacking.wants_reading()
    lacking.look(10**9 + 2, linked=True, fewer=False)
    assert lacking.due() is None
