"""The publisher's process: the one place that knows both FreeSWITCH's side and the broker's.

    _look_around: does another process already publish this switch?
    native threads of the link ── INBOX ── wakes the hub ──▶ _read_bus: the publisher's own topics, read back
    reader and worker (source) ── facts ──▶ _tell ──▶ switch.hear, tell ──▶ link.send
    _keep_time: ticks, `health`, the heartbeat file

The main thread is a gevent hub that nobody has monkey-patched. The machine is only called from its greenlets, and no
call of it waits, so none needs a lock. Nothing is published before the own topics were read back, so nothing is asked
of FreeSWITCH before that either. What nobody expected ends the process: the supervisor starts it again.
"""

import gc
import logging
import secrets
import signal
import time
from collections.abc import Callable, Sequence
from typing import Final

import gevent
from gevent.event import AsyncResult, Event

from esl_publisher import commands
from esl_publisher.allocator import give_back_large_blocks
from esl_publisher.claim import Claim
from esl_publisher.decode import subscription
from esl_publisher.facts import ClockStepped, EslChanged, Fact, HealthDue, RetainedRead
from esl_publisher.holdings import Holdings, Reading
from esl_publisher.measures import Readings, Tally, measures
from esl_publisher.session import Follower
from esl_publisher.settings import PROGRAM, Settings
from esl_publisher.source import Source
from esl_publisher.switch import Switch, SwitchOptions
from esl_publisher.traces import traces
from lampfield_bus.channels import SWITCH_AVAILABILITY, SWITCH_FENCE, SWITCH_INFO
from lampfield_bus.messages import Publication, SwitchInfo
from lampfield_bus.node.exposition import expose
from lampfield_bus.node.health import rss_bytes
from lampfield_bus.node.inbox import Inbox
from lampfield_bus.node.link import Link, LinkConfig, Subscription
from lampfield_bus.node.lookout import Lookout
from lampfield_bus.node.measures import Measure
from lampfield_bus.node.pulse import Pulse
from lampfield_bus.node.run import BAD_SETTING, FAILED, OK, Clock, LogOnce, Now, Stop, configure_logging
from lampfield_bus.topics import encode_name

__all__ = ["App", "run"]

HEALTH_MS: Final = 15_000
LONGEST_SLEEP_MS: Final = 1_000
STOP_SECONDS: Final = 2.0
LOOK_SECONDS: Final = 0.1
BREATH_SECONDS: Final = 0.001  # between two steps of a long work: events and the reader have their turn
READINGS: Final = 3  # attempts at a complete reading before an incomplete one has to do

_log = logging.getLogger(__name__)


def run(settings: Settings) -> int:
    """Runs until SIGTERM or SIGINT; returns the exit status."""
    configure_logging(settings.log_level, settings.log_format)
    give_back_large_blocks()
    try:
        app = App(settings)
    except ValueError as error:  # files of TLS that are none
        _log.error("%s", error)
        return BAD_SETTING
    stop = Stop(app.stop)
    for number in (signal.SIGTERM, signal.SIGINT):  # the hub's own handlers: Python's may wait for 0.3 s in libev
        gevent.signal_handler(number, stop.request)
    return app.run()


