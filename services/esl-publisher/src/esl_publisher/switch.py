"""The machine: facts in, publications out.

Pure, in h11's manner: `receive(fact, at)`, `due()`, `tick(at)`; no I/O, no clock, no randomness. `at` is ms since the
epoch by this machine's clock; what is told of calls has FreeSWITCH's own time.

It routes facts to those who know (ledger, extensions, registrations, today), notes what they touched, and at the end
of each turn publishes that and nothing else. `receive` is a turn of one fact; facts that came together may share one:
`hear` each, then `tell`.

An earlier run's retained state: calls and extensions are taken over, but what it said of them stays as it is for a
while (legacy.py). Where no snapshot can be taken events are told after that all the same, but `info` does not say
`connected` (identity.py).
"""

from collections.abc import Iterator, Mapping
from functools import partial
from zoneinfo import ZoneInfo

from msgspec import Struct

from esl_publisher import decode as d
from esl_publisher import facts as f
from esl_publisher import legs
from esl_publisher.callcenter import Callcenter, with_offers
from esl_publisher.calls import CallState, Ended
from esl_publisher.causes import SWITCH_RESTARTED
from esl_publisher.census import Census
from esl_publisher.counters import Counters
from esl_publisher.extensions import Extensions
from esl_publisher.facilities import Facilities
from esl_publisher.identity import Identity
from esl_publisher.ledger import Ledger
from esl_publisher.leg_events import Handler, Known, LegEvents
from esl_publisher.legacy import Legacy
from esl_publisher.portions import PORTION, Touched, Work
from esl_publisher.publish import Publisher, health_message, stats_message
from esl_publisher.reconcile import reconcile
from esl_publisher.registrations import Registrations
from esl_publisher.restore import read
from esl_publisher.snapshot import Snapshot
from esl_publisher.suspects import Miscount, Suspects
from esl_publisher.today import day_of
from lampfield_bus import channels
from lampfield_bus import messages as m

__all__ = ["Switch", "SwitchOptions"]


class SwitchOptions(Struct, frozen=True, kw_only=True):
    """What the settings say: `extensions` None means whoever is seen; `instance` is random per process."""

    switch: str
    instance: str
    tz: ZoneInfo
    domain: str | None = None
    extensions: tuple[str, ...] | None = None
    gateway_grace_ms: int = 5_000
    sla_seconds: int = 20
    raw_events: tuple[str, ...] = ()
    hide_numbers: bool = False
    portion: int = PORTION  # of a crowd so many legs, calls or lamps are dealt with in one turn


