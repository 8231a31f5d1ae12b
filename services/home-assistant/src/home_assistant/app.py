"""The process: two links to one broker, because a link knows one root, and a machine between them.

One thread, and the links' own. It wakes when something comes, waits a moment for what comes with it, and tells what
differs.
"""

import logging
import secrets
import sys
import time
from collections.abc import Callable
from importlib import metadata
from typing import Final

from home_assistant.bridge import BIRTH, FILTERS, OWN, Bridge
from home_assistant.settings import PROGRAM, Settings
from lampfield_bus.channels import HOME_ASSISTANT_FENCE
from lampfield_bus.messages import Publication
from lampfield_bus.node.arrivals import Arrival
from lampfield_bus.node.inbox import Inbox
from lampfield_bus.node.link import Link, LinkConfig, Subscription
from lampfield_bus.node.pulse import Pulse
from lampfield_bus.node.run import BAD_SETTING, FAILED, OK, Clock, LogOnce, Now, Stop, configure_logging

__all__ = ["App", "examine", "forget", "run"]

PAUSE_SECONDS: Final = 0.2  # between two turns: a switch that starts tells a hundred things at once
STOP_SECONDS: Final = 1.0  # for each link
LOOK_SECONDS: Final = 10.0  # that doctor and forget wait for both readings

_log = logging.getLogger(__name__)


def run(settings: Settings) -> int:
    """Runs until SIGTERM or SIGINT; returns the exit status. Switched off it has nothing to do, and says so."""
    configure_logging(settings.log_level, settings.log_format)
    if not settings.homeassistant:
        _log.info("nothing is told to Home Assistant: LAMPFIELD_HOMEASSISTANT is off")
        return OK
    inbox = Inbox()
    stop = Stop(inbox.notify).install()
    try:
        app = App(settings, inbox)
    except ValueError as error:  # files of TLS that are none
        _log.error("%s", error)
        return BAD_SETTING
    app.run(lambda: stop.requested)
    return OK


def examine(settings: Settings) -> int:
    """Tells what is wrong with the surroundings, a line each; the exit status."""
    say = sys.stdout.write
    if not settings.homeassistant:
        say("off     LAMPFIELD_HOMEASSISTANT is off: nothing is told to Home Assistant\n")
    app = App(settings, Inbox(), suffix=secrets.token_hex(4))
    ready = app.look(LOOK_SECONDS)
    where = f"{settings.mqtt_host}:{settings.mqtt_port}"
    if not ready:
        say(f"wrong   {where} did not tell both {settings.topic_root} and {settings.homeassistant_prefix} within")
        say(f" {LOOK_SECONDS:.0f} s: is it there, and may this user read both?\n")
        return FAILED
    devices = app.bridge.devices
    say(f"ok      {where}: {len(devices)} displays and switches: {', '.join(devices) or 'none yet'}\n")
    for topic, fault in app.bridge.faults.items():
        say(f"wrong   {topic}: {fault}\n")
    return FAILED if app.bridge.faults else OK


def forget(settings: Settings, name: str) -> int:
    """Takes every device out of Home Assistant that the service of this name told; the exit status."""
    named = settings.model_copy(update={"node": name})
    app = App(named, Inbox(), suffix=secrets.token_hex(4))
    gone = app.clear(LOOK_SECONDS)
    if gone is None:
        sys.stderr.write(f"{PROGRAM}: the broker did not tell everything in time, or did not take it\n")
        return FAILED
    sys.stdout.write(f"{gone} topics deleted\n")
    return OK


class App:
    """Everything wired together. Raises ValueError for settings that only show their fault when used."""

    def __init__(self, settings: Settings, inbox: Inbox, *, suffix: str = "") -> None:
        self._inbox = inbox
        self._there = Inbox(wake=inbox.notify)
        self.bridge = Bridge(
            settings.topic_root, settings.homeassistant_prefix, metadata.version(f"lampfield-{PROGRAM}"), settings.node
        )
        name, fence = settings.node, HOME_ASSISTANT_FENCE.topic(settings.node)
        here = LinkConfig.of(settings, PROGRAM, name, availability=None, fence=fence)
        here = here._replace(client_id=f"{here.client_id}{suffix and '-'}{suffix}")  # beside the service itself
        there = here._replace(
            client_id=f"{here.client_id}-discovery",
            root=settings.homeassistant_prefix,
            # Who only visits is not the service, and leaves no word of it.
            availability=None if suffix else self.bridge.availability,
            fence=f"{self.bridge.own}/fence",
        )
        self._bus = Link(here, inbox, [Subscription(each, "state") for each in FILTERS])
        self._discovery = Link(there, self._there, [Subscription(each, "state") for each in (*OWN, BIRTH)])
        self._clock = Clock()
        self._once = LogOnce(_log)
        self._pulse = Pulse(settings.heartbeat_path(PROGRAM, name), self._once, self._bus, self._discovery)

    def run(self, stopping: Callable[[], bool]) -> None:
        """Turns until `stopping`. Raises RuntimeError when a link's threads are gone."""
        self._bus.start()
        self._discovery.start()
        try:
            while not stopping():
                self.turn(self._inbox.take(1.0), self._there.drain())
                time.sleep(PAUSE_SECONDS)
        finally:
            self._bus.stop(STOP_SECONDS)
            self._discovery.stop(STOP_SECONDS)
            self._pulse.stop()

    def look(self, limit: float) -> bool:
        """Reads both sides and leaves again; whether they could be read within `limit` seconds."""
        return self._visit(limit, lambda: None)

    def clear(self, limit: float) -> int | None:
        """Deletes all that was told to Home Assistant; how many topics, None if they could not be read or deleted."""
        gone: list[int] = []

        def delete() -> None:
            publications = self.bridge.clear()
            self._discovery.send([*publications, Publication(self.bridge.availability, b"", 1, True)])
            if self._discovery.flush(limit):
                gone.append(len(publications))

        self._visit(limit, delete)
        return gone[0] if gone else None

    def _visit(self, limit: float, then: Callable[[], None]) -> bool:
        until = time.monotonic() + limit
        self._bus.start()
        self._discovery.start()
        try:
            while not self.bridge.ready and time.monotonic() < until:
                self._take(self._inbox.take(PAUSE_SECONDS), self._there.drain(), self._clock.read())
            if self.bridge.ready:
                then()
        finally:
            self._bus.stop(STOP_SECONDS)
            self._discovery.stop(STOP_SECONDS)
        return self.bridge.ready

    def _take(self, heard: list[Arrival], noticed: list[Arrival], now: Now) -> None:
        if now.stepped:
            _log.warning("the clock was stepped by %.1f s", now.stepped / 1000)
            self.bridge.step(now.stepped)
        for arrival in heard:
            self.bridge.hear(arrival, now.wall)
        for arrival in noticed:
            self.bridge.notice(arrival)

    def turn(self, heard: list[Arrival], noticed: list[Arrival]) -> None:
        """What came in, and what follows from it and from the time out."""
        now = self._clock.read()
        self._take(heard, noticed, now)
        publications = self.bridge.tell(now.wall)
        for topic, fault in self.bridge.faults.items():
            self._once.warning((topic, fault), "%s: left out: %s", topic, fault)
        for publication in publications:
            device = publication.topic.split("/")[1]
            if publication.topic.endswith("/config"):
                _log.info("%s: %s", device, "told to Home Assistant" if publication.payload else "gone, and removed")
            elif publication.topic.endswith("/alive") and publication.payload:
                _log.info("%s: %s", device, "lives" if publication.payload == b"online" else "is lost")
        self._discovery.send(publications)
        self._pulse.beat(now)
