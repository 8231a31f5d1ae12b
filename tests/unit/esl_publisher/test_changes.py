from esl_publisher.changes import Changes
from support.legs import leg


def test_what_was_taken_is_not_told_again() -> None:
    changes = Changes()
    changes.calls.add("a")
    changes.users.update(("1000", "1001"))

    assert changes.take_users() == {"1000", "1001"}
    assert changes.take_users() == set()
    changes.users.add("1002")
    assert changes.take() == Changes([], {"a"}, {"1002"})
    assert changes == Changes()


def test_only_an_extensions_leg_has_a_lamp() -> None:
    changes = Changes()
    changes.touch(leg("a"))
    changes.touch(leg("b", user="1001"))

    assert changes.users == {"1001"}
