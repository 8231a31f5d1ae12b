"""Names: Home Assistant takes every id, and no two names become one."""

import re

from hypothesis import given
from hypothesis import strategies as st

from home_assistant.names import DEFAULT_ROOT, Names


@given(st.text(min_size=1))
def test_home_assistant_takes_every_id(name: str) -> None:
    device = Names(DEFAULT_ROOT).device("display", name)
    assert re.fullmatch(r"[a-zA-Z0-9_-]+", device)
    assert Names(DEFAULT_ROOT).is_ours(device)


@given(st.text(min_size=1), st.text(min_size=1), st.sampled_from(["display", "switch"]))
def test_no_two_names_are_one_device(one: str, other: str, kind: str) -> None:
    names = Names(DEFAULT_ROOT)
    assert (names.device("display", one) == names.device(kind, other)) == (one == other and kind == "display")


def test_another_root_s_devices_are_not_ours() -> None:
    ours, theirs = Names(DEFAULT_ROOT), Names("berlin/v1")
    assert ours.device("display", "a") == "lampfield-display-a"
    assert not ours.is_ours(theirs.device("display", "a"))
    assert not theirs.is_ours(ours.device("display", "a"))
    assert not ours.is_ours("zigbee2mqtt-display-a")


def test_a_part_keeps_its_words_apart() -> None:
    assert Names(DEFAULT_ROOT).part("queue", "a-b@c") == "queue-a_2db_40c"
