"""mod_callcenter as a whole: its events and tables, told to the queues, the agents and the ledger.

Pure. A caller is known by its leg (CC-Member-Session-UUID): the ledger says which call that is and whether it lives. An
agent's leg belongs to its caller's call by the same header (legs.py), so a failed offer ends no call.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from msgspec.structs import replace

from esl_publisher import commands
from esl_publisher import decode as d
from esl_publisher.agents import Agents
from esl_publisher.calls import Call
from esl_publisher.ledger import Ledger
from esl_publisher.legs import Leg, same_domain
from esl_publisher.publish import Publisher
from esl_publisher.queue_tables import MemberRow, QueueTables, instant
from esl_publisher.queues import Member, Queues
from esl_publisher.restore import Restored
from esl_publisher.snapshot import LAG_MS, ChannelRow, Snapshot
from lampfield_bus import channels
from lampfield_bus.topics import encode_name

__all__ = ["Callcenter", "local_agent", "with_offers"]

_USER: Final = re.compile(r"user/([^\s,|:]+)")
_ALL_AT_ONCE: Final = frozenset({"ring-all", "ring-progressively"})  # strategies, which stand in an agent's place

_MEMBERS: Final = frozenset(
    {
        "member-queue-start",
        "member-queue-resume",
        "agent-offering",
        "bridge-agent-start",
        "bridge-agent-end",
        "bridge-agent-fail",
        "member-queue-end",
    }
)
_AGENTS: Final = frozenset({"agent-add", "agent-status-change", "agent-state-change"})


class Callcenter:
    """Queues and agents of one switch."""

    def __init__(self, ledger: Ledger, sla_seconds: int) -> None:
        self._ledger = ledger
        self._queues = Queues(sla_seconds)
        self._agents = Agents()
        self._tiers: dict[str, dict[str, None]] = {}  # queue → those who serve it
        self._dialled: dict[str, str] = {}  # 1001@pbx.example, which mod_callcenter dials → for this agent

    # --- facts --------------------------------------------------------------------------------------------------------

    def receive(self, event: d.Callcenter, at: int, moment: int) -> None:
        """An event. Raises ValueError for a name that no topic can carry."""
        if event.action in _AGENTS and event.agent:
            encode_name(event.agent)
            self._agents.change(event.agent, at, moment, status=event.status or None, state=event.state or None)
        elif event.action in _MEMBERS and event.queue and event.member and event.session:
            encode_name(event.queue)
            if event.agent:
                encode_name(event.agent)
                self._serve(event.queue, event.agent)
            self._member(event, at, moment)

    def _member(self, event: d.Callcenter, at: int, moment: int) -> None:
        again = event.action == "member-queue-resume"
        joined_at = moment if event.action == "member-queue-start" else _instant(event.joined, moment)
        member = Member(
            uuid=event.member, queue=event.queue, session=event.session, joined_at=joined_at, seen_at=at, heard_at=at
        )
        if self._queues.join(member, again=again):
            self._ledger.queue(event.session, event.queue, moment)
        match event.action:
            case "agent-offering":
                self._agents.take_on(event.agent, event.session, at, moment)
            case "bridge-agent-start":
                self._agents.take_on(event.agent, event.session, at, moment)
                self._answer(event.member, event.agent, moment)
            case "bridge-agent-end" | "bridge-agent-fail":
                self._agents.let_go(event.agent, event.session, at)
            case "member-queue-end":
                self._leave(event, at, moment)

    def _leave(self, event: d.Callcenter, at: int, moment: int) -> None:
        if event.agent and event.answered:  # Terminated, after a talk; its start may not have been heard
            self._answer(event.member, event.agent, _instant(event.answered, moment))
        member = self._queues.leave(event.member, event.cancel_reason, at, moment)
        if member is not None:
            self._ledger.queue(member.session, None, moment)

    def _answer(self, member: str, agent: str, moment: int) -> None:
        if self._queues.answer(member, agent, moment):
            self._agents.count(agent)

    def _serve(self, queue: str, agent: str) -> None:
        if agent not in self._tiers.setdefault(queue, {}):
            self._tiers[queue][agent] = None
            self._queues.touched.add(queue)

    def reconcile(self, snapshot: Snapshot, at: int) -> None:
        """mod_callcenter's tables, after the ledger has seen the others of this snapshot."""
        tables = snapshot.callcenter
        if tables is None:
            return
        known_until = snapshot.asked_at - LAG_MS
        rows = [*filter(self._lives, tables.members), *self._unasked()]
        gone = self._queues.reconcile(tables.queues, rows, snapshot.asked_at, known_until, at)
        for member in gone:
            self._ledger.queue(member.session, None, snapshot.asked_at)
        self._agents.reconcile(tables.agents, _served(tables, rows), snapshot.asked_at, known_until)
        for row in rows:
            if row.state == "Answered":
                self._answer(row.uuid, row.agent, row.answered_at or snapshot.asked_at)
        self._queues.forget_earlier()
        for member in self._queues.members:
            self._ledger.queue(member.session, member.queue, snapshot.asked_at)
        self._dialled = {who: agent.name for agent in tables.agents for who in _USER.findall(agent.contact)}
        tiers: dict[str, dict[str, None]] = {}
        for queue, agent in tables.tiers:
            tiers.setdefault(queue, {})[agent] = None
        self._queues.touched.update(
            queue for queue in {*tiers, *self._tiers} if tiers.get(queue) != self._tiers.get(queue)
        )
        self._tiers = tiers

    def adopted(self, leg: Leg, presence_id: str) -> Leg:
        """A leg whose CREATE was lost. If it is dialled for an agent, it is of the call of the caller on offer."""
        session = self._agents.session(_dialled_for(presence_id, self._dialled))
        caller = self._ledger.legs.get(session or "")
        talks = caller is not None and caller.talking  # with that agent, on another leg
        if not leg.outbound or leg.originator is not None or session is None or talks:
            return leg
        return replace(leg, originator=session, agent=True)

    def _lives(self, row: MemberRow) -> bool:
        return row.state != "Abandoned" and row.session in self._ledger.legs

    def _unasked(self) -> Iterator[MemberRow]:
        """Those in queues whose names no question can carry: of them only events tell, and their legs."""
        for member in self._queues.members:
            if commands.members(member.queue) is None and member.session in self._ledger.legs:
                yield MemberRow(queue=member.queue, uuid=member.uuid, session=member.session, agent=member.agent)

    def end_all(self, at: int) -> None:
        """FreeSWITCH restarted: nobody waits any more."""
        self._queues.end_all(at)

    # --- days ---------------------------------------------------------------------------------------------------------

    def new_day(self) -> None:
        """Midnight."""
        self._queues.new_day()
        self._agents.new_day()

    def restore(self, restored: Restored, date: str, *, same_day: bool) -> None:
        """What an earlier run had published; `date` is today's, and `same_day` tells whether that was today."""
        for name, queue in restored.queues.items():
            self._queues.restore(name, queue, date)
        for agent in restored.agents:
            self._agents.restore(agent, same_day=same_day)

    def recall(self, call: Call) -> None:
        """A call that an earlier run had published: if it was in a queue it has been counted there.

        One that waits has no agent, whoever had answered it before.
        """
        if call.queue is not None:
            self._queues.recall(call.legs, answered=call.state in {"active", "held"})

    def shift(self, delta: int) -> None:
        """Our clock stepped."""
        self._queues.shift(delta)
        self._agents.shift(delta)

    # --- what is told -------------------------------------------------------------------------------------------------

    def publish(self, publisher: Publisher, domain: str | None, date: str, *, complete: bool) -> None:
        """Whatever was touched since the last time."""
        for name in sorted(self._agents.touched):
            self._queues.touched.update(queue for queue, agents in self._tiers.items() if name in agents)
            agent = self._agents.message(name, self._call_of(name))
            shown = local_agent(name, domain)
            if agent is None:
                publisher.keep(channels.SWITCH_AGENT, None, shown)
            else:
                publisher.put(channels.SWITCH_AGENT, agent, shown)
        for name in sorted(self._queues.touched):
            agents = self._agents.tally(self._tiers.get(name, ()))
            queue = self._queues.message(name, agents, date, complete=complete)
            if queue is not None:
                publisher.put(channels.SWITCH_QUEUE, queue, name)
            else:
                publisher.keep(channels.SWITCH_QUEUE, None, name)
        self._agents.touched.clear()
        self._queues.touched.clear()

    def touch_all(self) -> None:
        """All queues are to be looked at again: their day is no longer complete."""
        self._queues.touch_all()

    def _call_of(self, agent: str) -> str | None:
        leg = self._ledger.legs.get(self._agents.session(agent) or "")
        return None if leg is None else leg.call


