"""What the switch is made of: calls, the queue's callers and agents, registrations, the conference room.

May NOT act: the switch (pbx.py) and the stories change these.
"""

from dataclasses import dataclass, field

from demo_switch.database import Row
from demo_switch.people import Party
from demo_switch.values import Values


@dataclass
class Call:
    """One call as people count it, over all its legs. `state` is ringing, waiting, active or held; instants are µs."""

    id: str
    kind: str
    caller: Party
    callee: Party | None
    values: Values
    outside: tuple[tuple[str, str], ...]
    started: int
    state: str = "ringing"
    rang: bool = False
    answered: int | None = None
    held_since: int | None = None
    held: int = 0
    legs: dict[str, Row] = field(default_factory=dict)


@dataclass
class Member:
    """Somebody in the queue."""

    call: Call
    uuid: str
    joined: int
    agent: str = ""  # who is rung, or talks
    answered: int = 0


@dataclass
class Agent:
    """An agent of the queue."""

    party: Party
    status: str = "Available"
    state: str = "Waiting"
    since: int = 0
    answered: int = 0


@dataclass
class Registration:
    """A phone's registration; `expires` is µs."""

    party: Party
    call_id: str
    expires: int


@dataclass
class Conference:
    """The room; exists while somebody is in it."""

    uuid: str
    since: int
    next_member: int = 1
    members: dict[int, Call] = field(default_factory=dict)
