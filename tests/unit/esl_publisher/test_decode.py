import contextlib
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from esl_publisher import decode as d
from esl_publisher.decode import WANTED_EVENTS, WANTED_SUBCLASSES, decode, subscription
from support.captures import CAPTURES, events

ABOUT = {"Event-Name": "CHANNEL_CREATE", "Event-Date-Timestamp": "1795388315551000", "Unique-ID": "a"}


def body(**headers: Any) -> bytes:
    return json.dumps({**ABOUT, **headers}, separators=(",", ":")).encode()


@pytest.mark.parametrize("name", CAPTURES)
def test_every_captured_event_is_decoded_as_its_headers_say(name: str) -> None:
    for event in events(name):
        headers = json.loads(event)
        decoded = decode(event)
        assert decoded.name == headers["Event-Name"]
        assert decoded.timestamp == headers["Event-Date-Timestamp"]
        if isinstance(decoded, d.Created | d.StateChanged | d.HungUp):
            assert decoded.uuid == headers["Unique-ID"]
        if isinstance(decoded, d.Bridged) and decoded.name == "CHANNEL_BRIDGE":
            assert (decoded.a, decoded.b) == (headers["Bridge-A-Unique-ID"], headers["Bridge-B-Unique-ID"])
        if isinstance(decoded, d.Registration):
            assert decoded.subclass in WANTED_SUBCLASSES


@pytest.mark.parametrize(
    ("subclass", "kind"),
    [
        ("sofia::gateway_state", d.GatewayChanged),
        ("sofia::gateway_add", d.GatewayChanged),
        ("sofia::gateway_delete", d.GatewayChanged),
        ("conference::maintenance", d.Meeting),
        ("valet_parking::info", d.Parked),
        ("fifo::info", d.Parked),
        ("sofia::register", d.Registration),
    ],
)
def test_a_subclass_has_a_struct_of_its_own(subclass: str, kind: type[d.Event]) -> None:
    headers = {"Event-Subclass": subclass, "Event-Name": "CUSTOM", "Action": ["hold", "exit"]}
    for separators in ((",", ":"), (", ", ": ")):  # as FreeSWITCH prints it, and as nobody does
        decoded = decode(json.dumps(headers, separators=separators).encode())
        assert type(decoded) is kind
        assert getattr(decoded, "subclass", "") == subclass


def test_a_channel_variable_cannot_overwrite_a_header() -> None:
    decoded = decode(body(**{"variable_Event-Name": "REQUEST_PARAMS", "variable_Unique-ID": "b", "variable_uuid": "c"}))

    assert isinstance(decoded, d.Created)
    assert (decoded.name, decoded.uuid) == ("CHANNEL_CREATE", "a")


def test_of_a_header_with_several_values_the_last_is_taken() -> None:
    decoded = decode(body(variable_dialed_user=["1001", "1002"], variable_user_name=[]))

    assert isinstance(decoded, d.Created)
    assert (decoded.dialed_user, decoded.user_name) == ("1002", "")


def test_invalid_utf_8_is_replaced() -> None:
    decoded = decode(body(**{"Caller-Caller-ID-Name": "J@rg"}).replace(b"J@rg", b"J\xf6rg"))

    assert isinstance(decoded, d.Created)
    assert decoded.caller_name == "J\ufffdrg"


def test_half_a_surrogate_becomes_a_question_mark() -> None:
    decoded = decode(body(**{"Caller-Caller-ID-Name": "\ud800"}))

    assert isinstance(decoded, d.Created)
    assert decoded.caller_name.encode()


@pytest.mark.parametrize("indent", [None, 2])
def test_spacing_and_order_of_the_headers_do_not_matter(indent: int | None) -> None:
    headers = {"Unique-ID": "a", "Hangup-Cause": "USER_BUSY", "Event-Name": "CHANNEL_HANGUP"}

    assert decode(json.dumps(headers, indent=indent).encode()) == d.HungUp(
        name="CHANNEL_HANGUP", uuid="a", cause="USER_BUSY"
    )


def test_an_event_that_no_rule_reads_is_its_name_and_time() -> None:
    assert decode(b'{"Event-Name":"CODEC","Event-Date-Timestamp":"1"}') == d.Event(name="CODEC", timestamp="1")
    assert decode(b'{"Event-Subclass":"lab::x","Event-Name":"CUSTOM"}') == d.Custom(name="CUSTOM", subclass="lab::x")


@pytest.mark.parametrize(
    "nonsense",
    [b"", b"{", b"[]", b"1", b"null", b"{}", b'{"Event-Name":"CHANNEL_CREATE"}', b"\xff\xfe", b"[" * 100_000],
)
def test_nonsense_raises_a_value_error(nonsense: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decode(nonsense)


JSON = st.recursive(st.text() | st.integers(), st.lists).map(lambda value: json.dumps(value).encode())


@given(st.binary(max_size=200) | JSON)
def test_no_bytes_raise_anything_but_a_value_error(anything: bytes) -> None:
    for payload in (anything, b'{"Event-Name":"CHANNEL_CREATE","Unique-ID":' + anything + b"}"):
        with contextlib.suppress(ValueError):
            decode(payload)


def test_the_subscription_is_the_wanted_events_and_the_raw_ones_once_each() -> None:
    names, subclasses = subscription(["HEARTBEAT", "CHANNEL_PARK", "sofia::register", "lab::hello", "CUSTOM"])

    assert names == (*WANTED_EVENTS, "CHANNEL_PARK")
    assert subclasses == (*WANTED_SUBCLASSES, "lab::hello")


def test_a_bowout_names_both_legs() -> None:
    body = b'{"Event-Subclass":"loopback::bowout","Event-Name":"CUSTOM","Resigning-UUID":"r","Acquired-UUID":"a"}'
    assert decode(body) == d.Bowout(name="CUSTOM", subclass="loopback::bowout", resigning="r", acquired="a")


@pytest.mark.parametrize("name", CAPTURES)
def test_what_is_cut_off_changes_nothing(name: str) -> None:
    for event in events(name):
        decoded = decode(event)
        assert decoded == msgspec.json.decode(
            event.replace(b'"Caller-Unique-ID"', b'"Caller-Unique-I-"'), type=type(decoded)
        )


def test_a_text_with_the_next_header_in_it_is_read_to_its_end() -> None:
    number = "1000" + "x" * 2000 + ',"Caller-Unique-ID":"'
    headers = {"Caller-Caller-ID-Number": number, "Caller-Destination-Number": "9", "Caller-Unique-ID": "b"}
    text = json.dumps(
        {"Event-Name": "CHANNEL_CALLSTATE", "Unique-ID": "a", **headers, "Broken": "?"}, separators=(",", ":")
    )

    for whole in (text, text.replace('"?"', '["?"]')):
        decoded = decode(whole.encode())
        assert isinstance(decoded, d.StateChanged)
        assert (decoded.uuid, decoded.caller_number, decoded.destination) == ("a", number, "9")
