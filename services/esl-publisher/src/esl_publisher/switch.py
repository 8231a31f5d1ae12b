"""The machine: facts in, publications out.

Pure, in h11's manner: `receive(fact, at)`, `due()`, `tick(at)`; no I/O, no clock, no randomness. `at` is ms since the
epoch by this machine's clock; what is told of calls has FreeSWITCH's own time.

It routes facts to those who know (ledger, extensions, registrations, today), notes what they touched, and at the end
of each turn publishes that and nothing else.

An earlier run's retained state: calls and extensions are taken over, but what an earlier run said of calls stays as it
is until the first snapshot, so that no lamp goes dark only because the publisher restarted. What no second snapshot
confirms is cleared.
"""

from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from esl_publisher import decode as d
from esl_publisher import facts as f
from esl_publisher import legs
from esl_publisher.callcenter import Callcenter, with_offers
from esl_publisher.calls import Ended
from esl_publisher.causes import SWITCH_RESTARTED, Ending, sip_status
from esl_publisher.counters import Counters
from esl_publisher.extensions import Extensions
from esl_publisher.facilities import Facilities, gateway_of
from esl_publisher.identity import Identity
from esl_publisher.ledger import Ledger
from esl_publisher.publish import Publisher, health_message, stats_message
from esl_publisher.reconcile import reconcile
from esl_publisher.registrations import Registrations
from esl_publisher.restore import Restored, read
from esl_publisher.snapshot import Snapshot
from esl_publisher.suspects import Suspects
from esl_publisher.today import day_of
from lampfield_bus import channels
from lampfield_bus import messages as m
from lampfield_bus.topics import encode_name

__all__ = ["Switch", "SwitchOptions"]

