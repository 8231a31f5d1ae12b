"""The conversations below are those captured from FreeSWITCH, but for what the two switches are called."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from demo_switch import client as client_module
from demo_switch.client import Client
from demo_switch.templates import Made

GREETING = b"Content-Type: auth/request\n\n"
GOODBYE = (
    b"Content-Type: text/disconnect-notice\nContent-Length: 67\n\n"
    b"Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n"
)
ACCEPTED = b"Content-Type: command/reply\nReply-Text: +OK accepted\n\n"
UNKNOWN = b"Content-Type: command/reply\nReply-Text: -ERR command not found\n\n"
BEAT = Made({"Event-Name": "HEARTBEAT", "Event-Info": "System Ready"})
BEAT_JSON = (
    b'Content-Length: 56\nContent-Type: text/event-json\n\n{"Event-Name":"HEARTBEAT","Event-Info":"System Ready"}'
)


class FakeSwitch:
    """What a client asks for, recorded."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    def api(self, line: str) -> str:
        self.asked.append(("api", line))
        return line.removeprefix("echo ")

    def bgapi(self, line: str, job: str | None) -> str:
        self.asked.append(("bgapi", line))
        return job or "5bebdc50-8559-41be-97a3-093fa7af70ec"

    def sendevent(self, name: str, headers: dict[str, str], body: str) -> str:
        self.asked.append(("sendevent", name, headers.get("Event-Subclass", ""), body))
        return "4a498b0b-25bc-4bbb-8195-aac8197abff4"

    def listening(self, client: Client) -> None:
        self.asked.append(("listening", client.subscription.format))


