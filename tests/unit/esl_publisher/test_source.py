"""What one frame does. Everything that a whole peer can do is in tests/integration/test_source_failures.py."""

import json

import gevent
import pytest
from gevent.event import AsyncResult

from esl_publisher import commands
from esl_publisher.commands import Command
from esl_publisher.framing import Frame, Octets
from esl_publisher.snapshot import Reading
from esl_publisher.source import Source, SourceLost
from support.captures import crowded
from support.memory import most_taken

READ = 256 * 1024  # bytes of one recv


@pytest.fixture
def source() -> Source:
    return Source("localhost", 8021, "ClueCon")


class Answering(Source):
    """A source whose every table is `text`, in pieces as they come off a socket."""

    def __init__(self, text: str) -> None:
        super().__init__("localhost", 8021, "ClueCon")
        self.steps: list[str] = []
        answer = b'","_body":%b}' % json.dumps(text).encode()
        self._length = len(answer)
        self._pieces = [answer[start : start + READ] for start in range(0, len(answer), READ)]

    def send(self, data: Command) -> Frame:
        question, job = data.text.split("\nJob-UUID: ")
        self.steps.append(f"ask {question}")
        gevent.spawn(self.hear, b'{"Event-Name":"BACKGROUND_JOB","Job-UUID":"%b' % job.encode())
        return Frame("command/reply", {"Reply-Text": "+OK"})

    def hear(self, beginning: bytes) -> None:
        header = f"Content-Length: {len(beginning) + self._length}\nContent-Type: text/event-json\n\n"
        for piece in (header.encode() + beginning, *self._pieces):
            self._take_in(piece)

    def take(self, table: str, _text: Octets) -> None:
        self.steps.append(f"take {table}")


def lost(source: Source, frame: Frame) -> SourceLost:
    with pytest.raises(SourceLost) as caught:
        source.handle_event(frame)
    return caught.value


def test_a_lost_source_is_a_connection_error_with_a_fault() -> None:
    assert issubclass(SourceLost, ConnectionError)
    assert SourceLost("gone", "why").fault == "gone"


def test_an_event_waits_in_the_backlog(source: Source) -> None:
    source.handle_event(Frame("text/event-json", {}, b"{}"))
    assert source.backlog.take(5) == [b"{}"]


def test_a_reply_goes_to_the_oldest_command(source: Source) -> None:
    first, second = AsyncResult(), AsyncResult()
    source._commands_sent += [first, second]
    reply = Frame("command/reply", {"Reply-Text": "+OK"})
    source.handle_event(reply)
    assert first.get(block=False) is reply
    assert not second.ready()


@pytest.mark.parametrize("content_type", ["command/reply", "api/response"])
def test_a_reply_too_many_ends_it(source: Source, content_type: str) -> None:
    assert lost(source, Frame(content_type, {})).fault == "protocol"


@pytest.mark.parametrize(
    ("content_type", "body", "fault", "reason"),
    [
        (
            "text/rude-rejection",
            b"Access Denied, go away.\n",
            "refused",
            "let this address in: Access Denied, go away.",
        ),
        ("text/disconnect-notice", b"The system is being shut down.\nBye\n", "gone", "The system is being shut down."),
        ("text/disconnect-notice", b"", "gone", "FreeSWITCH says: disconnected"),
    ],
)
def test_a_farewell_ends_it(source: Source, content_type: str, body: bytes, fault: str, reason: str) -> None:
    error = lost(source, Frame(content_type, {}, body))
    assert error.fault == fault
    assert reason in str(error)


def test_the_first_reason_counts(source: Source) -> None:
    lost(source, Frame("text/disconnect-notice", {}, b"first"))
    source.stop()
    with pytest.raises(SourceLost, match="first"):
        source.wait()


def test_unknown_frames_are_passed_over(source: Source) -> None:
    source.handle_event(Frame("log/data", {}, b"x"))
    assert len(source.backlog) == 0


def test_nothing_is_sent_before_there_is_a_connection(source: Source) -> None:
    with pytest.raises(SourceLost, match="not connected"):
        source.send(commands.VERSION)


def test_nothing_is_sent_that_is_no_command(source: Source) -> None:
    with pytest.raises(TypeError, match=r"commands\.py"):
        source.send("api fsctl shutdown")  # type: ignore[arg-type]  # what must not be done


def test_handlers_are_registered_as_with_greenswitch(source: Source) -> None:
    seen: list[list[bytes]] = []
    source.register_handle("*", seen.append)
    source.handle_event(Frame("text/event-json", {}, b"{}"))
    source.start_event_handlers()
    gevent.sleep(0)
    source.unregister_handle("*", seen.append)
    source.handle_event(Frame("text/event-json", {}, b"{}"))
    gevent.sleep(0)
    source.stop()
    assert seen == [[b"{}"]]


def test_a_table_is_taken_before_the_next_is_asked_for() -> None:
    source = Answering('{"row_count": 0}')
    source.start_event_handlers()
    source.hand_over(source.take, ["calls", "lots"])
    source.stop()

    assert source.steps == ["ask bgapi show calls as json", "take calls", "ask bgapi valet_info", "take lots"]


def test_no_part_of_a_large_table_is_held_longer_than_it_is_read() -> None:
    """What came is there until its text is, and that until its rows are: never all three, and none of them twice."""
    text = crowded("bridged.show_channels_as_json", 1_500)
    reading = Reading()
    source = Answering(text)
    source.start_event_handlers()
    taken = most_taken(lambda: source.hand_over(reading.take, ["channels"]))
    source.stop()

    assert len(reading.snapshot(asked_at=1, answered_at=2).channels) == 1_500
    assert taken < 2.8 * len(text)
