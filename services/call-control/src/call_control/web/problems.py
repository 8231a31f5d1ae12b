"""What is wrong with a request, as RFC 9457 says it: `application/problem+json`.

Pure. Programs go by `type`, people by `title` and `detail`. Nothing here quotes a secret, nor says more to somebody who
may not know: what is another token's is as unknown as what never was.
"""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["MEDIA_TYPE", "Fault", "Problem", "ProblemDetails", "type_of"]

MEDIA_TYPE: Final = "application/problem+json"
_TYPES: Final = "urn:lampfield:problem:"


class Fault(BaseModel):
    """One field that is wrong."""

    model_config = ConfigDict(frozen=True)

    field: Annotated[str, Field(description="where: `body.to`, `header.idempotency-key`")]
    detail: Annotated[str, Field(description="what is wrong with it")]


class ProblemDetails(BaseModel):
    """A refused or failed request (RFC 9457)."""

    model_config = ConfigDict(frozen=True, title="Problem")

    type: Annotated[
        str, Field(description="which problem; `about:blank`: what the status says", examples=[f"{_TYPES}not-allowed"])
    ]
    title: Annotated[str, Field(description="the problem, in words that are always the same")]
    status: Annotated[int, Field(ge=400, le=599, description="the HTTP status")]
    detail: Annotated[str | None, Field(description="this case, in words")] = None
    errors: Annotated[list[Fault] | None, Field(description="each field that is wrong")] = None


# The problems that there are: name → status and title.
_KNOWN: Final = {
    "no-token": (401, "An API token is needed"),
    "scope-missing": (403, "This token may not do that"),
    "origin-not-allowed": (403, "This token is not for that web page"),
    "not-allowed": (403, "This number may not be called from the web"),
    "unknown-call": (404, "There is no such call"),
    "key-reused": (422, "The idempotency key was used for another request"),
    "invalid": (422, "The request is not what it should be"),
    "too-many": (429, "Too many requests"),
    "too-many-calls": (429, "Too many calls"),
    "too-many-watchers": (503, "Too many watchers"),
    "not-audited": (503, "The audit log cannot be written, so nothing is done"),
    "switch-unreachable": (503, "FreeSWITCH cannot be reached"),
    "switch-refused": (502, "FreeSWITCH refused"),
}


def type_of(name: str) -> str:
    """The `type` of a problem of ours."""
    return _TYPES + name


class Problem(Exception):  # noqa: N818 (RFC 9457's word)
    """A request that is refused: `name` is one of ours. `headers` go with the answer."""

    def __init__(
        self,
        name: str,
        detail: str | None = None,
        *,
        errors: list[Fault] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.name = name
        self.status, title = _KNOWN[name]
        self.details = ProblemDetails(type=type_of(name), title=title, status=self.status, detail=detail, errors=errors)
        self.headers = dict(headers or {})
        super().__init__(f"{name}: {detail or title}")
