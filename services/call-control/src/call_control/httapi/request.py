"""What mod_httapi asks, as values. Pure.

Recorded with FreeSWITCH 1.11.1: GET with a query, or POST url-encoded, or as multipart when a recording comes with it.
The parameters are the application's own, `url`, `hostname`, the caller profile (`Caller-…`), then what the last
document asked for. `exiting=true` is the last request of a call; a call that was recorded may send it twice.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import parse_qsl

from msgspec import Struct

from call_control.flows.turns import Heard, Upload

__all__ = ["MAX_BODY", "MAX_PARAMETERS", "Request", "heard", "parse", "query"]

MAX_BODY: Final = 262_144  # of parameters; with extended-data FreeSWITCH sends 10 kB
MAX_PARAMETERS: Final = 2_000
SHOWN: Final = 60


class Request(Struct, frozen=True):
    """One question. `uploads`: what was stored of the files that came with it."""

    session: str
    parameters: Mapping[str, str]
    uploads: tuple[Upload, ...] = ()

    @property
    def exiting(self) -> bool:
        """The call is over, and nobody reads the answer."""
        return self.parameters.get("exiting") == "true"

    @property
    def profile(self) -> str:
        """Of httapi.conf.xml."""
        return self.parameters.get("httapi_profile", "default")

    @property
    def number(self) -> str:
        """Who calls."""
        return self.parameters.get("Caller-Caller-ID-Number", "")

    @property
    def name(self) -> str:
        """Who calls, as shown."""
        return self.parameters.get("Caller-Caller-ID-Name", "")

    @property
    def destination(self) -> str:
        """What was dialled."""
        return self.parameters.get("Caller-Destination-Number", "")

    @property
    def profile_created(self) -> str:
        """When the caller profile was made (us), "" untold: who is sent into the dialplan anew has another one."""
        return self.parameters.get("Caller-Profile-Created-Time", "")

    @property
    def answered(self) -> bool:
        """Whether the call was answered when the application began; later requests say the same."""
        return self.parameters.get("Caller-Channel-Answered-Time", "0") not in ("", "0")

    @property
    def cause(self) -> str | None:
        """Why the call ended; told with the permission extended-data alone."""
        return self.parameters.get("variable_hangup_cause") or self.parameters.get("hangup_cause") or None


def query(text: str) -> list[tuple[str, str]]:
    """Parameters as they stand in a query or an url-encoded body. Raises ValueError when there are too many."""
    return parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_PARAMETERS, errors="replace")


def parse(parameters: Sequence[tuple[str, str]], uploads: Sequence[Upload] = ()) -> Request:
    """A request. Raises ValueError without a session: a redirect makes FreeSWITCH send nothing at all.

    Of a name that comes twice the first counts: FreeSWITCH's own come before what a channel may hold.
    """
    found: dict[str, str] = {}
    for name, value in parameters:
        found.setdefault(name, value)
    session = found.get("session_id", "")
    if not session:
        what = f"has {len(found)} parameters and no session_id" if found else "is empty"
        raise ValueError(f"{what}; after a redirect FreeSWITCH sends nothing: give it the final URL")
    if len(session) > 200 or not session.isprintable():
        raise ValueError(f"has a session_id that is none: {session[:SHOWN]!r}")
    return Request(session, found, tuple(uploads))


def heard(request: Request, prompts: Sequence[str], at: int, calls: int | None) -> Heard:
    """What a flow is told: of the document before, `prompts` are the names of what was to be collected."""
    parameters = request.parameters
    kind = parameters.get("input_type", "")
    digits = next((parameters[name] for name in reversed(prompts) if name in parameters), "") if kind else ""
    own = {
        name: value
        for name, value in parameters.items()
        if not name.startswith("Caller-") and name not in ("session_id", "url", "hostname", "input_type")
    }
    return Heard(
        at=at,
        digits="" if kind == "invalid" else digits,
        invalid=kind == "invalid",
        values=own,
        upload=request.uploads[0] if request.uploads else None,
        calls=calls,
    )
