"""Events and table rows of a made-up queue, with mod_callcenter's own spellings."""

from typing import Any

from esl_publisher import decode as d
from esl_publisher.queue_tables import AgentRow, MemberRow, QueueTables
from support.legs import T0, us
from support.switchboard import DOMAIN

QUEUE = "support@default"
AGENT = "1001@default"


def cc(action: str, at: int = T0, *, caller: str = "a", **headers: Any) -> d.Callcenter:
    """Something happened to the member whose leg is `caller`."""
    given: dict[str, Any] = {"queue": QUEUE, "member": f"member of {caller}", "session": caller}
    return d.Callcenter(
        name="CUSTOM", subclass="callcenter::info", action=action, timestamp=us(at), **{**given, **headers}
    )


def agent(at: int = T0, name: str = AGENT, **headers: Any) -> d.Callcenter:
    """An agent's status or state changed."""
    action = "agent-status-change" if "status" in headers else "agent-state-change"
    return d.Callcenter(
        name="CUSTOM", subclass="callcenter::info", action=action, agent=name, timestamp=us(at), **headers
    )


def member_row(caller: str = "a", at: int = T0, **columns: Any) -> MemberRow:
    """A row of `queue list members`."""
    given: dict[str, Any] = {"queue": QUEUE, "state": "Waiting", "joined_at": at}
    return MemberRow(uuid=f"member of {caller}", session=caller, **{**given, **columns})


def tables(*members: MemberRow, status: str = "Available", state: str = "Waiting") -> QueueTables:
    """mod_callcenter with one queue, one agent and these members."""
    return QueueTables(
        queues=(QUEUE,),
        agents=(AgentRow(name=AGENT, status=status, state=state, contact=f"[leg_timeout=10]user/1001@{DOMAIN}"),),
        tiers=((QUEUE, AGENT),),
        members=members,
    )