def with_offers(snapshot: Snapshot) -> Snapshot:
    """The snapshot with the agents' legs that ring found: each belongs to the call of the caller whom it is offered.

    Until they are bridged `show channels` says nothing of that. But mod_callcenter says who is offered to which agent,
    and what it dials for that agent, and the leg has that in its presence id. An agent may talk on another leg: a
    bridged one is not offered to anybody.
    """
    tables = snapshot.callcenter
    offers = _served(tables, [row for row in tables.members if row.state == "Trying"]) if tables else {}
    if tables is None or not offers:
        return snapshot
    dialled: dict[str, str] = {}
    for agent in tables.agents:
        if agent.name in offers:
            dialled.update(dict.fromkeys(_USER.findall(agent.contact), offers[agent.name]))
    bridged = {uuid for pair in snapshot.pairs for uuid in (pair.uuid, pair.b_uuid)}
    rows = tuple(
        replace(row, member_uuid=_dialled_for(row.presence_id, dialled))
        if _is_originating(row) and row.uuid not in bridged
        else row
        for row in snapshot.channels
    )
    return replace(snapshot, channels=rows)


def _served(tables: QueueTables, members: Collection[MemberRow]) -> dict[str, str]:
    """The legs of the callers who are offered to agents or talk with them, by agent.

    Of the callers who are offered to all agents of their queue one has its turn; mod_callcenter.c looks for agents in
    the order of the scores.
    """
    served = {row.agent: row.session for row in members if row.agent and row.agent not in _ALL_AT_ONCE}
    to_all = (row for row in members if row.agent in _ALL_AT_ONCE and row.state == "Trying")
    for row in sorted(to_all, key=lambda row: row.score, reverse=True):
        for queue, agent in tables.offering:
            if queue == row.queue:
                served.setdefault(agent, row.session)
    return served


def _dialled_for(presence_id: str, dialled: Mapping[str, str]) -> str:
    """What is known of whom a leg is dialled for, by contacts: `1001@pbx.example`, or `1001` in the default domain."""
    return dialled.get(presence_id) or dialled.get(presence_id.partition("@")[0], "")


def _is_originating(row: ChannelRow) -> bool:
    """Whether FreeSWITCH itself dialled this leg, and no other leg did."""
    return row.direction == "outbound" and row.call_uuid in {"", row.uuid}


def local_agent(name: str, domain: str | None) -> str:
    """`1001` for `1001@pbx.example` in the switch's own domain; `1001@default` stays what it is."""
    user, _, host = name.partition("@")
    return user if user and domain is not None and host and same_domain(host, domain) else name


def _instant(seconds: str, limit: int) -> int:
    """An event's own time in ms, never later than the event; the event's, when it names none."""
    given = instant(seconds)
    return min(given, limit) if given else limit