MISCOUNTS = 2  # heartbeats in a row that count other legs than ours, before they are believed


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
        self._counters = Counters(options.tz)
        self._today = self._counters.today
        self._publisher = Publisher(options.switch, hide_numbers=options.hide_numbers)
        self._snapshots = 0
        self._unconfirmed = 0  # snapshots that must come before what an earlier run left is cleared
        self._inherited = False  # whether an earlier run left something that is not yet judged
        self._withheld = False  # whether calls and extensions wait for the first snapshot
        self._lag: int | None = None  # ms, the worst since the last health
        # What to look at again when this turn ends.
        self._calls: set[str] = set()
        self._users: set[str] = set(self._extensions.listed)
        self._count_due = False
        self._miscounts = 0  # heartbeats in a row whose number of sessions is not ours
        self._doubted = False

    def receive(self, fact: f.Fact, at: int) -> list[m.Publication]:
        """Take one fact in; what it changed, as publications in their order."""
        if self._counters.is_over(at):
            self._turn(at)
        moment = at
        match fact:
            case f.EventReceived(event, body):
                moment = self._moment(event, at)
                self._event(event, body, at, moment)
            case f.SnapshotTaken(snapshot):
                self._snapshot(snapshot, at)
            case f.LegsAsked(gone, alive):
                self._suspects.asked(self._ledger, gone, alive, at)
            case f.EslChanged():
                self._esl_changed(fact, at)
            case f.ContinuityLost():
                self._suspects.doubt(at)
                self._identity.lose_continuity()
                self._spoil(self._today.lose())
                self._publisher.put(channels.SWITCH_INFO, self._identity.message(at))
            case f.RetainedRead(messages):
                self._restore(messages)
                return []  # `info` goes first: who speaks
            case f.ClockStepped(delta):
                self._ledger.shift(delta)
                self._suspects.shift(delta)
                self._registrations.shift(delta)
                self._facilities.shift(delta)
                self._callcenter.shift(delta)
            case f.HealthDue():
                self._publish_health(fact, at)
        return self._flush(moment)

    def due(self) -> int | None:
        """When `tick` has something to do next, or None."""
        dues = (self._ledger.due(), self._counters.due(), self._facilities.due())
        return min((due for due in dues if due is not None), default=None)

    def tick(self, at: int) -> list[m.Publication]:
        """What the passing of time changed."""
        if self._counters.is_over(at):
            self._turn(at)
        self._ledger.tick(at)
        self._facilities.tick(at)
        return self._flush(at)

    def take_doubt(self) -> bool:
        """Whether what is known should be compared with FreeSWITCH's tables now; asked once, it is told once."""
        doubted, self._doubted = self._doubted, False
        return doubted

    def suspects(self) -> list[str]:
        """Legs to ask FreeSWITCH about one by one (`uuid_exists`), after a snapshot; the answers are LegsAsked."""
        return self._suspects.of(self._ledger)

    # --- facts --------------------------------------------------------------------------------------------------------

    def _event(self, event: d.Event, body: bytes, at: int, moment: int) -> None:
        if self._raw and (event.name in self._raw or getattr(event, "subclass", None) in self._raw):
            self._publisher.raw(event, body)
        match event:
            case d.StateChanged():
                self._state_changed(event, at, moment)
            case d.Created():
                self._created(event, at, moment)
            case d.Bridged(name="CHANNEL_BRIDGE"):
                self._ledger.bridge(event.a, event.b, at, moment)
                self._facilities.bridged(event.a, event.b, at)
            case d.Bridged():
                self._ledger.unbridge(event.a or event.uuid, event.b, at)
            case d.HungUp():
                self._hung_up(event, at, moment)
            case d.Renamed():
                encode_name(event.uuid)
                self._ledger.rename(event.old_uuid, event.uuid, at, moment)
                self._facilities.renamed(event.old_uuid, event.uuid)
            case d.Bowout():
                self._ledger.link(event.resigning, event.acquired, moment)
            case _:
                self._other_event(event, at, moment)

    def _other_event(self, event: d.Event, at: int, moment: int) -> None:
        match event:
            case d.Registration():
                self._registered(event, at, moment)
            case d.Mailbox():
                self._mailbox(event)
            case d.GatewayChanged() | d.Meeting() | d.Parked():
                self._facilities.receive(event, at, moment)
            case d.Callcenter():
                self._callcenter.receive(event, at, moment)
            case d.Pulse():
                self._doubt(event)
                stats = stats_message(event, moment)
                if stats is not None:
                    self._publisher.put(channels.SWITCH_STATS, stats)

    def _created(self, event: d.Created, at: int, moment: int) -> None:
        encode_name(event.uuid)  # a leg that no topic can name is refused before it is known
        if event.uuid in self._ledger.graves:
            return
        leg = legs.born(event, at, moment, self._identity.domain, self._vouches)
        old = self._ledger.legs.get(event.uuid)
        if old is None:
            self._ledger.add(leg, moment)
        else:  # a later event or a snapshot was first: this one knows who it is, not what has become of it
            told = {"user": leg.user or old.user, "gateway": leg.gateway, "agent": leg.agent, "name": leg.name}
            told |= {"loopback": leg.loopback or old.loopback, "twin": leg.twin}
            self._ledger.update(replace(old, number=leg.number, **told), at, moment)
        if leg.user is not None and not leg.outbound:
            self._extensions.see(leg.user, moment)
            self._extensions.name(leg.user, event.effective_name)

    def _state_changed(self, event: d.StateChanged, at: int, moment: int) -> None:
        encode_name(event.uuid)
        if event.uuid in self._ledger.graves:
            return
        leg = self._ledger.legs.get(event.uuid)
        if event.callstate == "HANGUP":
            self._ledger.hang_up(self._ending(event.uuid, event.cause), at, moment)
            self._facilities.hung_up(event.uuid, at, moment)
        elif leg is not None:
            self._ledger.update(legs.heard(leg, event.callstate, at, moment), at, moment)
        else:
            self._ledger.add(legs.adopt(event, at, moment, self._identity.domain, self._vouches), moment)

    def _hung_up(self, event: d.HungUp, at: int, moment: int) -> None:
        ending = replace(
            self._ending(event.uuid, event.cause),
            disposition=event.disposition,
            bridge_cause=event.bridge_cause,
            bridge_status=sip_status(event.bridge_protocol_cause),
            status=sip_status(event.term_status),
            phrase=event.failure_phrase,
        )
        gateway = gateway_of(event)
        if gateway is not None:
            self._ledger.route(event.uuid, gateway)
        self._ledger.hang_up(ending, at, moment)
        self._facilities.hung_up(event.uuid, at, moment)

    def _ending(self, uuid: str, cause: str) -> Ending:
        leg = self._ledger.legs.get(uuid)
        if leg is None:
            return Ending(uuid=uuid, originated=False, agent=False, answered=False, cause=cause)
        originated = leg.originator is not None
        return Ending(uuid=uuid, originated=originated, agent=leg.agent, answered=leg.answered, cause=cause)

    def _registered(self, event: d.Registration, at: int, moment: int) -> None:
        user = self._registrations.receive(event, at, self._identity.domain)
        if user is not None:
            self._extensions.see(user, moment)
            self._extensions.name(user, event.effective_name)
            self._users.add(user)

    def _mailbox(self, event: d.Mailbox) -> None:
        user = self._extensions.receive_mail(event.account, event.messages, self._identity.domain)
        if user is not None:
            self._users.add(user)

    def _doubt(self, pulse: d.Pulse) -> None:
        # A session is a leg. One heartbeat may cross a call that comes or goes; two in a row tell of lost events.
        if pulse.sessions.isdecimal() and int(pulse.sessions) != len(self._ledger.legs):
            self._miscounts += 1
        else:
            self._miscounts = 0
        if self._miscounts >= MISCOUNTS:
            self._miscounts, self._doubted = 0, True

    def _snapshot(self, snapshot: Snapshot, at: int) -> None:
        self._snapshots += 1
        changed = self._registrations.reconcile(snapshot.registrations, snapshot.asked_at, self._identity.domain)
        for user in changed:
            self._extensions.see(user, snapshot.asked_at)
        changed |= self._extensions.enroll(snapshot.users or (), snapshot.asked_at, self._identity.domain)
        self._users |= changed
        snapshot = with_offers(snapshot)
        reconcile(self._ledger, snapshot, at, self._identity.domain, self._vouches)
        self._facilities.reconcile(snapshot, at)
        self._callcenter.reconcile(snapshot, at)
        self._withheld = False
        self._count_due = True
        if self._unconfirmed:
            self._unconfirmed -= 1
            if not self._unconfirmed:
                self._ledger.close_retained(snapshot.asked_at)

    def _esl_changed(self, fact: f.EslChanged, at: int) -> None:
        if self._identity.change(fact, at):
            self._end_all(at)
        if fact.state == "connected":
            self._suspects.doubt(at)
        self._spoil(self._today.watch(fact.state == "connected"))
        self._publisher.put(channels.SWITCH_INFO, self._identity.message(at))

    def _end_all(self, at: int) -> None:
        # FreeSWITCH restarted: its old legs are gone without a word.
        for uuid in list(self._ledger.legs):
            self._ledger.hang_up(self._ending(uuid, SWITCH_RESTARTED), at, at)
        self._facilities.clear(at)
        ending = Ending(uuid="", originated=False, agent=False, answered=False, cause=SWITCH_RESTARTED)
        self._ledger.close_retained(at, ending)
        self._callcenter.end_all(at)

    def _restore(self, messages: dict[str, bytes]) -> None:
        restored = read(messages, self._options.switch)
        if restored.info is not None:
            self._identity.restore(restored.info)
        for call in restored.calls:
            self._ledger.retain(call)
            self._callcenter.recall(call)
        # An extension's topic has no date, nor has an agent's: their counts are today's if `today` is, which turns with
        # them; without it, if the publisher was alive today.
        date = restored.today.date if restored.today else day_of(restored.alive_at, self._options.tz).isoformat()
        same_day = date == self._today.date
        for user, message in restored.extensions.items():
            if self._extensions.is_shown(user):
                self._extensions.restore(user, message)
                self._today.restore(user, message.missed_today if same_day else 0)
                self._users.add(user)
        self._facilities.restore(restored, same_day=same_day)
        self._restore_counts(restored, same_day=same_day)
        self._publisher.inherit(restored.topics)
        self._unconfirmed = 2
        self._inherited = True
        self._withheld = bool(restored.topics)

    def _restore_counts(self, restored: Restored, *, same_day: bool) -> None:
        for name, queue in restored.queues.items():
            self._callcenter.restore_queue(name, queue, self._today.date)
        for agent in restored.agents:
            self._callcenter.restore_agent(agent, same_day=same_day)
        self._counters.restore(restored, map(self._publisher.hidden, restored.recent))

    def _turn(self, at: int) -> None:
        users = self._counters.turn(at, sum(self._ledger.counts.values()))
        if users is not None:
            self._users.update(users)
            self._callcenter.new_day()
        self._facilities.turn(at)

    def _spoil(self, spoiled: bool) -> None:  # noqa: FBT001 (what it is told by those who know)
        if spoiled:
            self._callcenter.touch_all()

    def _vouches(self, user: str) -> bool:
        return self._extensions.is_known(user) or self._registrations.count(user) > 0

    def _moment(self, event: d.Event, at: int) -> int:
        moment = event.moment
        if moment is None:
            return at
        if self._lag is None or at - moment > self._lag:
            self._lag = at - moment
        return moment

    # --- publications -------------------------------------------------------------------------------------------------

    def _flush(self, moment: int) -> list[m.Publication]:
        changes = self._ledger.take()
        self._facilities.follow(changes)
        for fact in changes.facts:
            told = self._publisher.fact(fact)
            self._counters.fold(fact, told)
            if isinstance(fact, Ended) and fact.merged_into is None:
                for user in fact.call.rung:
                    self._today.miss(user)
                self._users.update(fact.call.rung)
        self._calls |= changes.calls
        self._users |= changes.users
        if changes.calls:
            self._counters.note(sum(self._ledger.counts.values()))
        if not self._withheld:
            self._publish_touched(moment)
        return self._publisher.take()

    def _publish_touched(self, moment: int) -> None:
        # What no topic can carry raises: it must not stand here again in the next turn, before all that comes then.
        calls, users = self._calls, self._users
        if calls or self._count_due:
            self._calls = set()
            self._count_due = False
            self._publisher.counts(self._ledger.counts, moment)
            for call_id in sorted(calls):
                self._publisher.call(call_id, self._ledger.calls.get(call_id))
        if users:
            self._users = set()
            for user in sorted(users):
                if self._extensions.is_shown(user):
                    contacts = self._registrations.count(user)
                    message = self._extensions.message(user, self._ledger, contacts, self._today.missed(user), moment)
                    self._publisher.put(channels.SWITCH_EXTENSION, message, user)
        self._facilities.publish(self._publisher)
        self._callcenter.publish(
            self._publisher, self._identity.domain, self._today.date, complete=self._today.complete
        )
        self._counters.publish(self._publisher)
        if self._inherited and not self._unconfirmed:
            self._inherited = False
            self._publisher.clear_inherited()

    def _publish_health(self, due: f.HealthDue, at: int) -> None:
        self._publisher.put(channels.SWITCH_HEALTH, health_message(due, at, self._lag, self._snapshots))
        self._lag = None
