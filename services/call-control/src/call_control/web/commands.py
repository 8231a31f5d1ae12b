"""The allow-list: the only place that spells an ESL command. Calls begin and end here, and nothing else can be sent.

Pure. A `Command` cannot be made from a text of another shape than those below, and the connection sends nothing but
`Command`s. Every variable part is of an alphabet that has no character which FreeSWITCH's `originate` reads as its own:
no space, quote, comma, brace, bracket, bar, caret, dollar, percent sign, backslash or end of line.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from call_control.web.allow_list import DIGITS, Number

__all__ = [
    "CHANNEL",
    "CORE_UUID",
    "DOMAIN",
    "EVENTS",
    "GUEST_CONTEXT",
    "GUEST_REALM",
    "HOST",
    "NAME",
    "START",
    "TOKEN",
    "UUID",
    "VERSION",
    "Command",
    "auth",
    "cap",
    "dial_string",
    "dump",
    "guest",
    "guest_expiry",
    "has_module",
    "kill",
    "may_originate",
    "originate",
    "unwatch",
    "watch",
]

# What a web call is followed by. Each event has its own reader in switch_events.
EVENTS: Final = (
    "CHANNEL_CREATE",
    "CHANNEL_PROGRESS",
    "CHANNEL_PROGRESS_MEDIA",
    "CHANNEL_ANSWER",
    "CHANNEL_BRIDGE",
    "CHANNEL_HANGUP",  # it has all that COMPLETE and DESTROY tell of cause and SIP status, and comes first
    "BACKGROUND_JOB",
    "HEARTBEAT",
)
UUID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
TOKEN: Final = r"[0-9a-f]{32}"  # noqa: S105 (the shape of a guest's token)
GUEST_CONTEXT: Final = "webguest"  # of freeswitch/webguest_profile.xml
GUEST_REALM: Final = "web"  # of mod_hash: freeswitch/webguest_dialplan.xml looks there
NAME: Final = r"[A-Za-z0-9_.-]{1,64}"
HOST: Final = r"[A-Za-z0-9.-]{1,253}"
CALLER_NAME: Final = "Web"  # what a phone shows beside the number
CHANNEL: Final = r"[A-Za-z0-9_.@:~-]{1,128}"  # a uuid, or a Call-ID where a profile takes those for uuids
_SECONDS: Final = r"[1-9][0-9]{0,4}"
_LEG: Final = rf"(user/{DIGITS}@{HOST}|sofia/gateway/{NAME}/{DIGITS})"
_JOB: Final = rf"\nJob-UUID: {UUID}"
_ALLOWED: Final = re.compile(
    r"auth [^\r\n\x00]+"
    rf"|event json {' '.join(EVENTS)}"
    rf"|filter (Event-Name (BACKGROUND_JOB|HEARTBEAT)|Caller-Context {GUEST_CONTEXT})"
    rf"|filter (delete )?(Unique-ID|Channel-Call-UUID) {CHANNEL}"
    r"|api (version|global_getvar (core_uuid|domain))"
    rf"|api module_exists mod_[a-z_]{{1,32}}"
    rf"|api uuid_dump {CHANNEL} json"
    rf"|api uuid_kill {CHANNEL}"
    rf"|api sched_hangup \+{_SECONDS} {CHANNEL} ALLOTTED_TIMEOUT"
    rf"|api hash insert/{GUEST_REALM}/{TOKEN}/{DIGITS}"
    rf"|api sched_api \+{_SECONDS} none hash delete/{GUEST_REALM}/{TOKEN}"
    rf"|bgapi originate \{{origination_uuid={UUID},origination_caller_id_name={CALLER_NAME},"
    rf"origination_caller_id_number={DIGITS},originate_timeout={_SECONDS},lampfield_owner={NAME}\}}"
    rf"{_LEG} {DIGITS} XML {NAME}{_JOB}"
    rf"|bgapi originate{_JOB}"  # without arguments it tells its usage, if it may be used
)


@dataclass(frozen=True)
class Command:
    """One command as it goes over the wire, without the empty line that ends it. Raises ValueError for any other."""

    text: str = field(repr=False)  # it may hold the password
    label: str  # what logs and errors call it

    def __post_init__(self) -> None:
        if not _ALLOWED.fullmatch(self.text):
            raise ValueError(f"{self.label}: is not on the list of commands that call-control may send")

    @property
    def wire(self) -> bytes:
        """The bytes to send."""
        return self.text.encode() + b"\n\n"


def _plain(text: str) -> Command:
    return Command(text, text)


VERSION: Final = _plain("api version")
CORE_UUID: Final = _plain("api global_getvar core_uuid")
DOMAIN: Final = _plain("api global_getvar domain")
# Filters first: without one FreeSWITCH would send the events of every call. One that matches is enough
# (mod_event_socket.c, event_handler).
START: Final = (
    _plain("filter Event-Name BACKGROUND_JOB"),
    _plain("filter Event-Name HEARTBEAT"),
    _plain(f"filter Caller-Context {GUEST_CONTEXT}"),
    _plain(f"event json {' '.join(EVENTS)}"),
)


def auth(password: str) -> Command:
    """The login. Raises ValueError for a password that no command line can carry."""
    return Command(f"auth {password}", "auth")


def watch(channel: str) -> tuple[Command, Command]:
    """From now on the events of this leg come, and those of the legs that it calls."""
    return _filters("filter", channel)


def unwatch(channel: str) -> tuple[Command, Command]:
    """They come no more."""
    return _filters("filter delete", channel)


def _filters(verb: str, channel: str) -> tuple[Command, Command]:
    return Command(f"{verb} Unique-ID {channel}", verb), Command(f"{verb} Channel-Call-UUID {channel}", verb)


def dial_string(number: Number, domain: str) -> str:
    """How FreeSWITCH reaches a number of the allow-list."""
    if number.gateway is not None:
        return f"sofia/gateway/{number.gateway}/{number.digits}"
    return f"user/{number.digits}@{domain}"


def originate(
    *, uuid: str, job: str, owner: str, leg: str, to: str, caller_id: str, ring_seconds: int, context: str
) -> Command:
    """Rings `leg` (a `dial_string`); when it answers it goes through the dialplan of `context` as if it had dialled
    `to`.

    The answer comes as BACKGROUND_JOB `job`. FreeSWITCH keeps the owner's name for us (`dump`). Raises ValueError for
    any part of another alphabet.
    """
    variables = (
        f"origination_uuid={uuid},origination_caller_id_name={CALLER_NAME},"
        f"origination_caller_id_number={caller_id},originate_timeout={ring_seconds},lampfield_owner={owner}"
    )
    return Command(f"bgapi originate {{{variables}}}{leg} {to} XML {context}\nJob-UUID: {job}", "originate")


def may_originate(job: str) -> Command:
    """Asks `originate` for its usage: whoever may not use it is told so instead."""
    return Command(f"bgapi originate\nJob-UUID: {job}", "originate")


def kill(channel: str) -> Command:
    """Ends a leg, and with it its call."""
    return Command(f"api uuid_kill {channel}", "uuid_kill")


def cap(channel: str, seconds: int) -> Command:
    """FreeSWITCH ends the leg itself after so long, whether we live or not."""
    return Command(f"api sched_hangup +{seconds} {channel} ALLOTTED_TIMEOUT", "sched_hangup")


def dump(channel: str) -> Command:
    """Everything about a leg, as an event's headers; `-ERR` when it is gone."""
    return Command(f"api uuid_dump {channel} json", "uuid_dump")


def has_module(name: str) -> Command:
    """Whether a module is loaded: `true` or `false`."""
    return Command(f"api module_exists {name}", f"module_exists {name}")


def guest(token: str, to: str) -> Command:
    """From now on the bearer of `token` may ring `to`, once."""
    return Command(f"api hash insert/{GUEST_REALM}/{token}/{to}", "hash insert")


def guest_expiry(token: str, seconds: int) -> Command:
    """After so long no more. To be sent before `guest`: then no token can stay for ever."""
    return Command(f"api sched_api +{seconds} none hash delete/{GUEST_REALM}/{token}", "sched_api")
