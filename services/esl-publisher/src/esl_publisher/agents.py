"""Agents of mod_callcenter: what each one does, and how many callers it has answered today.

Pure. An agent is known once a table or an event names it; one that two tables in a row lack is gone. Names are
mod_callcenter's own (`1001@default`).
"""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from esl_publisher.queue_tables import AgentRow
from lampfield_bus import messages as m
from lampfield_bus.instants import parse, rfc3339

__all__ = ["Agents", "counted"]

_BUSY: Final = frozenset({"Receiving", "In a queue call"})


class Agent(Struct, frozen=True, kw_only=True, gc=False):
    """One agent. `session` is the leg of the caller who is offered to it or talks with it.

    `since` is FreeSWITCH's time, `heard_at` ours: when an event told last of it.
    """

    status: str | None = None
    state: str | None = None
    since: int = 0
    session: str | None = None
    answered: int = 0
    heard_at: int = 0
    absences: int = 0


class Agents:
    """Agents by name. `touched` are those to look at again; whoever looks empties it."""

    def __init__(self) -> None:
        self.touched: set[str] = set()
        self._agents: dict[str, Agent] = {}

    def __contains__(self, name: object) -> bool:
        return name in self._agents

    def change(self, name: str, at: int, moment: int, *, status: str | None = None, state: str | None = None) -> None:
        """An event told its status or its state; with neither, that it exists."""
        old = self._agents.get(name) or Agent(since=moment)
        new = replace(old, status=status or old.status, state=state or old.state, heard_at=at)
        if (new.status, new.state) != (old.status, old.state):
            new = replace(new, since=moment)
        if new.state not in _BUSY:
            new = replace(new, session=None)
        self._set(name, new)

    def take_on(self, name: str, session: str, at: int, moment: int) -> None:
        """This caller is offered to it, or talks with it."""
        old = self._agents.get(name) or Agent(since=moment)
        self._set(name, replace(old, session=session, heard_at=at))

    def let_go(self, name: str, session: str, at: int) -> None:
        """It has no more to do with this caller."""
        old = self._agents.get(name)
        if old is not None and old.session == session:
            self._set(name, replace(old, session=None, heard_at=at))

    def count(self, name: str) -> None:
        """It answered a caller."""
        old = self._agents.get(name)
        if old is not None:
            self._set(name, replace(old, answered=old.answered + 1))

    def reconcile(self, rows: Iterable[AgentRow], sessions: Mapping[str, str], asked_at: int, known_until: int) -> None:
        """`agent list`, and the sessions that agents serve by `queue list members`."""
        told = {row.name: row for row in rows}
        for name, old in list(self._agents.items()):
            if name not in told and old.heard_at <= known_until:
                self._miss(name, old)
        for name, row in told.items():
            known = self._agents.get(name)
            if known is not None and known.heard_at > known_until:
                self._agents[name] = replace(known, absences=0)
                continue
            old = known or Agent()
            new = replace(old, status=row.status or None, state=row.state or None, absences=0)
            if (new.status, new.state) != (old.status, old.state):
                new = replace(new, since=min(row.changed_at or asked_at, asked_at))
            self._set(name, replace(new, session=sessions.get(name) if row.state in _BUSY else None))

    def restore(self, message: m.Agent, *, same_day: bool) -> None:
        """What an earlier run had published. Raises ValueError for an instant that is none."""
        agent = Agent(
            status=message.status,
            state=message.state,
            since=parse(message.since),
            answered=message.answered_today if same_day else 0,
        )
        self._set(message.name, agent)

    def new_day(self) -> None:
        """Nobody has answered anything yet."""
        for name, agent in list(self._agents.items()):
            if agent.answered:
                self._set(name, replace(agent, answered=0))

    def shift(self, delta: int) -> None:
        """Our clock stepped."""
        self._agents = {
            name: replace(agent, heard_at=agent.heard_at and agent.heard_at + delta)
            for name, agent in self._agents.items()
        }

    def session(self, name: str) -> str | None:
        """The leg of the caller it has to do with."""
        agent = self._agents.get(name)
        return None if agent is None else agent.session

    def message(self, name: str, call: str | None) -> m.Agent | None:
        """What stands in its topic, None when it is gone."""
        agent = self._agents.get(name)
        if agent is None:
            return None
        return m.Agent(
            name=name,
            status=agent.status,
            state=agent.state,
            since=rfc3339(agent.since),
            call=call,
            answered_today=agent.answered,
        )

    def tally(self, names: Iterable[str]) -> m.Agents:
        """These agents by what they do."""
        counts = dict.fromkeys(m.Agents.__struct_fields__, 0)
        for name in names:
            agent = self._agents.get(name)
            if agent is not None:
                counts[counted(agent.status, agent.state)] += 1
        return m.Agents(**counts)

    def _set(self, name: str, agent: Agent) -> None:
        old = self._agents.get(name)
        self._agents[name] = agent
        if old is None or replace(old, heard_at=agent.heard_at, absences=agent.absences) != agent:
            self.touched.add(name)

    def _miss(self, name: str, agent: Agent) -> None:
        if agent.absences:
            del self._agents[name]
            self.touched.add(name)
        else:
            self._agents[name] = replace(agent, absences=1)


def counted(status: str | None, state: str | None) -> str:
    """As what an agent counts. Who talks with a caller is on call, even if it goes on break or logs out meanwhile.

    `Idle` is logged in and offered nothing: `Available (On Demand)` after a call. An untold status is taken for
    Available, because mod_callcenter offers calls to nobody else.
    """
    if state == "In a queue call":
        return "on_call"
    if status == "Logged Out":
        return "logged_out"
    return "on_break" if status == "On Break" or state == "Idle" else "available"
