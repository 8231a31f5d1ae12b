"""Queues of mod_callcenter: who waits, who talks, and what has become of today's callers.

Pure. Waiting is counted from the members: FreeSWITCH's own count is not sent after a bridged call. A member is somebody
who entered a queue; it is adopted from whatever names it first (an event or a table) and left when an event says so, or
when two tables in a row lack it. Which callers live is the ledger's knowledge, which agents there are is the agents'.

What is counted: a caller is offered when it enters, answered when an agent is bridged, abandoned when it goes before.
Whom the queue itself sends on (a time limit, a key that was pressed) is neither answered nor abandoned.
"""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from esl_publisher.graves import Graves
from esl_publisher.queue_tables import MemberRow
from lampfield_bus import messages as m
from lampfield_bus.instants import rfc3339

__all__ = ["Member", "Queues"]

_SENT_ON: Final = frozenset({"TIMEOUT", "NO_AGENT_TIMEOUT", "EXIT_WITH_KEY"})


class Member(Struct, frozen=True, kw_only=True, gc=False):
    """Somebody in a queue; `session` is the leg. `heard_at` (ours): when an event told last of it, 0 for never."""

    uuid: str
    queue: str
    session: str
    joined_at: int
    answered_at: int | None = None
    agent: str = ""
    seen_at: int
    heard_at: int = 0
    absences: int = 0


class Tally(Struct):
    """A queue's day; times in ms."""

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    answered_within_sla: int = 0
    abandoned_within_sla: int = 0
    wait: int = 0
    talk: int = 0
    longest_wait: int = 0


