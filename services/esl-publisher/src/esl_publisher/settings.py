"""The publisher's settings, and what they must not be together. Opens nothing."""

import re
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from esl_publisher import commands
from lampfield_bus.node.settings import PREFIX, CommaList, Host, Hosts, Name, NodeSettings, Port
from lampfield_bus.topics import encode_name

__all__ = ["PROGRAM", "Settings"]

PROGRAM: Final = "esl-publisher"
MAX_EXTENSIONS: Final = 2_000

_RAW: Final = re.compile(r"(?:CUSTOM )?([\w.-]+::[\w.-]+)|([A-Z][A-Z_]*)")
_RANGE: Final = re.compile(r"(\d{1,15})-(\d{1,15})")


def _password(secret: SecretStr) -> SecretStr:
    try:
        _ = commands.auth(secret.get_secret_value()).wire
    except ValueError:
        raise ValueError("cannot be sent; allowed: one line of text that is not empty") from None
    return secret


def _extensions(parts: tuple[str, ...]) -> tuple[str, ...]:
    """`1000-1019` is twenty extensions; leading zeros stay: `001-003` is 001, 002, 003."""
    found: dict[str, None] = {}
    for part in parts:
        found.update(dict.fromkeys(_range(part)))
        if len(found) > MAX_EXTENSIONS:
            raise ValueError(f"are more than {MAX_EXTENSIONS}; allowed: numbers and ranges, as 1000-1019,2001")
    return tuple(found)


def _range(part: str) -> tuple[str, ...]:
    match = _RANGE.fullmatch(part)
    if match is None:
        encode_name(part)
        return (part,)
    first, last = match.groups()
    width = len(first) if first.startswith("0") and len(first) > 1 else 0
    count = int(last) - int(first) + 1
    if count < 1 or (width and len(last) != width):
        raise ValueError(f"{part!r} is no range; allowed: numbers and ranges, as 1000-1019,2001")
    # One too many is enough to be refused: a typing mistake must not cost memory.
    return tuple(str(int(first) + number).zfill(width) for number in range(min(count, MAX_EXTENSIONS + 1)))


def _raw_events(names: tuple[str, ...]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name in names:
        match = _RAW.fullmatch(name)
        if match is None or name in ("ALL", "CUSTOM"):
            raise ValueError(f"{name!r} names no event; allowed: as CHANNEL_CREATE,DTMF,sofia::gateway_state")
        found[match[1] or match[2]] = None
    return tuple(found)


class Settings(NodeSettings):
    """Everything that can be set."""

    switch: Name = Field(default="main", description="this switch's name in the topics")
    esl_host: Hosts = Field(
        default=("localhost",), description="where FreeSWITCH's Event Socket is; several with commas are tried in turn"
    )
    esl_port: Port = Field(default=8021, description="the Event Socket's port")
    esl_password: Annotated[SecretStr, AfterValidator(_password)] = Field(
        default=SecretStr("ClueCon"), description="the Event Socket's password; or ESL_PASSWORD_FILE"
    )
    domain: Host | None = Field(
        default=None, description="extensions of this domain are shown without it; default: FreeSWITCH's own"
    )
    extensions: Annotated[CommaList, AfterValidator(_extensions)] = Field(
        default=(), description="the extensions that exist, as 1000-1019,2001; default: those that are seen"
    )
    resync_seconds: Annotated[int, Field(ge=5, le=3600)] = Field(
        default=60, description="how often FreeSWITCH's tables are read, in seconds, to mend what events did not tell"
    )
    gateway_grace_seconds: Annotated[int, Field(ge=0, le=300)] = Field(
        default=5, description="a gateway is down when it has been so for longer than this: a refresh is no outage"
    )
    sla_seconds: Annotated[int, Field(ge=1, le=3600)] = Field(
        default=20, description="how soon a queue's caller should be answered, in seconds"
    )
    raw_events: Annotated[CommaList, AfterValidator(_raw_events)] = Field(
        default=(), description="events to publish as they come, as DTMF,sofia::gateway_state; they hold numbers"
    )
    hide_numbers: bool = Field(default=False, description="of five digits and more publish only the last two")

    @model_validator(mode="after")
    def _raw_events_hide_nothing(self) -> Self:
        if self.raw_events and self.hide_numbers:
            raise ValueError(f"{PREFIX}RAW_EVENTS: is set while {PREFIX}HIDE_NUMBERS is on; allowed: one of the two")
        return self
