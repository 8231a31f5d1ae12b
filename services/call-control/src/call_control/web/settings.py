"""The settings of calls from the web. Opens nothing. Every list is empty at first: nobody can be called."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from call_control.web import commands
from call_control.web.addresses import networks
from call_control.web.allow_list import DIGITS, AllowList
from lampfield_bus.node.settings import CommaList, Hosts, NodeSettings, Port

__all__ = ["CallsSettings"]


def _password(secret: SecretStr) -> SecretStr:
    try:
        _ = commands.auth(secret.get_secret_value()).wire
    except ValueError:
        raise ValueError("cannot be sent; allowed: one line of text that is not empty") from None
    return secret


def _callers(parts: tuple[str, ...]) -> tuple[str, ...]:
    AllowList.parse(parts, gateways=True)
    return parts


def _numbers(parts: tuple[str, ...]) -> tuple[str, ...]:
    AllowList.parse(parts)
    return parts


def _digits(parts: tuple[str, ...]) -> tuple[str, ...]:
    for part in parts:
        if not re.fullmatch(DIGITS, part):
            raise ValueError(f"{part[:40]!r} is no number; allowed: digits alone, several with commas between them")
    return parts


def _networks(parts: tuple[str, ...]) -> tuple[str, ...]:
    networks(parts)
    return parts


def _matching(shape: str, allowed: str) -> AfterValidator:
    def check(text: str) -> str:
        if not re.fullmatch(shape, text):
            raise ValueError(f"cannot stand in a dial string; allowed: {allowed}")
        return text

    return AfterValidator(check)


Numbers = Annotated[CommaList, AfterValidator(_numbers)]
PerMinute = Annotated[int, Field(ge=1, le=6_000)]


class CallsSettings(NodeSettings):
    """Everything about them that can be set."""

    esl_host: Hosts = Field(
        default=("localhost",), description="FreeSWITCH; several, with commas between them, are tried in turn"
    )
    esl_port: Port = Field(default=8021, description="FreeSWITCH's Event Socket")
    esl_password: Annotated[SecretStr, AfterValidator(_password)] = Field(
        default=SecretStr("ClueCon"), description="and its password"
    )
    domain: Annotated[str, _matching(commands.HOST, "a name or an IPv4 address")] | None = Field(
        default=None, description="extensions are in this domain; default: FreeSWITCH's variable `domain`"
    )
    tokens_file: Path | None = Field(
        default=None, description="API tokens, made by `call-control token`; default: nobody can start calls"
    )
    audit_file: Path | None = Field(
        default=None, description="who started which call, a line each; default: it stands in the log"
    )
    trusted_proxies: Annotated[CommaList, AfterValidator(_networks)] = Field(
        default=(), description="addresses and networks whose X-Forwarded-For is believed"
    )
    call_from: Annotated[CommaList, AfterValidator(_callers)] = Field(
        default=(), description="whose phone a call may ring first: 1000-1019,2001, 0151XXXXXXXX@gateway"
    )
    call_to: Numbers = Field(default=(), description="what may be dialled then: 1000-1019,2001,0151XXXXXXXX")
    call_caller_ids: Annotated[CommaList, AfterValidator(_digits)] = Field(
        default=(),
        description="the numbers that may be shown, the first by default; empty: the number that rings first",
    )
    call_context: Annotated[str, _matching(commands.NAME, "letters, digits, . _ -")] = Field(
        default="default", description="the context of the dialplan in which it is dialled"
    )
    call_ring_seconds: Annotated[int, Field(ge=5, le=300)] = Field(default=30, description="how long the first rings")
    call_max_seconds: Annotated[int, Field(ge=60, le=43_200)] = Field(
        default=7_200, description="after so long FreeSWITCH ends a call"
    )
    calls_max: Annotated[int, Field(ge=1, le=1_000)] = Field(default=20, description="calls that may live at once")
    token_calls_max: Annotated[int, Field(ge=1, le=1_000)] = Field(default=4, description="and those of one token")
    calls_per_minute: PerMinute = Field(default=30, description="calls that may begin in a minute")
    token_calls_per_minute: PerMinute = Field(default=10, description="and those of one token")
    guest_to: Numbers = Field(default=(), description="whom visitors of a web page may call: 1000-1019")
    guest_token_seconds: Annotated[int, Field(ge=10, le=600)] = Field(
        default=60, description="how long a visitor's one-time token holds"
    )
    guests_per_minute: PerMinute = Field(default=30, description="such tokens in a minute")
    address_guests_per_minute: PerMinute = Field(default=5, description="and those for one address")
