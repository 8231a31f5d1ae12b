import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esl_publisher.framing import MAX_BODY, Frame, Framer
from support.esl_server import GREETING, NOTICE, event, frame, plain_frame

STREAM = (
    GREETING
    + plain_frame("command/reply", Reply_Text="+OK accepted")
    + event("HEARTBEAT", Session_Count="1")
    + b"Content-Type: api/response\nContent-Length: 3\n\n+OK"
    + event("CHANNEL_CREATE", Caller_Caller_ID_Name="Žofie\n\nContent-Type: text/disconnect-notice")
    + frame(b"")
    + NOTICE
)


def in_pieces(data: bytes, size: int) -> list[Frame]:
    framer = Framer()
    return [one for start in range(0, len(data), size) for one in framer.feed(data[start : start + size])]


def test_a_stream_becomes_its_frames() -> None:
    frames = list(Framer().feed(STREAM))

    assert [one.content_type for one in frames] == [
        "auth/request",
        "command/reply",
        "text/event-json",
        "api/response",
        "text/event-json",
        "text/event-json",
        "text/disconnect-notice",
    ]
    assert [frame.reply for frame in frames[:2]] == ["", "+OK accepted"]
    assert frames[3].body == b"+OK"
    assert frames[5].body == b""


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_any_pieces_give_the_same_frames(size: int) -> None:
    assert in_pieces(STREAM, size) == list(Framer().feed(STREAM))


@given(st.lists(st.binary(max_size=200), max_size=6), st.data())
def test_bodies_of_any_bytes_survive_any_split(bodies: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(frame(body) for body in bodies)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    framer = Framer()
    parts = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]

    assert [one.body for part in parts for one in framer.feed(part)] == bodies


@given(st.lists(st.binary(max_size=300), max_size=5))
def test_anything_else_is_frames_or_a_value_error(parts: list[bytes]) -> None:
    framer = Framer()
    with contextlib.suppress(ValueError):
        for part in parts:
            assert all(isinstance(one, Frame) for one in framer.feed(part))


def test_values_are_not_unquoted_and_keep_their_colons() -> None:
    (found,) = Framer().feed(plain_frame("command/reply", Reply_Text="+OK %41%0AEvent-Name: x", Empty=""))

    assert found.headers["Reply-Text"] == "+OK %41%0AEvent-Name: x"
    assert found.headers["Empty"] == ""


def test_a_header_that_is_not_utf8_is_read_all_the_same() -> None:
    (found,) = Framer().feed(b"Content-Type: command/reply\nReply-Text: \xff\n\n")

    assert found.headers["Reply-Text"] == "\ufffd"


@pytest.mark.parametrize(
    ("garbage", "said"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "SSH-2.0"),
        (b"HTTP/1.1 400 Bad Request\r\n", "HTTP"),
        (b"\x16\x03\x01\x02\x00", "x16"),
        (b"Content-Type: auth/request\nnonsense\n\n", "nonsense"),
        (b"Content-Length: 5\n\nhello", "Content-Type"),
        (b"Content-Type: a/b\nContent-Length: -5\n\n", "-5"),
        (b"Content-Type: a/b\nContent-Length: 12x\n\n", "12x"),
        (b"Content-Type: a/b\nContent-Length: \xd9\xa1\n\n", "Content-Length"),
        (b"Content-Type: a/b\nContent-Length: " + b"9" * 5000 + b"\n\n", "Content-Length"),
        (b"Content-Type: a/b\nContent-Length: %d\n\n" % (MAX_BODY + 1), "at most"),
        (b"Content-Type: " + b"x" * 70_000, "longer than"),
        (b"Content-Type: " + b"x" * 70_000 + b"\n\n", "longer than"),
        (b"\n\nContent-Type: auth/request\n\n", "no header line"),
    ],
)
def test_garbage_is_told_with_what_was_seen(garbage: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        list(Framer().feed(garbage))
    with pytest.raises(ValueError, match=r"eader|Content-"):
        in_pieces(garbage, 1)


def test_frames_before_garbage_are_told() -> None:
    frames = Framer().feed(GREETING + b"killed listener because of lost events\n")
    assert next(frames).content_type == "auth/request"
    with pytest.raises(ValueError, match="killed"):
        next(frames)


def test_where_the_stream_stands_is_told_in_words() -> None:
    framer = Framer()
    assert framer.place == "between two frames"
    assert list(framer.feed(b"Content-Type: te")) == []
    assert framer.place == "in a header, after b'Content-Type: te'"
    assert list(framer.feed(b"xt/event-json\nContent-Length: 10\n\nabc")) == []
    assert framer.place == "in a body (3 of 10 bytes had come)"
    assert len(list(framer.feed(b"defghij"))) == 1
    assert framer.place == "between two frames"


def test_eighteen_megabytes_in_small_pieces_take_time_in_proportion() -> None:
    body = b"x" * 18_000_000
    stream = memoryview(frame(body))
    framer = Framer()
    began = time.process_time()
    frames = [one for start in range(0, len(stream), 4096) for one in framer.feed(bytes(stream[start : start + 4096]))]

    assert [len(one.body) for one in frames] == [len(body)]
    assert time.process_time() - began < 2.0  # quadratic concatenation takes minutes


def test_an_answer_of_megabytes_is_not_kept_while_it_is_read() -> None:
    body = b"x" * 3_000_000
    stream = frame(body) + b"Content-Type: "
    framer = Framer()
    for start in range(0, len(stream), 65_536):
        for one in framer.feed(stream[start : start + 65_536]):
            assert (len(one.body), len(framer._buffer)) == (len(body), 0)
