"""Limits of tests: as they are said on a machine that is free, longer on one that is not."""

import asyncio
import os

import pytest

from support.waiting import allowed, eventually, holds, until


@pytest.mark.parametrize(("load", "factor"), [(0.0, 1.0), (2.0, 1.0), (3.0, 1.5), (12.0, 6.0)])
def test_a_limit_grows_with_what_wants_to_run(monkeypatch: pytest.MonkeyPatch, load: float, factor: float) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (load, 0.0, 0.0))
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert allowed(10) == 10 * factor


def test_what_is_not_there_yet_is_waited_for() -> None:
    told: dict[str, int] = {}
    turns = iter(range(100))

    def condition() -> bool:
        if next(turns) == 5:
            told["calls"] = 7
        return told["calls"] == 7

    assert not holds(condition)
    until(condition, 30)
    assert told == {"calls": 7}


def test_what_never_comes_fails_and_says_what() -> None:
    with pytest.raises(AssertionError, match="the moon did not come true"):
        until(lambda: False, 0.01, "the moon")
    with pytest.raises(TimeoutError):
        asyncio.run(eventually(lambda: False, 0.01))


def test_a_mistake_in_a_condition_is_not_waited_for() -> None:
    with pytest.raises(ZeroDivisionError):
        until(lambda: 1 / 0)
