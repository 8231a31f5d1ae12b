from esl_publisher.legacy import WITHHOLD_MS, Legacy
from support.legs import T0


def test_what_was_left_is_withheld_until_a_snapshot() -> None:
    legacy = Legacy()
    assert not legacy.withheld
    legacy.begin(anything=True)
    assert (legacy.withheld, legacy.due()) == (True, None)

    legacy.linked(T0)
    assert legacy.due() == T0 + WITHHOLD_MS
    legacy.confirm()
    assert (legacy.withheld, legacy.due()) == (False, None)


def test_without_a_snapshot_it_is_withheld_for_a_while_by_a_clock_that_may_step() -> None:
    legacy = Legacy()
    legacy.begin(anything=True)
    legacy.linked(T0)
    legacy.shift(5_000)
    legacy.tick(T0 + WITHHOLD_MS)
    assert legacy.withheld

    legacy.tick(T0 + WITHHOLD_MS + 5_000)
    assert (legacy.withheld, legacy.due()) == (False, None)
    legacy.shift(1)
    assert legacy.due() is None


def test_nothing_is_withheld_where_nothing_was_left() -> None:
    legacy = Legacy()
    legacy.begin(anything=False)
    legacy.linked(T0)

    assert (legacy.withheld, legacy.due()) == (False, None)


def test_what_two_snapshots_do_not_confirm_is_over_and_cleared_once() -> None:
    legacy = Legacy()
    legacy.begin(anything=True)
    assert not legacy.take_uncleared()

    assert [legacy.confirm(), legacy.confirm()] == [False, True]
    assert [legacy.take_uncleared(), legacy.take_uncleared()] == [True, False]
    assert not legacy.confirm()


def test_a_run_that_read_nothing_clears_nothing() -> None:
    legacy = Legacy()
    legacy.confirm()

    assert not legacy.take_uncleared()
