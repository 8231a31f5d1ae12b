"""The process: listens, lets the day pass, and hands every event to whoever wants it.

The only module that reads clocks and opens sockets for the switch. It shares no code with the publisher that it is
there to test.
"""

import asyncio
import contextlib
import time
import uuid
from random import Random

from demo_switch import wire
from demo_switch.answers import Answers
from demo_switch.client import Client
from demo_switch.day import Day
from demo_switch.options import Options
from demo_switch.pbx import HOSTNAME, Pbx
from demo_switch.replay import Replay
from demo_switch.templates import Event, Made
from demo_switch.values import gmt, stamp
from demo_switch.wire import Value

_STEPS = 20  # of the day, between two looks at the sockets
_FULL = 0.5  # a hurried day waits for listeners that have this much of their queue to read
_GOODBYE_SECONDS = 1.5


def now_us() -> int:
    """The wall clock, in microseconds."""
    return time.time_ns() // 1_000


class Server:
    """One switch and its listeners."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._clients: set[Client] = set()
        self._replay = Replay(options.replay, options.pause) if options.replay else None
        self._replays: dict[Client, asyncio.Task[None]] = {}
        core = (self._replay.core() if self._replay else None) or str(uuid.uuid4())
        # The uuids of a restarted switch are other ones, the day that it lives is the same.
        identities = Random(  # noqa: S311  # names of channels, no secrets
            f"{options.seed}/{core}"
        )
        pbx = Pbx(identities, core, now_us(), self._deliver, int(options.db_lag * 1_000_000))
        self._day = Day(
            pbx,
            Random(options.seed),  # noqa: S311  # dice
            rate=options.rate,
            phones=options.phones,
            heartbeat=options.heartbeat,
            asleep=self._replay is not None,
        )
        self._answers = Answers(self._day)
        self._wake = asyncio.Event()

    # -- what clients ask for -----------------------------------------------------------------------------------------

    def api(self, line: str) -> str:
        """The answer to an api command."""
        self._day.pbx.now = now_us()
        self._wake.set()
        return self._answers.answer(line)

    def bgapi(self, line: str, job: str | None) -> str:
        """Run an api command; its answer comes as an event, once its job's uuid is out."""
        job = job or str(uuid.uuid4())
        asyncio.get_running_loop().call_soon(self._finish, line, job)
        return job

    def _finish(self, line: str, job: str) -> None:
        body = self.api(line)
        command, _, argument = line.partition(" ")
        headers = self._headers("BACKGROUND_JOB", "mod_event_socket.c", "api_exec", "1569")
        headers |= {"Job-UUID": job, "Job-Command": command}
        headers |= {"Job-Command-Arg": argument} if argument else {}
        self._deliver(Made(headers, body))

    def sendevent(self, name: str, headers: dict[str, str], body: str) -> str:
        """Send an event to all who listen; its uuid."""
        event = str(uuid.uuid4())
        subclass = {"Event-Subclass": headers["Event-Subclass"]} if "Event-Subclass" in headers else {}
        own = {key: value for key, value in headers.items() if key not in ("Event-Subclass", "Content-Length")}
        made: dict[str, Value] = {**subclass, "Command": f"sendevent {name}", **own, "Event-UUID": event}
        made |= self._headers(name, "mod_event_socket.c", "parse_command", "2272")
        self._deliver(Made(made, body or None))
        return event

    def _headers(self, name: str, file: str, function: str, line: str) -> dict[str, Value]:
        pbx, now = self._day.pbx, now_us()
        pbx.sequence += 1
        return {
            "Event-Name": name,
            "Core-UUID": pbx.core,
            "FreeSWITCH-Hostname": HOSTNAME,
            "FreeSWITCH-Switchname": HOSTNAME,
            "FreeSWITCH-IPv4": "192.0.2.2",
            "FreeSWITCH-IPv6": "fd00::2",
            "Event-Date-Local": stamp(now),
            "Event-Date-GMT": gmt(now),
            "Event-Date-Timestamp": str(now),
            "Event-Calling-File": file,
            "Event-Calling-Function": function,
            "Event-Calling-Line-Number": line,
            "Event-Sequence": str(pbx.sequence),
        }

    def listening(self, client: Client) -> None:
        """A client has subscribed: a replay begins for it, once."""
        if self._replay is not None and client not in self._replays:
            self._replays[client] = asyncio.create_task(self._play(self._replay, client))

    async def _play(self, replay: Replay, client: Client) -> None:
        async def sleep(seconds: float) -> None:
            await asyncio.sleep(seconds)
            self._day.pbx.now = now_us()

        await replay.run(client.send, self._day.pbx, sleep)

    def _deliver(self, event: Event) -> None:
        for client in self._clients:
            client.offer(event)

    # -- life ---------------------------------------------------------------------------------------------------------

    async def run(self, stop: asyncio.Event, started: asyncio.Event | None = None) -> None:
        """Serve until `stop` is set, then say goodbye to everybody. OSError when the address is taken."""
        listener = await asyncio.start_server(self._accept, self._options.host, self._options.port)
        self.port: int = listener.sockets[0].getsockname()[1]
        if started is not None:
            started.set()
        life = asyncio.create_task(self._live())
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({life, stopped}, return_when=asyncio.FIRST_COMPLETED)
        listener.close()
        if life.done():
            stopped.cancel()
            life.result()  # it never ends but by an error
        life.cancel()
        await self._say_goodbye()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = Client(self, self._options.password, reader, writer, bound=self._options.client_queue)
        self._clients.add(client)
        try:
            await client.run()
        finally:
            self._clients.discard(client)
            task = self._replays.pop(client, None)
            if task is not None:
                task.cancel()

    async def _live(self) -> None:
        begin, speed = time.monotonic(), self._options.speed
        second = 0.0
        while True:
            if speed > 1 and any(client.backlog > _FULL for client in self._clients):
                await asyncio.sleep(0.002)
                begin = time.monotonic() - second / speed
                continue
            target = (time.monotonic() - begin) * speed
            done = self._day.tick(target, now_us(), _STEPS)
            second = target if done else self._day.office.schedule.now
            due = self._day.due()
            wait = (due - second) / speed if done and due is not None else None if done else 0.0
            await self._rest(wait)

    async def _rest(self, seconds: float | None) -> None:
        if seconds is not None and seconds <= 0:
            await asyncio.sleep(0)
            return
        self._wake.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), seconds)

    async def _say_goodbye(self) -> None:
        self._day.pbx.now = now_us()
        self._day.pbx.shut_down()
        for client in list(self._clients):
            client.goodbye(wire.SHUT_DOWN)
        end = time.monotonic() + _GOODBYE_SECONDS
        while self._clients and time.monotonic() < end:  # noqa: ASYNC110  # what ends is tasks of asyncio's own server
            await asyncio.sleep(0.01)
