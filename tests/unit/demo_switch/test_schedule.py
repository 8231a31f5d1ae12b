from collections.abc import Iterator

from demo_switch.schedule import Schedule


def _story(told: list[str], name: str, *waits: float) -> Iterator[float]:
    for wait in waits:
        told.append(name)
        yield wait
    told.append(f"{name} ends")


def test_stories_go_on_when_they_are_due_and_in_order() -> None:
    told: list[str] = []
    schedule = Schedule()
    schedule.add(_story(told, "late", 1.0), 2.0)
    schedule.add(_story(told, "early", 5.0), 1.0)
    assert schedule.due() == 1.0
    assert schedule.run(2.5)
    assert told == ["early", "late"]
    assert schedule.now == 2.5
    assert schedule.due() == 3.0
    assert schedule.run(10)
    assert told == ["early", "late", "late ends", "early ends"]
    assert schedule.due() is None


def test_stories_of_one_second_go_on_in_the_order_in_which_they_were_added() -> None:
    told: list[str] = []
    schedule = Schedule()
    for name in ("first", "second"):
        schedule.add(_story(told, name))
    schedule.run(0)
    assert told == ["first ends", "second ends"]


def test_a_limit_of_steps_leaves_the_rest_for_later() -> None:
    told: list[str] = []
    schedule = Schedule()
    schedule.add(_story(told, "a", 1.0, 1.0, 1.0))
    assert not schedule.run(100, limit=2)
    assert schedule.now == 1.0
    assert schedule.run(100)
