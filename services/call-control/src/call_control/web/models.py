"""What web clients send and get: the models of the HTTP API, from which its OpenAPI document is made. Pure.

Strict to read: a field that is not known is refused, and the answer names it; a number is text, because `00491…` is.
"""

from typing import Annotated, Final, Literal, Self

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from call_control.web.allow_list import MAX_DIGITS
from call_control.web.facts import WebCall
from lampfield_bus.instants import rfc3339

__all__ = ["Call", "GuestToken", "GuestTokenRequest", "NewCall", "StartedCall", "Watch"]

_EXAMPLE_ID: Final = "5d3a4b1e-9e0b-4f3c-8a59-2f7c0c1d6f10"
# Pydantic's `\d` takes the digits of every script; FreeSWITCH's dialplan would, too, with other results.
Digits = Annotated[
    str,
    Field(pattern=f"^[0-9]{{1,{MAX_DIGITS}}}$", description="digits alone, as a phone would dial them", strict=True),
]
Instant = Annotated[str, Field(json_schema_extra={"format": "date-time"}, description="RFC 3339, UTC")]


class NewCall(BaseModel):
    """A call to be made: `from` rings, and when it answers, `to` is dialled."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    from_: Annotated[Digits, Field(alias="from", examples=["1000"])]
    to: Annotated[Digits, Field(examples=["1001"])]
    caller_id: Annotated[
        Digits | None, Field(description="the number that is shown; one of the settings'; default: the first of them")
    ] = None


class Call(BaseModel):
    """A call that began in a browser."""

    model_config = ConfigDict(frozen=True, serialize_by_alias=True)

    id: Annotated[str, Field(description="the uuid of its channel in FreeSWITCH", examples=[_EXAMPLE_ID])]
    kind: Annotated[Literal["click", "guest"], Field(description="click: by POST /calls; guest: by a visitor's token")]
    from_: Annotated[str, Field(alias="from", description="who is rung first; `guest` for a visitor")]
    to: Annotated[str, Field(description="whom they call")]
    state: Annotated[
        Literal["starting", "ringing", "waiting", "active", "unknown", "ended"],
        Field(
            description="ringing: the first phone rings; waiting: it is answered and the other is being called; "
            "active: they talk; unknown: FreeSWITCH cannot be reached just now"
        ),
    ]
    started_at: Instant
    picked_up_at: Annotated[Instant | None, Field(description="when the first phone was answered")] = None
    answered_at: Annotated[Instant | None, Field(description="when the other was, too")] = None
    ended_at: Instant | None = None
    outcome: Annotated[
        Literal["answered", "missed", "failed"] | None,
        Field(description="missed: it rang and nobody came; failed: it never rang; null: it lives"),
    ] = None
    cause: Annotated[str | None, Field(description="FreeSWITCH's hangup cause", examples=["USER_BUSY"])] = None
    sip_status: Annotated[int | None, Field(ge=100, le=699, description="of the far end", examples=[486])] = None
    sip_reason: Annotated[str | None, Field(description="its words", examples=["Busy Here"])] = None
    sip_source: Annotated[
        Literal["wire", "mapped"] | None,
        Field(description="wire: the far end sent that status; mapped: it is FreeSWITCH's for the cause"),
    ] = None

    @classmethod
    def of(cls, call: WebCall) -> Self:
        """The call as it stands."""
        instants = {
            name: None if at is None else rfc3339(at)
            for name, at in (
                ("picked_up_at", call.picked_up_at),
                ("answered_at", call.answered_at),
                ("ended_at", call.ended_at),
            )
        }
        how = call.ending
        told = {} if how is None else msgspec.structs.asdict(how)
        return cls.model_validate(
            {
                "id": call.id,
                "kind": call.kind,
                "from": call.caller,
                "to": call.callee,
                "state": call.state,
                "started_at": rfc3339(call.started_at),
                **instants,
                **told,
            }
        )


class Watch(BaseModel):
    """Where a call is watched."""

    model_config = ConfigDict(frozen=True)

    call: Annotated[str, Field(description="how it stands: GET", examples=[f"/calls/{_EXAMPLE_ID}"])]
    events: Annotated[str, Field(description="as it changes: server-sent events")]


class StartedCall(Call):
    """A call that was started, and where to watch it."""

    watch: Watch


class GuestTokenRequest(BaseModel):
    """Whom a visitor wants to call."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    to: Annotated[Digits, Field(examples=["1000"])]


class GuestToken(BaseModel):
    """What the visitor's INVITE has to bring in its header X-Guest-Token, once, before `expires_at`."""

    model_config = ConfigDict(frozen=True)

    token: Annotated[str, Field(pattern="^[0-9a-f]{32}$", examples=["6f1c0d1b2a3948576f1c0d1b2a394857"])]
    to: Digits
    expires_at: Instant
    expires_in: Annotated[int, Field(ge=1, description="seconds, by this service's clock")]
