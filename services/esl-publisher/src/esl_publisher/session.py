"""What is said on an ESL connection (who are you, these events please, your tables every so often), and the next one.

It turns bytes into facts and hands them over in batches; it keeps nothing of what they say, and knows no broker.
"""

import logging
import random
import time
from collections.abc import Callable, Sequence
from typing import Final, NoReturn

import gevent
from gevent.event import Event
from msgspec.structs import replace

from esl_publisher import commands, snapshot
from esl_publisher.commands import Command
from esl_publisher.decode import decode
from esl_publisher.facts import ContinuityLost, EslChanged, EventReceived, Fact, LegsAsked, SnapshotTaken
from esl_publisher.measures import Tally
from esl_publisher.queue_tables import QueueTables, parse, queue_names
from esl_publisher.snapshot import Snapshot
from esl_publisher.source import Source, SourceLost
from lampfield_bus.node.backoff import Backoff
from lampfield_bus.node.run import LogOnce

__all__ = ["SECOND_LOOK_SECONDS", "Follower", "Session"]

# A table is up to 600 ms older than the events (measured): who came just before we listened may not be in the first.
SECOND_LOOK_SECONDS: Final = 1.0
REPEAT_SECONDS: Final = 60.0  # the same trouble is logged again after so long

_log = logging.getLogger(__name__)


class Session:
    """One connection from its login to its end. `tell` takes facts in their order; `now` is ms since the epoch.

    `suspects` says, after each snapshot, which legs FreeSWITCH is to be asked about one by one.
    """

    def __init__(
        self,
        source: Source,
        subscription: Command,
        tell: Callable[[Sequence[Fact]], None],
        now: Callable[[], int],
        suspects: Callable[[], list[str]],
        *,
        resync_seconds: float,
        once: LogOnce | None = None,
        tally: Tally | None = None,
    ) -> None:
        self._source = source
        self._subscription = subscription
        self._tell = tell
        self._now = now
        self._suspects = suspects
        self._resync_seconds = resync_seconds
        self.established = False  # FreeSWITCH let us in and told who it is
        self._once = once or LogOnce(_log)
        self._tally = tally or Tally()
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
            self._tally.connections += 1
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
        said = source.send(self._subscription).reply
        if not said.startswith("+OK"):
            raise SourceLost("protocol", f"FreeSWITCH refused the subscription: {said}")
        return connected

    # --- the worker's greenlet ----------------------------------------------------------------------------------------

    def _events(self, bodies: list[bytes]) -> None:
        facts: list[EventReceived] = []
        tally, began = self._tally, time.perf_counter()
        for body in bodies:
            try:
                event = decode(body)
            except ValueError as error:
                tally.undecodable += 1
                self._once.warning(str(error), "an event was dropped: %s", error)
            else:
                facts.append(EventReceived(event, body))
        tally.decode.observe(time.perf_counter() - began)
        tally.met(fact.event for fact in facts)
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
        try:
            taken = self._read_tables(asked_at)
            taken = replace(taken, callcenter=self._callcenter())
        except ValueError as error:
            self._tally.failed_resyncs += 1
            self._once.warning(str(error), "a resync failed: %s; is mod_commands loaded?", error)
            return
        for fault in taken.faults:
            self._once.warning(fault, "a table is left out of the resync: %s", fault)
        took = max(taken.answered_at - asked_at, 0)
        self._tally.resync.observe(took / 1000)
        self._tell([SnapshotTaken(taken)])
        self._ask_about_suspects()
        rows = len(taken.channels), len(taken.pairs), len(taken.registrations)
        _log.log(level, "resync: %d legs, %d bridges, %d registrations in %d ms", *rows, took)

    def _read_tables(self, asked_at: int) -> Snapshot:
        # Megabytes of text on a busy switch: each is read when it comes, and nobody has it any more after that.
        reading = snapshot.Reading()
        self._source.hand_over(reading.take)
        return reading.snapshot(asked_at=asked_at, answered_at=self._now())

    def _ask_about_suspects(self) -> None:
        questions = ((uuid, commands.exists(uuid)) for uuid in self._suspects())
        asked = {uuid: question for uuid, question in questions if question is not None}  # two snapshots tell of others
        said = dict(zip(asked, self._source.ask(asked.values()), strict=True))
        gone, alive = (tuple(uuid for uuid, word in said.items() if word == wanted) for wanted in ("false", "true"))
        if gone or alive:
            self._tell([LegsAsked(gone, alive)])

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


class Follower:
    """One connection after the other, for as long as the process lives; `hosts` are tried in turn."""

    def __init__(
        self,
        new_source: Callable[[str], Source],
        hosts: Sequence[str],
        subscription: Command,
        tell: Callable[[Sequence[Fact]], None],
        now: Callable[[], int],
        suspects: Callable[[], list[str]],
        *,
        resync_seconds: float,
        tally: Tally | None = None,
    ) -> None:
        self._new_source = new_source
        self._hosts = hosts
        self._subscription = subscription
        self._tell = tell
        self._now = now
        self._suspects = suspects
        self._resync_seconds = resync_seconds
        self._tally = tally or Tally()
        self._backoff = Backoff(random.random)
        self._once = LogOnce(_log)
        self._source: Source | None = None
        self._session: Session | None = None
        self._dropped = 0  # on connections that are over
        self._told = ""
        self._told_at = 0.0

    @property
    def connected(self) -> bool:
        """Whether FreeSWITCH has let us in; any thread."""
        session = self._session
        return session is not None and session.established

    @property
    def queued(self) -> int:
        """How many events wait to be handled."""
        source = self._source  # a scrape reads it from a thread of its own
        return 0 if source is None else len(source.backlog)

    @property
    def dropped(self) -> int:
        """How many events were dropped so far."""
        source = self._source
        return self._dropped + (0 if source is None else source.backlog.dropped)

    def resync(self) -> None:
        """Has the tables read now, if there is a connection."""
        if self._session is not None:
            self._session.resync()

    def run(self) -> NoReturn:
        """Connects again and again. Raises only what is wrong with us."""
        while True:
            began = time.monotonic()
            established, reason = self._attempt()
            if established or not self._told:  # for whoever waits it is one outage, however often we try
                self._tell([EslChanged(state="lost")])
            delay = self._backoff.next(lasted=time.monotonic() - began if established else 0.0)
            self._complain(reason, delay, again=established)
            gevent.sleep(delay)

    def _attempt(self) -> tuple[bool, str]:
        """Stays with the first host that can be reached; whether it let us in, and why that is over."""
        reasons = []
        for host in self._hosts:
            self._source = source = self._new_source(host)
            self._session = session = Session(
                source,
                self._subscription,
                self._tell,
                self._now,
                self._suspects,
                resync_seconds=self._resync_seconds,
                once=self._once,
                tally=self._tally,
            )
            try:
                session.run()
            except SourceLost as lost:
                reasons.append(str(lost))
                if lost.fault != "unreachable":
                    return session.established, str(lost)
            finally:
                self._source = self._session = None
                self._dropped += source.backlog.dropped
        return False, "; ".join(reasons)

    def _complain(self, reason: str, delay: float, *, again: bool) -> None:
        now = time.monotonic()
        if again or reason != self._told or now - self._told_at >= REPEAT_SECONDS:
            self._told, self._told_at = reason, now
            _log.warning("no FreeSWITCH: %s; next attempt in %.1f s", reason, delay)


def _who(connected: EslChanged) -> tuple[str, str]:
    return connected.version or "of unknown version", connected.hostname or "an unnamed host"