Talk = Callable[[Client, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def converse(talk: Talk, bound: int = 100) -> FakeSwitch:
    """Let `talk` be the far side of one connection to a Client."""
    switch = FakeSwitch()

    async def run() -> None:
        clients: asyncio.Queue[Client] = asyncio.Queue()

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            client = Client(switch, "ClueCon", reader, writer, bound=bound)
            clients.put_nowait(client)
            await client.run()

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        async with server, asyncio.timeout(20):
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
            await talk(await clients.get(), reader, writer)
            writer.close()

    asyncio.run(run())
    return switch


def said(data: bytes) -> bytes:
    """All that the switch answers to these bytes, until it hangs up or the client does."""
    heard = b""

    async def talk(_client: Client, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        writer.write(data)
        writer.write_eof()
        heard = await reader.read()

    converse(talk)
    return heard


def test_the_right_password_is_accepted_and_exit_says_goodbye() -> None:
    assert said(b"auth ClueCon\n\nexit\n\n") == (
        GREETING + ACCEPTED + b"Content-Type: command/reply\nReply-Text: +OK bye\n\n" + GOODBYE
    )


@pytest.mark.parametrize("attempt", [b"auth wrong\n\napi status\n\n", b"userauth 1000@127.0.0.1:nope\n\n"])
def test_a_wrong_password_ends_the_connection(attempt: bytes) -> None:
    assert said(attempt) == GREETING + b"Content-Type: command/reply\nReply-Text: -ERR invalid\n\n" + GOODBYE


def test_before_auth_no_command_is_known() -> None:
    assert said(b"api status\n\nevent plain all\n\nauth ClueCon\n\n") == GREETING + 2 * UNKNOWN + ACCEPTED + GOODBYE


def test_half_closing_is_hanging_up() -> None:
    assert said(b"") == GREETING + GOODBYE


def test_silence_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "AUTH_SECONDS", 0.05)
    heard = b""

    async def talk(_client: Client, reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        heard = await reader.read()

    converse(talk)
    assert heard == GREETING + GOODBYE


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        (b"api echo a\r\n\r\n", b"Content-Type: api/response\nContent-Length: 1\n\na"),
        (b"api\n\n", UNKNOWN),
        (b"bgapi\n\n", UNKNOWN),
        (b"nonsense\n\n", UNKNOWN),
        (b"myevents\n\n", UNKNOWN),
        (b"_close\n\n", UNKNOWN),
        (
            b"bgapi status\nJob-UUID: my-own-job\n\n",
            b"Content-Type: command/reply\nReply-Text: +OK Job-UUID: my-own-job\nJob-UUID: my-own-job\n\n",
        ),
        (
            b"bgapi echo b\n\n",
            (
                b"Content-Type: command/reply\nReply-Text: +OK Job-UUID: 5bebdc50-8559-41be-97a3-093fa7af70ec\n"
                b"Job-UUID: 5bebdc50-8559-41be-97a3-093fa7af70ec\n\n"
            ),
        ),
        (b"event plain\n\n", b"Content-Type: command/reply\nReply-Text: -ERR no keywords supplied\n\n"),
        (
            b"event json BACKGROUND_JOB\n\n",
            b"Content-Type: command/reply\nReply-Text: +OK event listener enabled json\n\n",
        ),
        (
            b"events plain ALL\n\n",
            b"Content-Type: command/reply\nReply-Text: +OK event listener enabled plain\n\n",
        ),
        (b"NoLog\n\n", b"Content-Type: command/reply\nReply-Text: +OK no longer logging\n\n"),
        (b"nixevent HEARTBEAT\n\n", b"Content-Type: command/reply\nReply-Text: +OK events nixed\n\n"),
        (b"noevents\n\n", b"Content-Type: command/reply\nReply-Text: +OK no longer listening for events\n\n"),
        (
            b"filter Event-Name HEARTBEAT\n\n",
            b"Content-Type: command/reply\nReply-Text: +OK filter added. [Event-Name]=[HEARTBEAT]\n\n",
        ),
        (b"log 6\n\n", b"Content-Type: command/reply\nReply-Text: +OK log level 6 [6]\n\n"),
        (b"nolog\n\n", b"Content-Type: command/reply\nReply-Text: +OK no longer logging\n\n"),
        (b"linger\n\n", b"Content-Type: command/reply\nReply-Text: -ERR not controlling a session\n\n"),
        (b"divert_events on\n\n", b"Content-Type: command/reply\nReply-Text: -ERR not controlling a session.\n\n"),
        (
            b"sendmsg\ncall-command: hangup\n\n",
            b"Content-Type: command/reply\nReply-Text: -ERR invalid session id []\n\n",
        ),
        (
            b"sendevent CUSTOM\nEvent-Subclass: lab::x\nA: b\n\n",
            b"Content-Type: command/reply\nReply-Text: +OK 4a498b0b-25bc-4bbb-8195-aac8197abff4\n\n",
        ),
    ],
)
def test_commands_are_answered_as_captured(command: bytes, answer: bytes) -> None:
    assert said(b"auth ClueCon\n\n" + command) == GREETING + ACCEPTED + answer + GOODBYE


def test_commands_that_come_together_are_answered_one_after_the_other() -> None:
    assert said(b"auth ClueCon\n\napi echo a\n\nnonsense\n\napi echo c\n\n") == (
        GREETING
        + ACCEPTED
        + b"Content-Type: api/response\nContent-Length: 1\n\na"
        + UNKNOWN
        + b"Content-Type: api/response\nContent-Length: 1\n\nc"
        + GOODBYE
    )


def test_events_go_to_whoever_wants_them_in_their_format() -> None:
    heard = b""

    async def talk(client: Client, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        client.offer(BEAT)  # before it has said who it is
        writer.write(b"auth ClueCon\n\nevent json HEARTBEAT\n\n")
        await reader.readuntil(b"enabled json\n\n")
        client.offer(Made({"Event-Name": "API"}))
        client.offer(BEAT)
        writer.write(b"event plain HEARTBEAT\n\n")
        await reader.readuntil(b'System Ready"}')
        await reader.readuntil(b"enabled plain\n\n")
        client.offer(BEAT)
        writer.write(b"exit\n\n")
        heard = await reader.read()

    switch = converse(talk)
    assert heard.startswith(b"Content-Length: 50\nContent-Type: text/event-plain\n\nEvent-Name: HEARTBEAT\n")
    assert switch.asked == [("listening", "json"), ("listening", "plain")]


def test_a_frame_is_sent_as_it_is() -> None:
    assert BEAT.frame("json") == BEAT_JSON.replace(b"56", str(len(BEAT_JSON.split(b"\n\n", 1)[1])).encode())


def test_a_client_that_does_not_read_is_dropped_and_told_why_in_the_middle_of_a_frame() -> None:
    heard, dropped = b"", False

    async def talk(client: Client, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard, dropped
        writer.write(b"auth ClueCon\n\nevent json HEARTBEAT\n\n")
        await reader.readuntil(b"enabled json\n\n")
        large = Made({"Event-Name": "HEARTBEAT", "Padding": "x" * 1_000_000})
        for _ in range(11):
            client.offer(large)  # no turn of the loop in between: nothing of it is written yet
        dropped = client.dropped
        client.offer(BEAT)  # ignored
        try:
            heard = await reader.read()
        except ConnectionError:
            heard = b""

    converse(talk, bound=10)
    assert dropped
    assert b"disconnect-notice" not in heard


def test_the_backlog_tells_how_full_the_queue_is() -> None:
    seen = []

    async def talk(client: Client, _reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        client.send(b"x")
        client.send(b"y")
        seen.append(client.backlog)

    converse(talk, bound=4)
    assert seen[0] >= 0.5
