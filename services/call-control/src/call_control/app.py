"""The process: one event loop with uvicorn and the parts in it, and the link's two threads. It decides nothing.

What comes from the bus wakes the loop, and is heard by every part in turn. A signal only asks for the end.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from call_control.httapi.part import Httapi
from call_control.parts import Part, Place
from call_control.register import Register
from call_control.report import HEALTH_MS, health
from call_control.server import Server, listening
from call_control.settings import PROGRAM, Settings
from call_control.site import site
from call_control.web.part import WebPart
from lampfield_bus.channels import CONTROL_AVAILABILITY, CONTROL_CALL, CONTROL_FENCE
from lampfield_bus.messages import Publication
from lampfield_bus.node.health import rss_bytes
from lampfield_bus.node.inbox import Inbox
from lampfield_bus.node.link import Link, LinkConfig, Subscription
from lampfield_bus.node.pulse import Pulse
from lampfield_bus.node.run import BAD_SETTING, FAILED, OK, Clock, LogOnce, Stop, configure_logging

__all__ = ["App", "Bell", "parts", "run"]

LONGEST_SLEEP_SECONDS: Final = 1.0
STOP_SECONDS: Final = 1.5  # for the link; what is being answered has one second before

_log = logging.getLogger(__name__)


def parts(place: Place) -> Sequence[Part]:
    """What this service is made of. Raises ValueError for settings that only show their fault when used."""
    return (Httapi(place), WebPart(place))


def run(settings: Settings) -> int:
    """Runs until SIGTERM or SIGINT; returns the exit status."""
    configure_logging(settings.log_level, settings.log_format)
    bell = Bell()
    stop = Stop(bell.ring).install()
    try:
        asyncio.run(App(settings, bell).run(lambda: stop.requested))
    except ValueError as error:  # files of TLS that are none
        _log.error("%s", error)
        return BAD_SETTING
    except ConnectionError as error:
        _log.error("%s", error)
        return FAILED
    except Exception:  # noqa: BLE001 (whatever it is: it is logged, and the supervisor starts us again)
        _log.exception("an error of our own ends this process")
        return FAILED
    return OK


class Bell:
    """Wakes the loop: the link's threads and a signal ring it."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Ends a `wait`, or the next one. Any thread; safe in a signal handler."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended: there is nobody to wake
                self._loop.call_soon_threadsafe(self._rung.set)

    async def wait(self, seconds: float) -> None:
        """Until it is rung; `seconds` at most."""
        self._loop = asyncio.get_running_loop()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), seconds)
        self._rung.clear()


class App:
    """Everything wired together. Raises ValueError for settings that only show their fault when used."""

    def __init__(self, settings: Settings, bell: Bell, made_of: Callable[[Place], Sequence[Part]] = parts) -> None:
        self._settings = settings
        self._bell = bell
        self._inbox = Inbox(wake=bell.ring)
        self._clock = Clock()
        self._started = self._clock.read().monotonic
        self._register = Register(settings.node)
        wall = Clock()  # another one: a step that somebody else's reading saw would be nobody's
        place = Place(settings, self._register, self._send, lambda: wall.read().wall)
        self.parts = made_of(place)
        self._link = _link(settings, self._inbox, self.parts)
        self._server = Server(site(self.parts))
        self._health_due = self._started
        self._once = LogOnce(_log)
        self._pulse = Pulse(settings.heartbeat_path(PROGRAM, settings.node), self._once, self._link)
        self.port = 0

    async def run(self, stopping: Callable[[], bool]) -> None:
        """Serves until `stopping`. Raises ConnectionError when it cannot listen, and what a part raises."""
        socket = listening(self._settings.http_host, self._settings.http_port)
        self.port = socket.getsockname()[1]
        self._link.start()
        serving = asyncio.create_task(self._server.serve(sockets=[socket]))
        working = [asyncio.create_task(part.run()) for part in self.parts]
        _log.info("listening on http://%s:%d", self._settings.http_host, self.port)
        try:
            while not stopping():
                self.turn()
                for task in (serving, *working):
                    if task.done():
                        await task  # what it raised
                        raise RuntimeError("a part of this service has ended by itself")
                await self._bell.wait(LONGEST_SLEEP_SECONDS)
        finally:
            self._server.should_exit = True
            await asyncio.gather(serving, return_exceptions=True)
            for task in working:
                task.cancel()
            await asyncio.gather(*working, return_exceptions=True)
            await asyncio.to_thread(self._link.stop, STOP_SECONDS)
            self._pulse.stop()

    def turn(self) -> None:
        """What came in goes to everybody, then time."""
        now = self._clock.read()
        for arrival in self._inbox.drain():
            self._send(self._register.hear(arrival))
            for part in self.parts:
                part.hear(arrival, now)
        for part in self.parts:
            part.tick(now)
        if now.monotonic >= self._health_due:
            self._health_due = now.monotonic + HEALTH_MS
            self._send([self._health(now.wall, now.monotonic)])
        self._pulse.beat(now)

    def _send(self, publications: Iterable[Publication]) -> None:
        self._link.send(publications)

    def _health(self, wall: int, monotonic: int) -> Publication:
        return health(
            self._settings.node,
            [part.counts for part in self.parts],
            calls=len(self._register.live),
            at=wall,
            uptime_ms=monotonic - self._started,
            rss_bytes=rss_bytes(),
        )


def _link(settings: Settings, inbox: Inbox, parts: Sequence[Part]) -> Link:
    node = settings.node
    config = LinkConfig.of(
        settings, PROGRAM, node, availability=CONTROL_AVAILABILITY.topic(node), fence=CONTROL_FENCE.topic(node)
    )
    filters = [each for part in parts for each in part.filters]
    subscriptions = [Subscription(each, "state") for each in dict.fromkeys(filters)]
    return Link(config, inbox, [Subscription(CONTROL_CALL.filter(node=node), "own"), *subscriptions])
