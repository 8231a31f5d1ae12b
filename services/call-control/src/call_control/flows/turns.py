"""What a flow says and hears. A flow is a generator: it yields what is to happen and is sent what came of it. Pure.

    def reception(call: Call) -> Flow:
        heard = yield [answer(), Playback(file="welcome.wav", name="choice", binds=keys("12"))]
        yield [Transfer(to="1000" if heard.digits == "1" else "1001")]

When it ends without having sent the caller anywhere, the call is hung up.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from call_control.documents.actions import Action

__all__ = ["Call", "Count", "Flow", "FlowError", "Heard", "Show", "Source", "Turn", "Upload"]


class FlowError(ValueError):
    """A flow that cannot go on: what it wants cannot be, or it raised."""


class Call(Struct, frozen=True, kw_only=True):
    """Who calls, and when (`at`, ms since the epoch). `values` are the settings that flows are given."""

    id: str
    number: str
    name: str
    destination: str
    at: int
    zone: ZoneInfo
    answered: bool = False
    values: Mapping[str, str] = {}


class Upload(Struct, frozen=True):
    """A recording that has come: `file` is its name where recordings are kept, "" when it could not be stored."""

    file: str
    bytes: int


class Heard(Struct, frozen=True, kw_only=True):
    """What came of the turn before.

    `digits`: the keys pressed, or the words recognised; "" when nothing came. `invalid`: something came, or nothing,
    and it fits none of the keys waited for (FreeSWITCH tells only if there was an `error_file`). `values`: channel
    variables asked for, and params.
    """

    at: int
    digits: str = ""
    invalid: bool = False
    values: Mapping[str, str] = {}
    upload: Upload | None = None
    calls: int | None = None


class Turn(Struct, frozen=True, kw_only=True):
    """Actions, and variables to set on the channel before them. A list of actions is a turn without variables."""

    actions: Sequence[Action]
    variables: Mapping[str, str] = {}


class Show(Struct, frozen=True, kw_only=True):
    """Shows a text on the displays of a group. Nothing is asked of FreeSWITCH: the flow goes on at once."""

    text: str
    group: str = "all"
    seconds: float | None = None
    priority: Literal["info", "warning", "critical"] = "info"
    icon: str | None = None
    id: str | None = None


class Count(Struct, frozen=True):
    """Asks how many calls are live: `Heard.calls`, None when nobody knows. The flow goes on at once."""


Flow = Generator[Turn | Sequence[Action] | Show | Count, Heard, None]
Source = Callable[[Call], Flow]
