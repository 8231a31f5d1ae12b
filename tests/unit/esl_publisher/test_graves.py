from esl_publisher.graves import GRAVE_MS, MAX_GRAVES, Graves
from support.legs import T0


def test_a_grave_is_closed_when_a_late_enough_snapshot_does_not_have_the_leg() -> None:
    graves = Graves()
    graves.bury("a", T0)
    graves.bury("b", T0)

    graves.close(T0 + GRAVE_MS - 1, set())
    assert "a" in graves

    graves.close(T0 + GRAVE_MS, {"b"})
    assert ("a" in graves, "b" in graves) == (False, True)


def test_the_first_death_counts_and_moves_with_our_clock() -> None:
    graves = Graves()
    graves.bury("a", T0)
    graves.bury("a", T0 + GRAVE_MS)
    graves.shift(5)

    graves.close(T0 + GRAVE_MS, set())
    assert "a" in graves
    graves.close(T0 + GRAVE_MS + 5, set())
    assert "a" not in graves


def test_graves_are_bounded() -> None:
    graves = Graves()
    for number in range(MAX_GRAVES + 5):
        graves.bury(str(number), T0)

    assert ("4" in graves, "5" in graves) == (False, True)


def test_what_is_lifted_is_no_longer_buried() -> None:
    graves = Graves()
    graves.bury("a", 0)
    graves.lift("a")
    graves.lift("never buried")

    assert "a" not in graves
