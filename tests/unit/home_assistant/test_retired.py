"""What a device has no more is told so, and what was only not read stays."""

import json
from typing import Any

import pytest

from home_assistant.retired import RETIRED_BOUND, complete

LIVE = {"platform": "sensor", "unique_id": "x"}
GONE = {"platform": "sensor"}


def parts(now: dict[str, Any], before: object, *, certain: bool = True, again: bool = True) -> dict[str, Any]:
    told = None if before is None else json.dumps({"components": before}).encode()
    found: dict[str, Any] = complete({"components": now, "qos": 1}, told, certain=certain, again=again)["components"]
    return found


def test_a_part_that_is_gone_is_told_with_its_platform_alone() -> None:
    assert parts({"a": LIVE}, {"a": LIVE, "b": LIVE}) == {"a": LIVE, "b": GONE}
    assert parts({"b": LIVE}, {"b": GONE}) == {"b": LIVE}, "it came back"
    assert parts({}, None) == {}


def test_what_was_retired_stays_so_while_this_process_lives() -> None:
    assert parts({}, {"b": GONE}) == {"b": GONE}
    assert parts({}, {"b": GONE, "c": LIVE}, again=False) == {"c": GONE}


def test_what_may_be_there_stays() -> None:
    assert parts({"a": LIVE}, {"b": LIVE}, certain=False) == {"a": LIVE, "b": LIVE}


def test_only_so_many_are_told_the_newest() -> None:
    before = {f"q{number}": LIVE for number in range(RETIRED_BOUND + 1)}
    assert list(parts({}, before)) == [f"q{number}" for number in range(1, RETIRED_BOUND + 1)]


@pytest.mark.parametrize("before", [b"", b"{", b"[]", b'{"components": []}', b'{"components": {"a": {}}}'])
def test_what_others_wrote_there_is_nothing_to_us(before: bytes) -> None:
    assert complete({"components": {}}, before, certain=True, again=False) == {"components": {}}
