"""lampfield_bus.channels; what others rely on is in tests/contract."""

import pytest

from lampfield_bus import channels as c
from lampfield_bus import messages as m


def test_a_topic_is_made_of_names_in_the_addresss_order() -> None:
    assert c.SWITCH_EXTENSION.topic("main", "1000@a/b") == "switch/main/extension/1000@a%2Fb"
    assert c.SWITCH_EXTENSION.parameters == ("switch", "extension")


@pytest.mark.parametrize("names", [("main", "1000", "more"), ("main",), ()])
def test_too_many_or_too_few_names_are_a_mistake_of_the_program(names: tuple[str, ...]) -> None:
    with pytest.raises(TypeError, match="takes 2 names"):
        c.SWITCH_EXTENSION.topic(*names)


def test_a_name_that_no_topic_can_carry_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        c.SWITCH_CALLS.topic("")


def test_a_filter_fixes_the_names_it_is_given() -> None:
    assert c.SWITCH_EXTENSION.filter() == "switch/+/extension/+"
    assert c.SWITCH_EXTENSION.filter(switch="a+b") == "switch/a%2Bb/extension/+"


def test_a_publication_has_the_rows_qos_and_retain() -> None:
    topic = c.SWITCH_HEALTH.topic("main")
    assert c.SWITCH_AVAILABILITY.publication("t", "online") == m.Publication("t", b"online", 1, True)
    assert c.DISPLAY_FRAME.publication("t", "#.\n") == m.Publication("t", b"#.\n", 0, True)
    assert c.SWITCH_HEALTH.deletion(topic) == m.Publication(topic, b"", 0, True)


def test_plain_payloads_are_checked_against_their_values() -> None:
    assert c.SWITCH_AVAILABILITY.decode(b"online") == "online"
    with pytest.raises(ValueError, match="allowed: online, offline"):
        c.SWITCH_AVAILABILITY.decode(b"maybe")
    with pytest.raises(ValueError, match="utf-8"):
        c.DISPLAY_FRAME.decode(b"\xff")


def test_every_verb_is_there_for_displays_and_for_groups() -> None:
    addresses = {channel.address for channel in c.CHANNELS}
    for verb in c.VERBS:
        assert f"display/{{display}}/cmd/{verb}" in addresses
        assert f"group/{{group}}/cmd/{verb}" in addresses


@pytest.mark.parametrize(
    "row", [row for row in c.CHANNELS if not isinstance(row.payload, c.Plain)], ids=lambda row: row.name
)
def test_a_payload_that_is_nested_too_deeply_is_a_value_error(row: c.Channel) -> None:
    """Of a field that nobody reads, too: it is skipped, however deep it goes, and must end no reader."""
    deep = b"[" * 100_000 + b"]" * 100_000
    for payload in (deep, b'{"unknown": ' + deep + b"}"):
        with pytest.raises(ValueError, match=r"deep|Expected|unknown|missing"):
            row.decode(payload)
