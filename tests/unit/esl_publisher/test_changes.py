from esl_publisher.changes import Changes


def test_what_was_taken_is_not_told_again() -> None:
    changes = Changes()
    changes.calls.add("a")
    changes.users.update(("1000", "1001"))

    assert changes.take_users() == {"1000", "1001"}
    assert changes.take_users() == set()
    changes.users.add("1002")
    assert changes.take() == Changes([], {"a"}, {"1002"})
    assert changes == Changes()
