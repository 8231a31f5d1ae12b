import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from demo_switch.options import Options
from demo_switch.server import Server
from support.demo_switch import CORE, Diary

QUIET = Options(port=0, rate=0, db_lag=0)


class Caller:
    """The far side of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self._writer = writer

    def say(self, *commands: str) -> None:
        self._writer.write("".join(f"{command}\n\n" for command in commands).encode())

    async def frame(self) -> tuple[dict[str, str], bytes]:
        head = (await self.reader.readuntil(b"\n\n")).decode()
        headers = dict(line.split(": ", 1) for line in head.splitlines() if line)
        return headers, await self.reader.readexactly(int(headers.get("Content-Length", "0")))

    async def until(self, kind: str) -> tuple[dict[str, str], bytes]:
        while True:
            headers, body = await self.frame()
            if headers["Content-Type"] == kind:
                return headers, body

    async def api(self, command: str) -> str:
        self.say(f"api {command}")
        return (await self.until("api/response"))[1].decode()


Connect = Callable[[], Awaitable[Caller]]


def serve(options: Options, talk: Callable[[Server, Connect, asyncio.Event], Awaitable[None]]) -> None:
    """Run a server on a free port, and `talk` with it; `talk` may connect as often as it likes, and stop it."""

    async def run() -> None:
        stop, started = asyncio.Event(), asyncio.Event()
        server = Server(options)
        running = asyncio.create_task(server.run(stop, started))
        await started.wait()
        writers = []

        async def connect() -> Caller:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writers.append(writer)
            caller = Caller(reader, writer)
            caller.say("auth ClueCon")
            await caller.until("command/reply")
            return caller

        async with asyncio.timeout(30):
            await talk(server, connect, stop)
            stop.set()
            for writer in writers:
                writer.close()
            await running

    asyncio.run(run())


def test_the_day_passes_and_is_told_to_whoever_listens() -> None:
    names = []

    async def talk(_server: Server, connect: Connect, _stop: asyncio.Event) -> None:
        caller = await connect()
        caller.say("event json ALL", "api demo call internal")
        while "CHANNEL_BRIDGE" not in names:
            names.append(json.loads((await caller.until("text/event-json"))[1])["Event-Name"])

    serve(replace(QUIET, speed=50), talk)
    assert names.index("CHANNEL_CREATE") < names.index("CHANNEL_ANSWER") < names.index("CHANNEL_BRIDGE")


def test_a_job_in_the_background_ends_with_an_event() -> None:
    async def talk(_server: Server, connect: Connect, _stop: asyncio.Event) -> None:
        caller = await connect()
        caller.say("event json BACKGROUND_JOB", "bgapi echo a b\nJob-UUID: mine")
        replies = [await caller.until("command/reply"), await caller.until("command/reply")]
        assert replies[1][0]["Job-UUID"] == "mine"
        job = json.loads((await caller.until("text/event-json"))[1])
        assert (job["Job-UUID"], job["Job-Command"], job["Job-Command-Arg"], job["_body"]) == (
            "mine",
            "echo",
            "a b",
            "a b",
        )
        assert job["Content-Length"] == "3"
        caller.say("event plain BACKGROUND_JOB", "bgapi nosuchcommand")
        body = (await caller.until("text/event-plain"))[1]
        assert body.endswith(
            b"Job-Command: nosuchcommand\nContent-Length: 38\n\n-ERR nosuchcommand Command not found!\n"
        )

    serve(QUIET, talk)


def test_an_event_that_a_client_sends_goes_to_all_as_captured() -> None:
    async def talk(_server: Server, connect: Connect, _stop: asyncio.Event) -> None:
        caller, other = await connect(), await connect()
        other.say("event json CUSTOM lab::x")
        await other.until("command/reply")
        caller.say("sendevent CUSTOM\nEvent-Subclass: lab::x\nA: b")
        sent = (await caller.until("command/reply"))[0]["Reply-Text"].removeprefix("+OK ")
        body = (await other.until("text/event-json"))[1].decode()
        assert body.startswith(
            '{"Event-Subclass":"lab::x","Command":"sendevent CUSTOM","A":"b",'
            f'"Event-UUID":"{sent}","Event-Name":"CUSTOM",'
        )

    serve(QUIET, talk)


def test_a_stopped_switch_says_shutdown_and_goodbye() -> None:
    heard = b""

    async def talk(_server: Server, connect: Connect, stop: asyncio.Event) -> None:
        nonlocal heard
        caller = await connect()
        caller.say("event json SHUTDOWN")
        await caller.until("command/reply")
        stop.set()
        heard = await caller.reader.read()

    serve(QUIET, talk)
    assert b'"Event-Name":"SHUTDOWN"' in heard
    assert heard.endswith(
        b"}Content-Type: text/disconnect-notice\nContent-Length: 31\n\nThe system is being shut down.\n"
    )


def test_a_hurried_day_waits_for_its_listeners() -> None:
    async def talk(server: Server, connect: Connect, _stop: asyncio.Event) -> None:
        slow, busy = await connect(), await connect()
        slow.say("event json ALL")
        for _ in range(50):
            await busy.api("status")
        assert {client.dropped for client in server._clients} == {False}
        first = json.loads(await busy.api("demo truth"))["events"]
        for _ in range(2_000):
            await slow.until("text/event-json")
        assert json.loads(await busy.api("demo truth"))["events"] > first

    serve(Options(port=0, rate=600, speed=1_000, client_queue=500), talk)


def test_a_capture_is_replayed_to_every_client_that_subscribes(tmp_path: Path) -> None:
    diary = Diary(rate=0)
    diary.day.begin("busy")
    diary.day.begin("no_answer")
    diary.live(60)
    frames = b"".join(event.frame("json") for event in diary.events if event.header("Unique-ID"))
    path = tmp_path / "call.json.esl"
    path.write_bytes(b"Content-Type: auth/request\n\n" + frames)

    async def talk(_server: Server, connect: Connect, _stop: asyncio.Event) -> None:
        for caller in (await connect(), await connect()):
            assert await caller.api("global_getvar core_uuid") == CORE
            caller.say("event json ALL")
            await caller.until("command/reply")
            assert await caller.reader.readexactly(len(frames)) == frames

    serve(replace(QUIET, replay=path, pause=0), talk)


def test_an_address_that_is_taken_is_an_error() -> None:
    async def talk(server: Server, _connect: Connect, _stop: asyncio.Event) -> None:
        with pytest.raises(OSError, match="in use"):
            await Server(replace(QUIET, port=server.port)).run(asyncio.Event())

    serve(QUIET, talk)
