import contextlib
import json
from random import Random
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
    assert (decoded.variables.dialed_user, decoded.variables.user_name) == ("1002", "")


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


def slowly(headers: dict[str, Any]) -> d.Event:
    """The same headers, spelt as FreeSWITCH never does: all of them are read, one by one."""
    return decode(json.dumps(headers, separators=(", ", ": ")).encode())


@pytest.mark.parametrize("name", CAPTURES)
def test_what_is_cut_out_changes_nothing(name: str) -> None:
    for event in events(name):
        assert decode(event) == slowly(json.loads(event))


@pytest.mark.parametrize("name", CAPTURES)
def test_captured_events_of_legs_are_read_the_short_way(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(d, "_tolerantly", lambda body: pytest.fail(f"read slowly: {body[:60]!r}"))
    for event in events(name):
        if b"\xff" not in event and b'":["' not in event:
            decode(event)


VALUES = st.text() | st.sampled_from(
    [',"Caller-Unique-ID":"', '"variable_sip_call_id":"x"', ',"variable_', "\\", '\\"', '"}', "é" * 400]
)
LANDMARKS = ["Caller-Direction", "Caller-Unique-ID"]
LEG_KINDS: dict[str, type[d.Event]] = {
    "CHANNEL_CREATE": d.Created,
    "CHANNEL_CALLSTATE": d.StateChanged,
    "CHANNEL_HANGUP": d.HungUp,
}
LEG_KINDS |= {"CHANNEL_BRIDGE": d.Bridged, "CHANNEL_UNBRIDGE": d.Bridged}


def names(kind: type[msgspec.Struct]) -> list[str]:
    return [name for name in kind.__struct_encode_fields__ if name not in {"Event-Name", "variables"}]


@st.composite
def legs_events(draw: st.DrawFn) -> dict[str, str]:
    """The headers of a leg's event in FreeSWITCH's order: the channel's, the profile's, the rest of that and the other
    leg's, the variables; within each in any order, with any texts, and others among them.
    """
    name = draw(st.sampled_from(sorted(LEG_KINDS)))
    read = names(LEG_KINDS[name])
    known = {header for header in read if draw(st.booleans())} | ({"Unique-ID"} & set(read))
    others = set(draw(st.sets(st.sampled_from(["Core-UUID", "Padding", "Event-Nam", "variable", "Channel-State"]))))
    channel = draw(st.permutations([*others, *(header for header in known if not header.startswith("Caller-"))]))
    profile = draw(st.permutations([header for header in known if header.startswith("Caller-")]))
    landmarks = draw(st.sampled_from([[], LANDMARKS[:1], LANDMARKS]))
    rest = draw(st.sets(st.sampled_from(["Caller-Source", "Other-Leg-Unique-ID"]))) if landmarks[1:] else ()
    variables = [*names(d.CreatedVariables), *names(d.HungUpVariables), "variable_", "variable_Event-Name"]
    tail = draw(st.permutations(sorted(draw(st.sets(st.sampled_from(variables))))))
    told = {header: draw(VALUES) for header in (*channel, *landmarks[:1], *profile, *landmarks[1:], *rest, *tail)}
    if "Padding" in told:
        told["Padding"] *= 1024
    return {"Event-Name": name, **told}


@given(legs_events())
def test_the_short_way_and_the_slow_one_tell_the_same(headers: dict[str, str]) -> None:
    body = json.dumps(headers, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")

    assert decode(body) == slowly(json.loads(body))


@given(legs_events(), st.randoms(use_true_random=False))
def test_without_the_landmark_any_order_will_do(headers: dict[str, str], random: Random) -> None:
    mixed = [header for header in headers if header not in {"Event-Name", *LANDMARKS}]
    random.shuffle(mixed)
    headers = {"Event-Name": headers["Event-Name"], **{header: headers[header] for header in mixed}}

    assert decode(json.dumps(headers, separators=(",", ":")).encode()) == slowly(headers)


def test_a_text_with_the_next_header_in_it_is_read_to_its_end() -> None:
    cause = "x" * 2000 + ',"Caller-Direction":"'
    headers = {
        "Event-Name": "CHANNEL_CALLSTATE",
        "Unique-ID": "a",
        "Hangup-Cause": cause,
        "Caller-Direction": "inbound",
    }
    text = json.dumps({**headers, "Broken": "?"}, separators=(",", ":"))

    for whole in (text, text.replace('"?"', '["?"]')):
        assert decode(whole.encode()) == d.StateChanged(name="CHANNEL_CALLSTATE", uuid="a", cause=cause)


@pytest.mark.parametrize("name", CAPTURES)
def test_an_introduction_is_all_that_an_event_says_of_its_leg(name: str) -> None:
    for event in events(name):
        short = decode(event)
        if isinstance(short, d.StateChanged):
            who, headers = d.introduced(event), json.loads(event)
            assert (who.name, who.timestamp, who.callstate) == (short.name, short.timestamp, short.callstate)
            assert (who.uuid, who.cause, who.channel) == (short.uuid, short.cause, headers["Channel-Name"])
            assert (who.direction, who.call_uuid) == (headers["Call-Direction"], headers["Channel-Call-UUID"])
            assert who.presence_id == headers.get("Channel-Presence-ID", "")
            assert who.caller_number == headers.get("Caller-Caller-ID-Number", "")
            assert who.destination == headers.get("Caller-Destination-Number", "")


def test_an_introduction_of_nothing_raises_a_value_error() -> None:
    for nonsense in (b"", b"[]", b'{"Event-Name":"CHANNEL_CALLSTATE"}'):
        with pytest.raises(ValueError, match=r".+"):
            d.introduced(nonsense)
