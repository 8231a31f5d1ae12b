"""The contract as those outside meet it: addresses, payloads, who may write what."""

import contextlib
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampfield_bus import messages as m
from lampfield_bus.channels import CHANNELS, Channel, Plain, match
from lampfield_bus.examples import EXAMPLES

WITH_MODEL = [channel for channel in CHANNELS if not isinstance(channel.payload, Plain) and not channel.many]
LISTS = [channel for channel in CHANNELS if channel.many]
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


def example(channel: Channel) -> m.State | m.Command:
    assert not isinstance(channel.payload, Plain)
    return EXAMPLES[channel.payload]


def by_name(channel: Channel) -> str:
    return channel.name


def test_every_address_and_every_name_is_unique() -> None:
    assert len({channel.address for channel in CHANNELS}) == len(CHANNELS)
    assert len({channel.name for channel in CHANNELS}) == len(CHANNELS)


@given(st.sampled_from(CHANNELS), st.data())
def test_a_topic_of_any_names_is_matched_back_to_its_row_and_names(channel: Channel, data: st.DataObject) -> None:
    given_names = tuple(data.draw(names) for _ in channel.parameters)
    assert match(channel.topic(*given_names)) == (channel, given_names)


@given(st.sampled_from(CHANNELS), st.data())
def test_a_topic_has_no_wildcard_no_control_and_the_levels_of_its_address(
    channel: Channel, data: st.DataObject
) -> None:
    topic = channel.topic(*(data.draw(names) for _ in channel.parameters))
    assert not set(topic) & set("+#$\0\n\x7f\x85")
    assert topic.count("/") == channel.address.count("/")


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "switch",
        "switch//calls",
        "switch/main/nonsense",
        "switch/main/calls/",
        "display/a/cmd/fly",
        "switch/%2f/calls",
    ],
)
def test_what_is_not_of_the_table_matches_nothing(topic: str) -> None:
    assert match(topic) is None


@pytest.mark.parametrize("channel", WITH_MODEL, ids=by_name)
def test_the_example_goes_on_the_wire_and_comes_back(channel: Channel) -> None:
    names = ["x"] * len(channel.parameters)
    publication = channel.publication(channel.topic(*names), example(channel))
    assert channel.decode(publication.payload) == example(channel)
    assert (publication.qos, publication.retain) == (channel.qos, channel.retained)


@pytest.mark.parametrize("channel", WITH_MODEL, ids=by_name)
def test_an_unknown_field_is_ignored_in_state_and_refused_by_name_in_a_command(channel: Channel) -> None:
    payload = json.dumps(json.loads(m.encode(example(channel))) | {"brightnes": 1}).encode()
    if issubclass(channel.payload, m.Command):  # type: ignore[arg-type]  # WITH_MODEL has no Plain
        with pytest.raises(ValueError, match="brightnes"):
            channel.decode(payload)
    else:
        assert channel.decode(payload) == example(channel)


@pytest.mark.parametrize("channel", WITH_MODEL, ids=by_name)
def test_a_wrong_type_in_any_field_is_told_by_the_fields_name(channel: Channel) -> None:
    fields: dict[str, Any] = json.loads(m.encode(example(channel)))
    for field in fields:
        wrong = json.dumps(fields | {field: {"no": []}}).encode()
        with pytest.raises(ValueError, match=rf"\$\.{field}"):
            channel.decode(wrong)


@pytest.mark.parametrize("channel", LISTS, ids=by_name)
def test_a_list_goes_on_the_wire_and_comes_back(channel: Channel) -> None:
    message = example(channel)
    assert isinstance(message, m.State)
    publication = channel.publication(channel.topic(*["x"] * len(channel.parameters)), [message, message])
    assert channel.decode(publication.payload) == [message, message]
    with pytest.raises(ValueError, match="array"):
        channel.decode(m.encode(message))


@pytest.mark.parametrize("channel", CHANNELS, ids=by_name)
def test_commands_and_events_are_never_retained_and_what_is_retained_is_written_by_one_service(
    channel: Channel,
) -> None:
    if "/cmd/" in channel.address or "/event/" in channel.address:
        assert not channel.retained
    others = "/cmd/" in channel.address or "/page/" in channel.address
    assert channel.writer == ("operator" if others else channel.address.split("/")[0])


def test_quality_of_service_is_as_agreed() -> None:
    at_most_once = {channel.name for channel in CHANNELS if channel.qos == 0}
    assert at_most_once == {
        "switch_health",
        "switch_raw",
        "switch_raw_custom",
        "display_health",
        "display_frame",
        "control_health",
        "sip_health",
        "sip_summary",
        "sip_dialog",
        "sip_ladder",
        "sip_dialog_ended",
    }


def test_numbers_and_names_of_parties_stand_in_few_kinds_of_topics_only() -> None:
    """DESIGN.md, *Privacy*: so that one ACL line makes a display number-free."""
    with_parties = {
        channel.name
        for channel in (*WITH_MODEL, *LISTS)
        if b"Mustermann" in m.encode(example(channel)) or b"+4930" in m.encode(example(channel))
    }
    calls = {"switch_call", "call_started", "call_answered", "call_ended", "switch_recent"}
    sip = {"sip_dialog", "sip_ladder", "sip_dialog_ended"}
    assert with_parties == calls | {"control_call", "control_call_ended"} | sip
    raw = {"switch_raw", "switch_raw_custom"}  # whatever FreeSWITCH says, parties included
    assert {channel.name for channel in CHANNELS if channel.parties} == with_parties | raw


@given(st.binary(max_size=200), st.sampled_from(CHANNELS))
def test_no_payload_raises_anything_but_a_value_error(payload: bytes, channel: Channel) -> None:
    with contextlib.suppress(ValueError):
        channel.decode(payload)


def test_every_model_has_an_example_and_no_field_of_it_is_left_out() -> None:
    for model, message in EXAMPLES.items():
        assert set(msgspec.to_builtins(message)) == set(model.__struct_encode_fields__)
