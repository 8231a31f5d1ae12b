"""The allow-list: the only place that spells an ESL command. The publisher reads a FreeSWITCH; it never changes one.

A `Command` cannot be made from a text that the list does not have, and the source sends nothing but `Command`s.
Snapshots go by `bgapi`: an `api` that takes its time holds back the events of its connection (measured). By `api` they
go only where the other end refuses `bgapi`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

__all__ = [
    "CORE_UUID",
    "DOMAIN",
    "HOSTNAME",
    "QUEUE_TABLES",
    "TABLES",
    "VERSION",
    "Command",
    "auth",
    "exists",
    "foreground",
    "job",
    "members",
    "subscribe",
    "value",
]

# The tables that a snapshot is made of, by the names under which snapshot.py takes their answers.
TABLES: Final = {
    "channels": "show channels as json",
    "calls": "show calls as json",
    "registrations": "show registrations as json",
    "gateways": "sofia xmlstatus gateway",
    "conferences": "conference json_list",
    "lots": "valet_info",
    "fifos": "fifo list",
    "users": "list_users",
}
_EVENT: Final = r"[A-Z][A-Z_]*"
_SUBCLASS: Final = r"[\w.-]+::[\w.-]+"
_QUEUE: Final = r"[\w.@+-]{1,128}"
_CHANNEL: Final = r"[\w.@:~+-]{1,128}"  # a uuid, or a Call-ID where a profile takes those for uuids
_CALLCENTER: Final = rf"callcenter_config (queue list|agent list|tier list|queue list members {_QUEUE})"
_TABLE: Final = rf"({'|'.join(map(re.escape, TABLES.values()))}|{_CALLCENTER})"
_ALLOWED: Final = re.compile(
    r"auth [^\r\n\x00]+"
    rf"|event json {_EVENT}( {_EVENT})*( CUSTOM( {_SUBCLASS})+)?"
    r"|api (hostname|version|global_getvar domain|global_getvar core_uuid)"
    rf"|api uuid_exists {_CHANNEL}"
    rf"|api {_TABLE}"
    rf"|bgapi {_TABLE}\nJob-UUID: [\w-]{{1,64}}"
)


@dataclass(frozen=True)
class Command:
    """One command as it goes over the wire, without the empty line that ends it. Raises ValueError for any other."""

    text: str = field(repr=False)  # it may hold the password
    label: str  # what logs and errors call it

    def __post_init__(self) -> None:
        if not _ALLOWED.fullmatch(self.text):
            raise ValueError(f"{self.label}: is not on the list of commands that the publisher may send")

    @property
    def wire(self) -> bytes:
        """The bytes to send."""
        return self.text.encode() + b"\n\n"


HOSTNAME: Final = Command("api hostname", "api hostname")
VERSION: Final = Command("api version", "api version")
CORE_UUID: Final = Command("api global_getvar core_uuid", "api global_getvar core_uuid")
DOMAIN: Final = Command("api global_getvar domain", "api global_getvar domain")
QUEUE_TABLES: Final = ("callcenter_config queue list", "callcenter_config agent list", "callcenter_config tier list")


def auth(password: str) -> Command:
    """The login. Raises ValueError for a password that no command line can carry."""
    return Command(f"auth {password}", "auth")


def subscribe(events: Sequence[str], subclasses: Sequence[str] = ()) -> Command:
    """These events as JSON. Everything after CUSTOM is a subclass, so CUSTOM comes last."""
    custom = ("CUSTOM", *subclasses) if subclasses else ()
    return Command(" ".join(("event json", *events, *custom)), "event json")


def job(table: str, uuid: str) -> Command:
    """The question for a table (of TABLES, of QUEUE_TABLES, or of `members`) in the background: its answer is a
    BACKGROUND_JOB event with this Job-UUID.
    """
    question = TABLES.get(table, table)
    return Command(f"bgapi {question}\nJob-UUID: {uuid}", question.removesuffix(" as json"))


def foreground(table: str) -> Command:
    """The same question, answered at once."""
    question = TABLES.get(table, table)
    return Command(f"api {question}", question.removesuffix(" as json"))


def members(queue: str) -> str | None:
    """The table of who is in a queue; None for a name that no command line can carry: only events tell of that one."""
    return f"callcenter_config queue list members {queue}" if re.fullmatch(_QUEUE, queue) else None


def exists(uuid: str) -> Command | None:
    """Whether a channel lives: answered `true` or `false`. None for a uuid that no command line can carry."""
    return Command(f"api uuid_exists {uuid}", "api uuid_exists") if re.fullmatch(_CHANNEL, uuid) else None


def value(text: str) -> str | None:
    """What an `api` command answered; None for an error and for a variable that is not set."""
    text = text.strip()
    return None if not text or text.startswith("-ERR") else text
