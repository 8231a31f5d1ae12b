from esl_publisher.claim import OLDER_TIMES, TOGETHER_SECONDS, TOGETHER_TIMES, Claim

LONG = TOGETHER_SECONDS + 1


def readings(instance: str, predecessor: str, found: list[str], uptime: float = LONG) -> list[bool]:
    claim = Claim(instance)
    claim.begin(predecessor)
    return [claim.is_lost(one, uptime) for one in found]


def test_its_own_instance_is_nobody_elses() -> None:
    assert readings("b", "a", ["b", "b", "b"]) == [False] * 3


def test_nothing_found_is_nobody() -> None:
    assert readings("b", "", ["", "", ""], uptime=0) == [False] * 3


def test_a_predecessor_that_writes_again_was_here_first() -> None:
    assert readings("b", "a", ["a"] * OLDER_TIMES) == [False, True]


def test_an_older_store_of_the_brokers_is_no_rival() -> None:
    assert readings("b", "a", ["a", "b", "a", "b"]) == [False] * 4


def test_a_newcomer_does_not_drive_the_older_one_out() -> None:
    for newcomer in "c0":
        assert readings("b", "a", [newcomer] * TOGETHER_TIMES) == [False] * TOGETHER_TIMES


def test_a_young_one_gives_its_newcomer_the_time_to_give_way() -> None:
    assert readings("b", "a", ["0"] * (OLDER_TIMES + 1), uptime=1) == [False] * (OLDER_TIMES + 1)


def test_of_two_that_start_together_one_stays() -> None:
    lost = [readings(own, "", [other] * TOGETHER_TIMES, uptime=1)[-1] for own, other in (("a", "b"), ("b", "a"))]
    assert lost == [False, True]
