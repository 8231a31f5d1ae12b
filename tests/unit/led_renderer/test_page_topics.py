"""Pages that others write to topics: what is retained is what there is."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampfield_bus import channels as c
from led_renderer.commands import FaultError
from led_renderer.page_topics import BOUND, PageTopics, decoded, filters

NOW = 1_795_388_313_000


def put(topics: PageTopics, name: str, group: str | None = None, **fields: object) -> None:
    channel, names = (c.DISPLAY_PAGE, ("d", name)) if group is None else (c.GROUP_PAGE, (group, name))
    topics.receive(channel, names, json.dumps(fields).encode() if fields else b"")


def names(topics: PageTopics, now: int = NOW) -> list[str]:
    return [page.name for page in topics.pages(now)]


def test_its_own_and_its_groups_are_subscribed_to() -> None:
    assert filters("d 1", ("all", "a/b")) == ["display/d 1/page/+", "group/all/page/+", "group/a%2Fb/page/+"]


def test_they_come_in_their_order_then_by_name_and_go() -> None:
    topics = PageTopics(("all",))
    for name, order in (("b", 0), ("a", 0), ("z", -1), ("c", 3)):
        put(topics, name, text=name, order=order)
    assert names(topics) == ["z", "a", "b", "c"]
    put(topics, "a")
    assert names(topics) == ["z", "b", "c"]


def test_its_own_beats_a_group_s_and_a_later_group_an_earlier_one() -> None:
    topics = PageTopics(("all", "hall"))
    put(topics, "x", "hall", text="hall's")
    put(topics, "x", "all", text="all's")
    assert [page.template for page in topics.pages(NOW)] == ["hall's"]
    put(topics, "x", text="own", expires_at="2026-11-23T00:00:00Z")
    assert [page.template for page in topics.pages(NOW)] == ["own"]
    due = topics.due(NOW)
    assert due is not None
    assert [page.template for page in topics.pages(due)] == ["hall's"]


def test_one_leaves_when_it_expires_and_one_that_expired_never_comes() -> None:
    topics = PageTopics(())
    put(topics, "x", text="x", expires_at="2026-11-22T22:58:34Z")
    put(topics, "old", text="old", expires_at="2020-01-01T00:00:00Z")
    assert topics.due(NOW) == NOW + 1_000
    assert (names(topics), names(topics, NOW + 999), names(topics, NOW + 1_000)) == (["x"], ["x"], [])


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({}, "text"),
        ({"text": "a", "widget": "calls"}, "text"),
        ({"text": "a", "colour": 1}, "colour"),
        ({"text": ""}, "text"),
        ({"text": " \u200b\n"}, "text"),
        ({"text": "{calls.nothing}"}, "text"),
        ({"text": "{"}, "text"),
        ({"text": "x" * 1001}, "text"),
        ({"widget": "dance"}, "widget"),
        ({"widget": "text"}, "widget"),
        ({"text": "a", "icon": "skull"}, "icon"),
        ({"text": "a", "seconds": 0}, "seconds"),
        ({"text": "a", "seconds": 1e300}, "seconds"),
        ({"text": "a", "seconds": "10"}, "seconds"),
        ({"text": "a", "order": 10**9}, "order"),
        ({"text": "a", "expires_at": "tomorrow"}, "expires_at"),
        ({"text": "a", "expires_at": "2026-13-01T00:00:00Z"}, "expires_at"),
        ({"text": 3}, "text"),
    ],
)
def test_a_bad_page_names_its_field(payload: dict[str, object], field: str) -> None:
    with pytest.raises(FaultError) as caught:
        decoded("x", json.dumps(payload).encode())
    assert caught.value.field == field


@pytest.mark.parametrize(
    "payload", [b"lunch", b"\xff", b"[]", b"{" * 9000, b"null", b'{"text": "' + b"x" * 20_000 + b'"}']
)
def test_what_is_no_page_at_all(payload: bytes) -> None:
    with pytest.raises(FaultError):
        decoded("x", payload)


def test_a_bad_payload_takes_the_page_away_as_it_would_be_missing_after_a_restart() -> None:
    topics = PageTopics(())
    put(topics, "x", text="good")
    with pytest.raises(FaultError):
        put(topics, "x", text="")
    assert names(topics) == []


@given(st.permutations(range(BOUND + 20)))
def test_of_too_many_the_first_are_shown_in_whatever_order_they_came(order: list[int]) -> None:
    topics, refused = PageTopics(()), 0
    for number in order:
        try:
            put(topics, f"p{number:03d}", text="x", order=number // 2)
        except FaultError:
            refused += 1
    assert names(topics) == [f"p{number:03d}" for number in range(BOUND)]
    assert refused <= 20
    assert not topics.wants_reading(NOW)
    put(topics, "p000")
    assert topics.wants_reading(NOW), "there is room again for one that was left out"
    assert not topics.wants_reading(NOW)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_page_or_a_fault(payload: bytes) -> None:
    with contextlib.suppress(FaultError):
        decoded("x", payload)
