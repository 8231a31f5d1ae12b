"""What is said on one ESL connection: who are you, these events please, and your tables every so often.

It turns bytes into facts and hands them over in batches; it keeps nothing, and knows no broker.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Final

import gevent
from gevent.event import Event
from msgspec.structs import replace

from esl_publisher import commands, snapshot
from esl_publisher.commands import Command
from esl_publisher.decode import decode
from esl_publisher.facts import ContinuityLost, EslChanged, EventReceived, Fact, SnapshotTaken
from esl_publisher.queue_tables import QueueTables, parse, queue_names
from esl_publisher.source import Source, SourceLost
from lampfield_bus.node.run import LogOnce

__all__ = ["SECOND_LOOK_SECONDS", "Session"]

# A table is up to 600 ms older than the events (measured), and only what two of them lack is taken for gone.
SECOND_LOOK_SECONDS: Final = 2.0

_log = logging.getLogger(__name__)


class Session:
    """One connection from its login to its end. `tell` takes facts in their order; `now` is ms since the epoch."""

    def __init__(
        self,
        source: Source,
        subscription: Command,
        tell: Callable[[Sequence[Fact]], None],
        now: Callable[[], int],
        *,
        resync_seconds: float,
        once: LogOnce | None = None,
    ) -> None:
        self._source = source
        self._subscription = subscription
        self._tell = tell
        self._now = now
        self._resync_seconds = resync_seconds
        self.established = False  # FreeSWITCH let us in and told who it is
        self._once = once or LogOnce(_log)
        self._doubted = Event()
        self._doubted.set()  # what happened before we came?
        self._failure: Exception | None = None

    def run(self) -> None:
        """Lives until the connection ends: raises SourceLost, or whatever is wrong with us."""
        source = self._source
        snapshots = None
        try:
            source.connect()
            connected = self._introduce()
            source.register_handle("*", self._events)
            source.register_handle("OVERFLOW", self._overflow)
            self.established = True
            self._tell([connected])
            _log.info("connected to FreeSWITCH %s on %s, %s:%d", *_who(connected), source.host, source.port)
            source.start_event_handlers()
            snapshots = gevent.spawn(self._take_snapshots)
            source.wait()
        except SourceLost:
            if self._failure is not None:
                raise self._failure from None
            raise
        finally:
            source.stop()
            if snapshots is not None:
                snapshots.kill()

    def resync(self) -> None:
        """Has the tables read now, and once more a little later."""
        self._doubted.set()

    def _introduce(self) -> EslChanged:
        source = self._source
        version = source.api(commands.VERSION)
        connected = EslChanged(
            state="connected",
            hostname=source.api(commands.HOSTNAME),
            version=version and version.removeprefix("FreeSWITCH Version "),
            core_uuid=source.api(commands.CORE_UUID),
            domain=source.api(commands.DOMAIN),
        )
        said = source.send(self._subscription).headers.get("Reply-Text", "")
        if not said.startswith("+OK"):
            raise SourceLost("protocol", f"FreeSWITCH refused the subscription: {said}")
        return connected

    # --- the worker's greenlet ----------------------------------------------------------------------------------------

    def _events(self, bodies: list[bytes]) -> None:
        facts: list[Fact] = []
        for body in bodies:
            try:
                facts.append(EventReceived(decode(body), body))
            except ValueError as error:
                self._once.warning(str(error), "an event was dropped: %s", error)
        self._tell(facts)

    def _overflow(self, dropped: int) -> None:
        reason = f"{dropped} events came faster than they could be read"
        _log.warning("%s; reading FreeSWITCH's tables instead", reason)
        self._tell([ContinuityLost(reason)])
        self.resync()

    # --- the snapshots' greenlet --------------------------------------------------------------------------------------

    def _take_snapshots(self) -> None:
        try:
            while True:
                doubted = self._doubted.wait(self._resync_seconds)
                self._doubted.clear()
                self._take_snapshot(logging.INFO if doubted else logging.DEBUG)
                if doubted:
                    gevent.sleep(SECOND_LOOK_SECONDS)
                    self._take_snapshot(logging.DEBUG)
        except SourceLost:
            pass  # whoever waits for the source is told
        except Exception as error:  # noqa: BLE001 (`run` raises it)
            self._failure = error
            self._source.stop()

    def _take_snapshot(self, level: int) -> None:
        asked_at = self._now()
        tables = self._source.tables()
        answered_at = self._now()
        try:
            taken = snapshot.parse(**tables, asked_at=asked_at, answered_at=answered_at)
            taken = replace(taken, callcenter=self._callcenter())
        except ValueError as error:
            self._once.warning(str(error), "a resync failed: %s; is mod_commands loaded?", error)
            return
        self._tell([SnapshotTaken(taken)])
        rows = len(taken.channels), len(taken.pairs), len(taken.registrations)
        _log.log(level, "resync: %d legs, %d bridges, %d registrations in %d ms", *rows, answered_at - asked_at)

    def _callcenter(self) -> QueueTables | None:
        """mod_callcenter's tables: empty where it is not loaded, None if they cannot be read."""
        queues, agents, tiers = self._source.tables(commands.QUEUE_TABLES).values()
        try:
            questions = filter(None, map(commands.members, queue_names(queues)))
            members = self._source.tables(questions)
            return parse(queues=queues, agents=agents, tiers=tiers, members=members.values())
        except ValueError as error:
            self._once.warning(str(error), "queues are not reconciled: %s", error)
            return None


def _who(connected: EslChanged) -> tuple[str, str]:
    return connected.version or "of unknown version", connected.hostname or "an unnamed host"