class Switch:
    """One FreeSWITCH as everything that is told about it so far."""

    def __init__(self, options: SwitchOptions) -> None:
        self._options = options
        self._identity = Identity(options.instance, options.domain)
        self._raw = frozenset(options.raw_events)
        self._ledger = Ledger()
        self._suspects = Suspects()
        self._extensions = Extensions(options.extensions)
        self._registrations = Registrations()
        self._facilities = Facilities(self._ledger, options.tz, options.gateway_grace_ms)
        self._callcenter = Callcenter(self._ledger, options.sla_seconds)
        self._miscount = Miscount()
        known = Known(self._ledger, self._facilities, self._extensions, self._identity, self._callcenter)
        self._leg_events = LegEvents(known, self._miscount, self._vouches)
        self._handlers: dict[type[d.Event], Handler] = {
            **self._leg_events.handlers,
            d.Registration: self._registered,
            d.Mailbox: self._mailbox,
            d.GatewayChanged: self._facilities.receive,
            d.Meeting: self._facilities.receive,
            d.Parked: self._facilities.receive,
            d.Callcenter: self._callcenter.receive,
            d.Pulse: self._pulse,
        }
        self._counters = Counters(options.tz)
        self._today = self._counters.today
        self._publisher = Publisher(options.switch, hide_numbers=options.hide_numbers)
        self._snapshots = 0
        self._legacy = Legacy()
        self._lag: int | None = None  # ms, the worst since the last health
        self._confirm_due = False  # a snapshot is taken in, and not yet told
        self._work = Work()  # a snapshot that is being taken in, or a restart of FreeSWITCH
        self._touched = Touched(options.portion)
        self._touched.users.update(self._extensions.listed)
        self._census = Census(self._ledger, self._counters)
        self._doubtful = False  # whether some are counted that may have ended
        self._unsettled = False  # whether that is known in a moment: until then no number is told
        self._at = -1  # the last turn's
        self._moment = 0  # when what was heard last happened, FreeSWITCH's time
        self._stamp: str | None = None  # as the event said it, if it was one of this turn's

    def receive(self, fact: f.Fact, at: int) -> list[m.Publication]:
        """Take one fact in; what it changed, as publications in their order."""
        self.hear(fact, at)
        return [] if isinstance(fact, f.RetainedRead) else self.tell()  # `info` goes first: who speaks

    def hear(self, fact: f.Fact, at: int) -> None:
        """Take in one of several facts that came together; `tell`, after the last, says what they changed.

        Raises ValueError for a fact with a name that no topic can carry.
        """
        if at != self._at:
            self._begin(at)
        if not isinstance(fact, f.EventReceived):
            self._stamp = None
            self._move_to(at)
            self._other_fact(fact, at)
        else:
            event = fact.event
            moment = self._moment
            if event.timestamp != self._stamp:  # FreeSWITCH's clock ticks once a millisecond
                moment = self._moment_of(event, at)
                self._stamp = event.timestamp
                if moment != self._moment:
                    self._move_to(moment)
            if self._raw:
                self._tell_raw(fact)
            handle = self._handlers.get(type(event))
            if handle is not None and handle(event, at, moment):
                handle(d.introduced(fact.body), at, moment)
        if len(self._ledger.calls) != self._census.total:
            self._note_total()

    def tell(self) -> list[m.Publication]:
        """What all that was heard has changed, as publications in their order; of each state only the last.

        Raises ValueError for what no topic can carry; what was to come after it is told the next time.
        """
        self._look()
        changes = self._ledger.changes.take()
        self._facilities.follow(changes)
        for fact in changes.facts:
            told = self._publisher.fact(fact)
            self._counters.fold(fact, told)
            if isinstance(fact, Ended) and fact.merged_into is None:
                for user in fact.call.rung:
                    self._today.miss(user)
                self._touched.users.update(fact.call.rung)
        self._touched.calls |= changes.calls
        self._touched.users |= changes.users
        if not self._legacy.withheld:
            self._publish_touched()
        return self._publisher.take()

    @property
    def calls(self) -> Mapping[CallState, int]:
        """How many calls there are, by state."""
        return self._ledger.counts

    def due(self) -> int | None:
        """When `tick` has something to do next, or None. While `busy` that is now: once the waiting events are in."""
        if self.busy:
            return self._at
        dues = (self._ledger.due(), self._counters.due(), self._facilities.due(), self._legacy.due())
        return min((due for due in dues if due is not None), default=None)

    def tick(self, at: int) -> list[m.Publication]:
        """What the passing of time changed, and one step of what there is to do if `busy`."""
        self._begin(at)
        self._move_to(at)
        self._ledger.tick(at)
        self._facilities.tick(at)
        self._legacy.tick(at)
        if self._work:
            self._work.step()
        elif self._touched.left and not self._legacy.withheld:
            self._touched.recall()
        self._note_total()
        return self.tell()

    @property
    def busy(self) -> bool:
        """Whether a snapshot is not yet wholly taken in, or not all told that it changed."""
        return bool(self._work) or (self._touched.left and not self._legacy.withheld)

    def take_doubt(self) -> bool:
        """Whether what is known should be compared with FreeSWITCH's tables now; asked once, it is told once."""
        return self._miscount.take()

    def suspects(self) -> list[str]:
        """Legs to ask FreeSWITCH about one by one (`uuid_exists`), after a snapshot; the answers are LegsAsked."""
        return self._suspects.of(self._ledger)

    # --- facts --------------------------------------------------------------------------------------------------------

    def _tell_raw(self, fact: f.EventReceived) -> None:
        event = fact.event
        if event.name in self._raw or getattr(event, "subclass", None) in self._raw:
            self._publisher.raw(event, fact.body)

    def _other_fact(self, fact: f.Fact, at: int) -> None:
        match fact:
            case f.SnapshotTaken(snapshot):
                self._work.begin(self._snapshot(snapshot, at))
            case f.LegsAsked(gone, alive):
                self._suspects.asked(self._ledger, gone, alive, at)
                self._doubtful = self._suspects.absent(self._ledger)
                self._unsettled = self._doubtful and self._suspects.fresh
            case f.EslChanged():
                self._esl_changed(fact, at)
            case f.ContinuityLost():
                self._suspects.doubt(at)
                self._identity.lose_continuity()
                self._spoil(self._today.lose())
                self._publisher.put(channels.SWITCH_INFO, self._identity.message(at))
            case f.RetainedRead(messages):
                self._restore(messages)
            case f.ClockStepped(delta):
                if day_of(at, self._options.tz) != day_of(at - delta, self._options.tz):
                    self._spoil(self._today.lose())  # it was not there when that day began
                self._legacy.shift(delta)
                self._ledger.shift(delta)
                self._suspects.shift(delta)
                self._registrations.shift(delta)
                self._facilities.shift(delta)
                self._callcenter.shift(delta)
            case f.HealthDue():
                self._publish_health(fact, at)

    def _begin(self, at: int) -> None:
        if self._counters.is_over(at):
            self._turn(at)
        self._at = at
        self._stamp = None  # what it says is another lag now

    def _move_to(self, moment: int) -> None:
        # What happens later does not change since when anything is what it is now.
        if moment != self._moment:
            self._look()
            self._moment = moment

    def _look(self) -> None:
        self._census.look(self._moment)
        if self._ledger.changes.users and not self._legacy.withheld:
            users = self._ledger.changes.take_users()
            self._touched.users |= users
            for user in users:
                if self._extensions.is_shown(user):
                    self._extensions.look(user, self._ledger, self._moment)

    def _registered(self, event: d.Registration, at: int, moment: int) -> None:
        user = self._registrations.receive(event, at, self._identity.domain)
        if user is not None:
            self._extensions.see(user, moment)
            self._extensions.name(user, event.effective_name)
            self._touched.users.add(user)

    def _mailbox(self, event: d.Mailbox, _at: int, _moment: int) -> None:
        user = self._extensions.receive_mail(event.account, event.messages, self._identity.domain)
        if user is not None:
            self._touched.users.add(user)

    def _pulse(self, pulse: d.Pulse, _at: int, moment: int) -> None:
        stats = stats_message(pulse, moment)
        if stats is not None:
            self._publisher.put(channels.SWITCH_STATS, stats)
        self._miscount.count(pulse.sessions, len(self._ledger.legs))

    def _note_total(self) -> None:
        # A snapshot's new calls, and old ones that are not yet known to be over: never were there so many at once.
        if not self._work and not self._doubtful:
            self._census.note()

    def _snapshot(self, snapshot: Snapshot, at: int) -> Iterator[None]:
        self._snapshots += 1
        domain = self._identity.domain
        changed = self._registrations.reconcile(snapshot.registrations, snapshot.asked_at, domain)
        for user in changed:
            self._extensions.see(user, snapshot.asked_at)
        self._touched.users |= changed
        yield
        self._touched.users |= self._extensions.enroll(snapshot.users or (), snapshot.asked_at, domain)
        yield
        snapshot = with_offers(snapshot)
        leg_of = partial(legs.from_row, at=at, domain=domain, vouch=self._vouches)
        yield from reconcile(self._ledger, snapshot, at, leg_of, self._options.portion)
        self._facilities.reconcile(snapshot, at)
        yield
        self._callcenter.reconcile(snapshot, at)
        over = self._legacy.confirm()
        self._census.look_again()
        self._confirm_due = True
        self._doubtful = self._suspects.absent(self._ledger)
        self._unsettled = self._suspects.look(self._ledger)
        if over:
            self._ledger.close_retained(snapshot.asked_at)

    def _esl_changed(self, fact: f.EslChanged, at: int) -> None:
        if self._identity.change(fact, at):
            self._work.begin(self._end_all(at))
        if fact.state == "connected":
            self._suspects.doubt(at)
            self._legacy.linked(at)
        self._spoil(self._today.watch(fact.state == "connected"))
        self._publisher.put(channels.SWITCH_INFO, self._identity.message(at))

    def _end_all(self, at: int) -> Iterator[None]:
        # FreeSWITCH restarted: its old legs are gone without a word. Between two steps those of the new one come.
        self._facilities.clear(at)
        self._callcenter.end_all(at)
        yield from self._leg_events.end_all(SWITCH_RESTARTED, at, self._options.portion)
        self._ledger.close_retained(at, legs.ending_of("", None, SWITCH_RESTARTED))

    def _restore(self, messages: dict[str, bytes]) -> None:
        restored = read(messages, self._options.switch)
        same_day = restored.is_of(self._today.date, self._options.tz)
        if restored.info is not None:
            self._identity.restore(restored.info)
        for call in restored.calls:
            self._ledger.retain(call)
            self._callcenter.recall(call)
        for user, message in restored.extensions.items():
            if self._extensions.is_shown(user):
                self._extensions.restore(user, message)
                self._today.restore(user, message.missed_today if same_day else 0)
                self._touched.users.add(user)
        self._facilities.restore(restored, same_day=same_day)
        self._callcenter.restore(restored, self._today.date, same_day=same_day)
        self._counters.restore(restored, map(self._publisher.hidden, restored.recent))
        self._publisher.inherit(restored.topics)
        self._legacy.begin(anything=bool(restored.topics))

    def _turn(self, at: int) -> None:
        users = self._counters.turn(at, len(self._ledger.calls))
        if users is not None:
            self._touched.users.update(users)
            self._callcenter.new_day()
        self._facilities.turn(at)

    def _spoil(self, spoiled: bool) -> None:  # noqa: FBT001 (what it is told by those who know)
        if spoiled:
            self._callcenter.touch_all()

    def _vouches(self, user: str) -> bool:
        return self._extensions.is_known(user) or self._registrations.count(user) > 0

    def _moment_of(self, event: d.Event, at: int) -> int:
        moment = event.moment
        if moment is None:
            return at
        if self._lag is None or at - moment > self._lag:
            self._lag = at - moment
        return moment

    # --- publications -------------------------------------------------------------------------------------------------

    def _publish_touched(self) -> None:
        if not self._work and not self._unsettled:  # half a snapshot would be a wrong number
            self._census.publish(self._publisher)
        self._touched.defer()
        # What no topic can carry raises: it must not stand here again in the next turn, but what comes after it must.
        for call_id in self._touched.take_calls():
            self._publisher.call(call_id, self._ledger.calls.get(call_id))
        for user in self._touched.take_users():
            if self._extensions.is_shown(user):
                contacts, missed = self._registrations.count(user), self._today.missed(user)
                message = self._extensions.message(user, self._ledger, contacts, missed, self._moment)
                self._publisher.put(channels.SWITCH_EXTENSION, message, user)
        self._facilities.publish(self._publisher)
        self._callcenter.publish(
            self._publisher, self._identity.domain, self._today.date, complete=self._today.complete
        )
        self._counters.publish(self._publisher)
        if not self._touched.left and self._legacy.take_uncleared():
            self._publisher.clear_inherited()
        if self._confirm_due and not self.busy and not self._unsettled:
            self._confirm_due = False
            if self._identity.confirm(self._moment):
                self._publisher.put(channels.SWITCH_INFO, self._identity.message(self._moment))

    def _publish_health(self, due: f.HealthDue, at: int) -> None:
        self._publisher.put(channels.SWITCH_HEALTH, health_message(due, at, self._lag, self._snapshots))
        self._lag = None