class App:
    """Everything wired together. Raises ValueError for settings that only show their fault when used."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._clock = Clock()
        self._started = self._clock.read().monotonic
        self._once = LogOnce(_log)
        self._instance = secrets.token_hex(4)
        self._claim = Claim(self._instance)
        self._switch = Switch(_options(settings, self._instance))
        self._waker = gevent.get_hub().loop.async_()
        self._inbox = Inbox(wake=self._waker.send)
        self._link = _link(settings, self._inbox)
        self._holdings = Holdings()
        self._pulse = Pulse(settings.heartbeat_path(PROGRAM, settings.switch), self._once)
        self._woken = Event()
        self._alone = Event()  # nobody else has our name on the bus: the link was started
        self._restored = Event()  # the own topics were read back: facts may enter
        self._readings = 0
        self._ended = AsyncResult()
        self._tally = Tally()
        self._follower = Follower(
            self._new_source,
            settings.esl_host,
            commands.subscribe(*subscription(settings.raw_events)),
            self._tell,
            lambda: self._now().wall,
            self._suspects,
            resync_seconds=settings.resync_seconds,
            tally=self._tally,
        )
        self._wake_at = 0  # when _keep_time wakes by itself, wall clock
        self._wake_sooner = Event()

    def run(self) -> int:
        """Runs until `stop`, or until something fails that nobody expected; returns the exit status."""
        expose(self._settings, {"switch": self._settings.switch}, self._measures)
        gc.collect()
        gc.freeze()  # what was imported is no garbage: looking at it again held events up for 20 ms each time
        self._waker.start(self._woken.set)
        bodies = (self._read_bus, self._follow_freeswitch, self._keep_time)
        greenlets = [gevent.spawn(self._guard, body) for body in bodies]
        try:
            status: int = self._ended.get()
        except Exception:  # noqa: BLE001 (whatever it is: told, and the end)
            _log.exception("a fault of this program: it ends, for its supervisor to start it again")
            return FAILED
        else:
            return status
        finally:
            gevent.killall(greenlets, timeout=0.5)
            self._link.stop(STOP_SECONDS)
            self._waker.close()
            self._pulse.stop()

    def stop(self) -> None:
        """Has `run` end in order."""
        self._ended.set(OK)

    def _guard(self, body: Callable[[], None]) -> None:
        try:
            body()
        except Exception as error:  # noqa: BLE001 (`run` raises it)
            self._ended.set_exception(error)

    # --- the machine --------------------------------------------------------------------------------------------------

    def _tell(self, facts: Sequence[Fact]) -> None:
        """Facts into the machine, and what it says of them to the link. Never waits."""
        at, began = self._now().wall, time.perf_counter()
        for fact in facts:
            self._told(self._switch.hear, fact, at)
        self._send(self._told(self._switch.tell))
        self._tally.turn.observe(time.perf_counter() - began)
        if self._switch.take_doubt():
            self._follower.resync()
        due = self._switch.due()
        if due is not None and due < self._wake_at:
            self._wake_sooner.set()

    def _told(self, door: Callable[..., list[Publication] | None], *given: object) -> list[Publication]:
        try:
            return door(*given) or []
        except ValueError as error:
            self._once.warning(str(error), "dropped: %s", error)
            return []

    def _suspects(self) -> list[str]:
        """Whom to ask about, once the last snapshot is wholly taken in. Waits for that."""
        while self._switch.busy:
            gevent.sleep(BREATH_SECONDS)
        return self._switch.suspects()

    def _now(self) -> Now:
        """Both clocks; when the wall clock was stepped the machine has been told."""
        now = self._clock.read()
        if now.stepped:
            _log.warning("the clock was set by %+.1f s", now.stepped / 1000)
            self._send(self._switch.receive(ClockStepped(now.stepped), now.wall))
        return now

    def _send(self, publications: list[Publication]) -> None:
        self._holdings.note(publications)
        self._link.send(publications)
        if _log.isEnabledFor(logging.DEBUG):
            for call, line in traces(publications):
                _log.debug("%s", line, extra={"switch": self._settings.switch, "call": call})

    # --- the broker's side --------------------------------------------------------------------------------------------

    def _look_around(self) -> None:
        """Looks whether another process publishes this switch: it was here first, and is not disturbed."""
        inbox = Inbox(wake=self._waker.send)
        lookout = Lookout(SWITCH_AVAILABILITY.topic(self._settings.switch))
        scout = _scout(self._settings, self._instance, inbox)
        scout.start()
        while (verdict := lookout.verdict(time.monotonic())) is None:
            if not scout.alive:
                raise RuntimeError("a thread of the link is gone")
            self._woken.wait(LOOK_SECONDS)
            self._woken.clear()
            for arrival in inbox.drain():
                lookout.receive(arrival, time.monotonic())
        scout.stop(STOP_SECONDS / 2)
        if verdict == "taken":
            self._give_way()
        else:
            if lookout.silent:
                _log.warning("another esl-publisher seems online, but does not answer: taking its place")
            self._alone.set()
            self._link.start()

    def _give_way(self) -> None:
        _log.error(
            "another esl-publisher publishes switch %s already, and stays; stop it, or name this one's switch"
            " otherwise: LAMPFIELD_SWITCH",
            self._settings.switch,
        )
        self._ended.set(BAD_SETTING)

    def _read_bus(self) -> None:
        self._look_around()
        while True:
            self._woken.wait(LONGEST_SLEEP_MS / 1000)  # a lost wake-up costs no more
            self._woken.clear()
            for arrival in self._inbox.drain():
                reading = self._holdings.receive(arrival)
                if reading is not None and self._restored.is_set():
                    self._read_again(reading)
                elif reading is not None:
                    self._restore(reading)

    def _restore(self, reading: Reading) -> None:
        """The first reading: what an earlier run left."""
        self._readings += 1
        if not reading.complete and self._readings < READINGS:
            self._link.read_again()
            return
        if not reading.complete:
            _log.warning("the broker does not tell all that is retained; leftovers may stay")
        self._holdings.inherit(reading.messages)
        self._claim.begin(self._instance_in(reading))
        self._tell([RetainedRead(reading.messages), EslChanged(state="connecting")])
        self._restored.set()
        self._wake_sooner.set()

    def _read_again(self, reading: Reading) -> None:
        """A later one: the broker was away, and may have come back with an older store; or somebody took our place."""
        uptime = (self._now().monotonic - self._started) / 1000
        if self._claim.is_lost(self._instance_in(reading), uptime):
            self._give_way()
            return
        ghosts = self._holdings.ghosts(reading.messages)
        if ghosts:
            _log.info("the broker held %d topics that are over; deleting them", len(ghosts))
            self._link.send(ghosts)
        self._follower.resync()

    def _instance_in(self, reading: Reading) -> str:
        payload = reading.messages.get(SWITCH_INFO.topic(self._settings.switch), b"")
        try:
            info = SWITCH_INFO.decode(payload)
        except ValueError:
            return ""
        return info.instance if isinstance(info, SwitchInfo) else ""

    # --- FreeSWITCH's side --------------------------------------------------------------------------------------------

    def _follow_freeswitch(self) -> None:
        self._restored.wait()
        self._follower.run()

    def _new_source(self, host: str) -> Source:
        return Source(host, self._settings.esl_port, self._settings.esl_password.get_secret_value())

    # --- the clock's side ---------------------------------------------------------------------------------------------

    def _keep_time(self) -> None:
        health_at = 0
        while True:
            now = self._now()
            if self._restored.is_set():
                self._tick(now)
                if now.monotonic >= health_at:
                    health_at = now.monotonic + HEALTH_MS
                    self._tell([self._health(now)])
            if self._alone.is_set() and not self._link.alive:  # before that it was not started
                raise RuntimeError("a thread of the link is gone")
            self._pulse.beat(now)
            due = self._switch.due()
            sleep = LONGEST_SLEEP_MS if due is None else min(max(due - now.wall, 5), LONGEST_SLEEP_MS)
            self._wake_at = now.wall + sleep
            self._wake_sooner.wait(BREATH_SECONDS if self._switch.busy else sleep / 1000)
            self._wake_sooner.clear()

    def _tick(self, now: Now) -> None:
        due = self._switch.due()
        if due is not None and due <= now.wall:
            self._send(self._told(self._switch.tick, now.wall))

    def _health(self, now: Now) -> HealthDue:
        return HealthDue(
            uptime_ms=now.monotonic - self._started,
            queue=self._follower.queued,
            dropped=self._follower.dropped + self._link.dropped,
            topics=self._link.retained_topics,
            rss_bytes=rss_bytes(),
        )

    def _measures(self) -> list[Measure]:
        """For a scrape, in its thread: it reads numbers, and changes nothing."""
        readings = Readings(
            esl_up=self._follower.connected,
            queue=self._follower.queued,
            dropped=self._follower.dropped,
            calls=self._switch.calls,
            link=self._link.counts,
        )
        return measures(self._tally, readings)


def _options(settings: Settings, instance: str) -> SwitchOptions:
    return SwitchOptions(
        switch=settings.switch,
        instance=instance,
        tz=settings.zone,
        domain=settings.domain,
        extensions=settings.extensions or None,
        gateway_grace_ms=settings.gateway_grace_seconds * 1000,
        sla_seconds=settings.sla_seconds,
        raw_events=settings.raw_events,
        hide_numbers=settings.hide_numbers,
    )


def _link(settings: Settings, inbox: Inbox) -> Link:
    name = settings.switch
    config = LinkConfig.of(
        settings, PROGRAM, name, availability=SWITCH_AVAILABILITY.topic(name), fence=SWITCH_FENCE.topic(name)
    )
    return Link(config, inbox, [Subscription(f"switch/{encode_name(name)}/#", "own")])


def _scout(settings: Settings, instance: str, inbox: Inbox) -> Link:
    """A link without a will, under a name of its own, that only reads whether anybody is there."""
    name = settings.switch
    config = LinkConfig.of(
        settings, f"{PROGRAM}-scout", f"{name}-{instance}", availability=None, fence=SWITCH_FENCE.topic(name)
    )
    return Link(config, inbox, [Subscription(SWITCH_AVAILABILITY.filter(switch=name), "state")])