class Queues:
    """Members by uuid and days by queue. `touched` are the queues to look at again; whoever looks empties it."""

    def __init__(self, sla_seconds: int) -> None:
        self.touched: set[str] = set()
        self._sla_seconds = sla_seconds
        self._days: dict[str, Tally] = {}
        self._members: dict[str, Member] = {}
        self._graves = Graves()
        self._absences: dict[str, int] = {}
        # Legs of callers whom an earlier run has counted: as offered, and those of them as answered too.
        self._offered: set[str] = set()
        self._answered: set[str] = set()

    def __contains__(self, name: object) -> bool:
        return name in self._days

    @property
    def members(self) -> tuple[Member, ...]:
        """Everybody in a queue."""
        return tuple(self._members.values())

    # --- events -------------------------------------------------------------------------------------------------------

    def see(self, name: str) -> None:
        """This queue exists."""
        self._absences.pop(name, None)
        if name not in self._days:
            self._days[name] = Tally()
            self.touched.add(name)

    def join(self, member: Member, *, again: bool = False) -> bool:
        """Somebody is in a queue; whether that is news. `again`: one who had hung up is back."""
        if again:
            self._graves.lift(member.uuid)
        known = self._members.get(member.uuid)
        if known is not None:
            self._members[member.uuid] = replace(known, heard_at=max(known.heard_at, member.heard_at), absences=0)
            return False
        if member.uuid in self._graves:
            return False
        self.see(member.queue)
        self._members[member.uuid] = member
        self.touched.add(member.queue)
        if member.session in self._offered:
            self._offered.discard(member.session)
        else:
            self._days[member.queue].offered += 1
        return True

    def answer(self, uuid: str, agent: str, moment: int) -> bool:
        """An agent was bridged with a member; whether that is news (and to be counted for the agent)."""
        member = self._members.get(uuid)
        if member is None or member.answered_at is not None:
            return False
        moment = max(moment, member.joined_at)
        self._members[uuid] = replace(member, answered_at=moment, agent=agent)
        self.touched.add(member.queue)
        if member.session in self._answered:
            self._answered.discard(member.session)
            return False
        day = self._days[member.queue]
        day.answered += 1
        day.answered_within_sla += self._wait(day, moment - member.joined_at)
        return True

    def leave(self, uuid: str, reason: str, at: int, moment: int) -> Member | None:
        """A member left its queue; `reason` is CC-Cancel-Reason. Whoever it was, None for nobody."""
        self._graves.bury(uuid, at)
        member = self._members.pop(uuid, None)
        if member is None:
            return None
        self.touched.add(member.queue)
        day = self._days[member.queue]
        if member.answered_at is not None:
            day.talk += max(moment - member.answered_at, 0)
            return member
        within = self._wait(day, max(moment - member.joined_at, 0))
        if reason not in _SENT_ON:
            day.abandoned += 1
            day.abandoned_within_sla += within
        return member

    def end_all(self, at: int) -> None:
        """Everybody has left; who is in a table of whatever switch comes next is in a queue there."""
        for uuid in list(self._members):
            self.leave(uuid, "", at, at)
            self._graves.lift(uuid)

    def _wait(self, day: Tally, wait: int) -> bool:
        day.wait += wait
        day.longest_wait = max(day.longest_wait, wait)
        return wait <= self._sla_seconds * 1000

    # --- tables -------------------------------------------------------------------------------------------------------

    def reconcile(
        self, names: Iterable[str], rows: Iterable[MemberRow], asked_at: int, known_until: int, at: int
    ) -> list[Member]:
        """`queue list` and the rows of all members whose sessions live; who has left."""
        told = {row.uuid: row for row in rows}
        for row in told.values():
            self._confirm(row, at)
        gone = [
            member
            for member in self._members.values()
            if member.uuid not in told and (member.seen_at <= known_until or not member.heard_at)
        ]
        left = []
        for member in gone:
            if member.absences or not member.heard_at:
                left.append(self.leave(member.uuid, "", at, asked_at))
            else:
                self._members[member.uuid] = replace(member, absences=1)
        self._graves.close(asked_at, told.keys())
        self._keep(set(names))
        return [member for member in left if member is not None]

    def _confirm(self, row: MemberRow, at: int) -> None:
        known = self._members.get(row.uuid)
        if known is None:
            joined_at = row.joined_at or at
            self.join(Member(uuid=row.uuid, queue=row.queue, session=row.session, joined_at=joined_at, seen_at=at))
        else:
            self._members[row.uuid] = replace(known, absences=0)

    def _keep(self, names: set[str]) -> None:
        for name in names:
            self.see(name)
        busy = {member.queue for member in self._members.values()}
        for name in [name for name in self._days if name not in names and name not in busy]:
            self._absences[name] = self._absences.get(name, 0) + 1
            if self._absences[name] > 1:
                del self._days[name], self._absences[name]
                self.touched.add(name)

    # --- days ---------------------------------------------------------------------------------------------------------

    def new_day(self) -> None:
        """Everything is counted from nothing; who waits goes on waiting."""
        self._days = {name: Tally() for name in self._days}
        self._offered.clear()
        self._answered.clear()
        self.touch_all()

    def touch_all(self) -> None:
        """All are to be looked at again."""
        self.touched.update(self._days)

    def restore(self, name: str, message: m.Queue, date: str) -> None:
        """What an earlier run had published; its counts, if they are of this day."""
        self.see(name)
        if message.today.date != date:
            return
        told = message.today
        self._days[name] = Tally(
            offered=told.offered,
            answered=told.answered,
            abandoned=told.abandoned,
            answered_within_sla=told.answered_within_sla,
            abandoned_within_sla=told.abandoned_within_sla,
            wait=round(told.wait_seconds * 1000),
            talk=round(told.talk_seconds * 1000),
            longest_wait=round(told.longest_wait * 1000),
        )

    def recall(self, legs: Iterable[str], *, answered: bool) -> None:
        """An earlier run has counted these legs' caller as offered, perhaps as answered."""
        self._offered.update(legs)
        if answered:
            self._answered.update(legs)

    def forget_earlier(self) -> None:
        """All who were in a queue when this run began are found: who comes into one from now on is new there."""
        self._offered.clear()
        self._answered.clear()

    def shift(self, delta: int) -> None:
        """Our clock stepped."""
        self._graves.shift(delta)
        for uuid, member in self._members.items():
            heard_at = member.heard_at and member.heard_at + delta
            self._members[uuid] = replace(member, seen_at=member.seen_at + delta, heard_at=heard_at)

    # --- what is told -------------------------------------------------------------------------------------------------

    def message(self, name: str, agents: m.Agents, date: str, *, complete: bool) -> m.Queue | None:
        """What stands in a queue's topic, None when it is gone."""
        day = self._days.get(name)
        if day is None:
            return None
        members = [member for member in self._members.values() if member.queue == name]
        since = [member.joined_at for member in members if member.answered_at is None]
        return m.Queue(
            waiting=len(since),
            longest_wait_since=rfc3339(min(since)) if since else None,
            talking=len(members) - len(since),
            agents=agents,
            today=m.QueueToday(
                date=date,
                complete=complete,
                offered=day.offered,
                answered=day.answered,
                abandoned=day.abandoned,
                answered_within_sla=day.answered_within_sla,
                abandoned_within_sla=day.abandoned_within_sla,
                wait_seconds=day.wait / 1000,
                talk_seconds=day.talk / 1000,
                longest_wait=day.longest_wait / 1000,
            ),
            sla_seconds=self._sla_seconds,
        )
