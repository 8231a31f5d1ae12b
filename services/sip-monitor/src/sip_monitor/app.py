"""The service's loop: one thread, and the link's. It decides nothing about dialogs.

Per turn: what came by UDP and from the link goes into the machine, and what that tells goes to the link. It sleeps
until the machine has something to do, a second at most.
"""

import logging
import sys
import time
from collections.abc import Sequence
from typing import Final

from lampfield_bus import channels as c
from lampfield_bus.instants import rfc3339
from lampfield_bus.messages import Publication, SipHealth
from lampfield_bus.node.arrivals import Arrival
from lampfield_bus.node.exposition import expose
from lampfield_bus.node.health import rss_bytes
from lampfield_bus.node.inbox import Inbox
from lampfield_bus.node.link import Link, LinkConfig, Subscription
from lampfield_bus.node.measures import Measure
from lampfield_bus.node.outbox import Outbox
from lampfield_bus.node.pulse import Pulse
from lampfield_bus.node.run import BAD_SETTING, FAILED, OK, Clock, LogOnce, Now, Stop, configure_logging
from lampfield_bus.topics import encode_name
from sip_monitor.dialogs import DIALOG_BOUND
from sip_monitor.listener import Listener
from sip_monitor.measures import measures
from sip_monitor.monitor import Datagram, Monitor
from sip_monitor.settings import PROGRAM, Settings

__all__ = ["READS", "App", "link_config", "run"]

LONGEST_SLEEP: Final = 1.0
HEALTH_MS: Final = 15_000
STOP_SECONDS: Final = 2.0
READ_MS: Final = 3_000  # so long our own topics may take to be read; meanwhile datagrams wait in the kernel
READS: Final = (c.SWITCH_CALL.filter(), c.CALL_ENDED.filter())

_log = logging.getLogger(__name__)


def run(settings: Settings) -> int:
    """Runs until SIGTERM or SIGINT; returns the exit status."""
    configure_logging(settings.log_level, settings.log_format)
    where = f"{settings.hep_host}:{settings.hep_port}"
    try:
        listener = Listener(settings.hep_host, settings.hep_port, settings.networks)
    except OSError as error:
        sys.stderr.write(f"{PROGRAM}: LAMPFIELD_HEP_HOST, LAMPFIELD_HEP_PORT: {where}: {error.strerror or error}\n")
        return BAD_SETTING
    with listener:
        stop = Stop(listener.wake).install()
        try:
            app = App(settings, listener, stop)
        except ValueError as error:  # files of TLS that are none
            _log.error("%s", error)
            return BAD_SETTING
        try:
            app.run()
        except Exception:  # noqa: BLE001 (whatever it is: it is logged, and the supervisor starts us again)
            _log.exception("an error of our own ends this process")
            return FAILED
        finally:
            app.close()
    return OK


def link_config(settings: Settings) -> LinkConfig:
    """The service's place on the bus."""
    node = settings.node
    return LinkConfig.of(
        settings, PROGRAM, node, availability=c.SIP_AVAILABILITY.topic(node), fence=c.SIP_FENCE.topic(node)
    )


class App:
    """Listener, machine and link, and the loop that turns them. Raises ValueError for TLS files that are none."""

    def __init__(self, settings: Settings, listener: Listener, stop: Stop, clock: Clock | None = None) -> None:
        self._settings = settings
        self._listener = listener
        self._stop = stop
        self._clock = clock or Clock()
        now = self._clock.read()
        self._monitor = Monitor(settings.node, settings.rules, now.wall)
        self._inbox = Inbox(wake=listener.wake)
        own = [Subscription(f"sip/{encode_name(settings.node)}/#", "own")]
        subscriptions = own + [Subscription(each, "state") for each in READS]
        outbox = Outbox(retained_bound=2 * DIALOG_BOUND + 100)
        self._link = Link(link_config(settings), self._inbox, subscriptions, outbox=outbox)
        self._began = self._health_due = now.monotonic
        self._once = LogOnce(_log)
        self._pulse = Pulse(settings.heartbeat_path(PROGRAM, settings.node), self._once, self._link)

    def run(self) -> None:
        """Turns until a stop is requested. Raises RuntimeError when the link's threads are gone."""
        settings, listener = self._settings, self._listener
        _log.info("node %s: HEP on %s:%d by UDP", settings.node, settings.hep_host, listener.port)
        self._link.start()
        expose(settings, {"node": settings.node}, self._measures)
        sleep = 0.0
        while not self._stop.requested:
            sleep = self.turn(listener.take(sleep, reading=self._may_read()), self._inbox.drain())

    def close(self) -> None:
        """Sends what waits, says `offline`, takes the heartbeat away; within two seconds."""
        self._link.stop(STOP_SECONDS)
        self._pulse.stop()

    def turn(self, datagrams: Sequence[bytes], arrivals: Sequence[Arrival]) -> float:
        """One turn of the loop; for how many seconds it may sleep now."""
        now, monitor = self._clock.read(), self._monitor
        if now.stepped:
            _log.warning("the clock was stepped by %.1f s", now.stepped / 1000)
            monitor.shift(now.stepped)
        out: list[Publication] = []
        for arrival in arrivals:
            out += monitor.receive(arrival, now.wall)
        for datagram in datagrams:
            out += monitor.receive(Datagram(datagram), now.wall)
        out += monitor.tick(now.wall)
        if now.monotonic >= self._health_due and monitor.ready:
            self._health_due = now.monotonic + HEALTH_MS
            out.append(self._health(now))
        if out:
            self._link.send(out)
        if monitor.wants_reading() or self._inbox.wants_reading():
            self._link.read_again()
        self._remark()
        self._pulse.beat(now)
        if datagrams:
            return 0.0
        due = monitor.due()
        return LONGEST_SLEEP if due is None else min(max((due - now.wall) / 1000, 0.001), LONGEST_SLEEP)

    def _may_read(self) -> bool:
        return self._monitor.ready or time.monotonic_ns() // 1_000_000 - self._began > READ_MS

    def _remark(self) -> None:
        tracker = self._monitor.tracker
        for kind, example in tracker.faults():
            self._once.warning(kind, "a datagram was dropped: %s", example)
        if tracker.dialogs.dropped:
            self._once.warning("dropped", "more than %d dialogs at once: the oldest are dropped", DIALOG_BOUND)
        if self._listener.refused:
            self._once.warning("refused", "HEP from a sender that LAMPFIELD_HEP_SOURCES does not name is dropped")

    def _health(self, now: Now) -> Publication:
        tracker, lost = self._monitor.tracker, self._listener.lost()
        if lost:
            self._once.warning("lost", "the kernel dropped datagrams: see net.core.rmem_max in docs/sip-monitor.md")
        health = SipHealth(
            at=rfc3339(now.wall),
            uptime=(now.monotonic - self._began) / 1000,
            datagrams=tracker.datagrams,
            bad_datagrams=tracker.bad_datagrams,
            messages=tracker.messages,
            dialogs=len(tracker.dialogs),
            lost_datagrams=lost,
            dropped_dialogs=tracker.dialogs.dropped,
            topics=self._link.retained_topics,
            rss_bytes=rss_bytes(),
        )
        return c.SIP_HEALTH.publication(c.SIP_HEALTH.topic(self._settings.node), health)

    def _measures(self) -> list[Measure]:
        """For a scrape, in its thread: it reads numbers, and changes nothing."""
        return measures(self._monitor.tracker, self._link.counts)
