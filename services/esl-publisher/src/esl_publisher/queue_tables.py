"""What `callcenter_config … list` answered, as facts.

Pure. mod_callcenter's tables have a header line, a line for each row with pipes between its columns, and a line `+OK`;
without rows only that. One column of a row is free text (a member's name comes from the network, an agent's contact
from a person) and may hold pipes itself: the columns before it are counted from the left, those after it from the
right. A row that lacks columns is no row. Source: answers of FreeSWITCH 1.11.1 (tests/data/esl/api).
"""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct

from lampfield_bus.topics import encode_name

__all__ = ["AgentRow", "MemberRow", "QueueTables", "instant", "parse", "queue_names"]

_ABSENT: Final = "-ERR callcenter_config Command not found!"  # mod_callcenter is not loaded


class AgentRow(Struct, frozen=True, kw_only=True, gc=False):
    """A row of `agent list`. `changed_at`: the last instant that the row names, ms, 0 for none.

    `contact` is what is dialled: `[leg_timeout=10]user/1001@pbx.example`.
    """

    name: str
    contact: str = ""
    status: str = ""
    state: str = ""
    changed_at: int = 0


class MemberRow(Struct, frozen=True, kw_only=True, gc=False):
    """A row of `queue list members`. `state`: Waiting, Trying, Answered, Abandoned; instants in ms, 0 for none.

    Rows may be stale: one that says Answered can outlive its call (FreeSWITCH's issue 1973), and with a database that
    several switches share others' callers have rows too. So a row counts only while its `session` lives here.

    `agent` is whom it is offered to, or who talks with it; no agent's name where it is offered to all at once. The one
    with the highest `score` has its turn first.
    """

    queue: str
    uuid: str
    session: str
    joined_at: int = 0
    answered_at: int = 0
    agent: str = ""
    state: str = ""
    score: int = 0


class QueueTables(Struct, frozen=True, kw_only=True):
    """All of mod_callcenter's tables; all empty when it is not loaded. `tiers` are pairs of queue and agent.

    `offering` are those of them in which a caller of the queue is offered to the agent right now.
    """

    queues: tuple[str, ...] = ()
    agents: tuple[AgentRow, ...] = ()
    tiers: tuple[tuple[str, str], ...] = ()
    offering: tuple[tuple[str, str], ...] = ()
    members: tuple[MemberRow, ...] = ()


def parse(*, queues: str, agents: str, tiers: str, members: Iterable[str] = ()) -> QueueTables:
    """The answers' texts as tables. Raises ValueError that names the answer which is no table."""
    served = _rows("tier list", tiers, "state")
    return QueueTables(
        queues=queue_names(queues),
        agents=tuple(_agent(row) for row in _rows("agent list", agents, "contact") if _usable(row["name"])),
        tiers=tuple((row["queue"], row["agent"]) for row in served),
        offering=tuple((row["queue"], row["agent"]) for row in served if row["state"] == "Offering"),
        members=tuple(
            _member(row)
            for text in members
            for row in _rows("queue list members", text, "cid_name")
            if _usable(row["queue"]) and row["uuid"] and row["session_uuid"]
        ),
    )


def queue_names(text: str) -> tuple[str, ...]:
    """The names in an answer to `queue list`. Raises ValueError for what is no table."""
    return tuple(row["name"] for row in _rows("queue list", text, "record_template") if _usable(row["name"]))


class _Row(dict[str, str]):
    """A row's columns by name; a column that this version of mod_callcenter lacks is empty."""

    def __missing__(self, column: str) -> str:
        return ""


def _rows(what: str, text: str, free: str) -> list[_Row]:
    lines = text.strip().split("\n")  # a caller's name may hold what else Python takes for a line's end
    if not lines[0] or lines[0].startswith(_ABSENT):
        return []
    if lines[-1] != "+OK":
        raise ValueError(f"callcenter_config {what}: no table of rows: {text[:80]!r}")
    header = lines[0].split("|")
    left = header.index(free) if free in header else len(header)
    right = len(header) - left - 1
    rows = []
    for line in lines[1:-1]:
        cells = line.split("|")
        if len(cells) >= len(header):
            cells = [*cells[:left], "|".join(cells[left : len(cells) - right]), *cells[len(cells) - right :]]
            rows.append(_Row(zip(header, cells, strict=False)))
    return rows


def _agent(row: Mapping[str, str]) -> AgentRow:
    columns = ("last_status_change", "last_offered_call", "last_bridge_start", "last_bridge_end")
    changed_at = max(instant(row[column]) for column in columns)
    return AgentRow(
        name=row["name"], contact=row["contact"], status=row["status"], state=row["state"], changed_at=changed_at
    )


def _member(row: Mapping[str, str]) -> MemberRow:
    return MemberRow(
        queue=row["queue"],
        uuid=row["uuid"],
        session=row["session_uuid"],
        joined_at=instant(row["rejoined_epoch"]) or instant(row["joined_epoch"]),
        answered_at=instant(row["bridge_epoch"]),
        agent=row["serving_agent"],
        state=row["state"],
        score=int(row["score"]) if row["score"].isascii() and row["score"].isdecimal() else 0,
    )


def instant(epoch: str) -> int:
    """Whole seconds since the epoch in ms; 0 for none, and for nonsense."""
    return int(epoch) * 1000 if epoch.isascii() and epoch.isdecimal() and len(epoch) <= 10 else 0


def _usable(name: str) -> bool:
    try:
        return bool(encode_name(name))
    except ValueError:
        return False
