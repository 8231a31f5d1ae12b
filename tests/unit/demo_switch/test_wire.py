import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo_switch import wire

DATA = Path(__file__).parents[2] / "data" / "demo"


def test_values_are_escaped_as_captured() -> None:
    captured = "Sun,%2022%20Nov%202026%2023%3A13%3A48%20GMT"
    assert wire.url_encode("Sun, 22 Nov 2026 23:13:48 GMT") == captured
    assert wire.url_encode('"Émile" <sip:1000@x>+') == "%22%C3%89mile%22%20%3Csip%3A1000%40x%3E%2B"


@pytest.mark.parametrize("event", ["channel_bridge", "register_attempt"])
def test_a_captured_event_is_encoded_byte_for_byte_as_freeswitch_sent_it(event: str) -> None:
    """One event as two clients got it, in plain and in JSON: with spaces, arrays, an SDP and its line ends."""
    captured = {kind: (DATA / f"{event}.{kind}.esl").read_bytes() for kind in ("json", "plain")}
    headers = json.loads(captured["json"].split(b"\n\n", 1)[1])
    assert wire.event_frame(wire.encode_json(headers), "json") == captured["json"]
    assert wire.event_frame(wire.encode_plain(headers), "plain") == captured["plain"]


def test_an_escape_that_is_there_already_stays_so_plain_is_lossy() -> None:
    assert wire.url_encode("%41") == "%41"
    assert wire.url_encode("%0a") == "%250a"


def test_an_empty_value_is_undef_and_an_array_has_its_own_form() -> None:
    assert wire.plain_value("") == "_undef_"
    assert wire.plain_value(["71001", "1001"]) == "ARRAY%3A%3A71001%7C%3A1001"


def test_a_plain_event_ends_with_an_empty_line() -> None:
    assert wire.encode_plain({"Event-Name": "HEARTBEAT", "A": "b c"}) == b"Event-Name: HEARTBEAT\nA: b%20c\n\n"


def test_a_plain_event_with_a_body_repeats_its_length() -> None:
    assert wire.encode_plain({"Event-Name": "X"}, "héllo\n") == "Event-Name: X\nContent-Length: 7\n\nhéllo\n".encode()


def test_a_json_event_has_its_body_in_a_field_and_no_newline() -> None:
    assert wire.encode_json({"Event-Name": "X", "L": ["a", "b"]}, "hé") == (
        '{"Event-Name":"X","L":["a","b"],"Content-Length":"3","_body":"hé"}'.encode()
    )


def test_an_event_frame_has_its_length_first_and_every_other_frame_its_type() -> None:
    assert wire.event_frame(b"{}", "json") == b"Content-Length: 2\nContent-Type: text/event-json\n\n{}"
    assert wire.api_response("false") == b"Content-Type: api/response\nContent-Length: 5\n\nfalse"
    assert wire.disconnect_notice() == (
        b"Content-Type: text/disconnect-notice\nContent-Length: 67\n\n"
        b"Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n"
    )
    assert wire.disconnect_notice(wire.SHUT_DOWN).endswith(b"Content-Length: 31\n\nThe system is being shut down.\n")


def test_a_reply_may_carry_further_headers() -> None:
    assert wire.reply("+OK Job-UUID: j", Job_UUID="j") == (
        b"Content-Type: command/reply\nReply-Text: +OK Job-UUID: j\nJob-UUID: j\n\n"
    )


def test_commands_are_cut_with_and_without_carriage_returns() -> None:
    reader = wire.CommandReader()
    commands = list(reader.feed(b"\n\nauth ClueCon\r\n\r\nbgapi status\nJob-UUID: mine\n\nexit\n\n"))
    assert [(command.verb, command.argument, command.headers) for command in commands] == [
        ("auth", "ClueCon", {}),
        ("bgapi", "status", {"Job-UUID": "mine"}),
        ("exit", "", {}),
    ]


def test_a_command_with_a_length_has_a_body() -> None:
    (command,) = wire.CommandReader().feed(b"sendevent CUSTOM\nContent-Length: 6\n\na\n\nb\nc")
    assert command.body == "a\n\nb\nc"[:6]


@given(st.integers(min_value=1, max_value=40))
def test_commands_come_out_the_same_in_whatever_pieces_they_come_in(size: int) -> None:
    data = b"auth ClueCon\r\n\r\nevent json ALL\n\nsendevent X\nContent-Length: 3\n\nabc\nexit\n\n"
    reader = wire.CommandReader()
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    found = [command for piece in pieces for command in reader.feed(piece)]
    assert [(command.verb, command.body) for command in found] == [
        ("auth", ""),
        ("event", ""),
        ("sendevent", "abc"),
        ("exit", ""),
    ]


def test_a_command_without_an_end_is_not_collected_for_ever() -> None:
    reader = wire.CommandReader(limit=100)
    with pytest.raises(ValueError, match="longer than 100 bytes"):
        list(reader.feed(b"x" * 101))


@given(st.text())
def test_any_text_is_escaped_to_what_a_header_can_hold(text: str) -> None:
    escaped = wire.url_encode(text.replace("\x00", ""))
    assert escaped.isascii()
    assert not set(escaped) & set('\r\n #&+:;<=>?@[\\]^`{|}"')
