"""What the machine of web calls takes in and gives out: a call, what may happen, what is to be done. Pure values."""

from typing import Final, Literal

from msgspec import Struct

from call_control.web.endings import Ending, Outcome, Progress
from call_control.web.events import SwitchEvent

__all__ = [
    "GUEST",
    "Asked",
    "Connected",
    "EndWanted",
    "EventReceived",
    "GuestExpected",
    "Input",
    "Lost",
    "NotSent",
    "Requested",
    "Restored",
    "State",
    "Told",
    "WebCall",
]

State = Literal["starting", "ringing", "waiting", "active", "unknown", "ended"]
Kind = Literal["click", "guest"]
GUEST: Final = "guest"  # who calls, when it is a guest


class WebCall(Struct, frozen=True, kw_only=True):
    """One call. Instants are ms. `picked_up_at`: the first phone was answered; `answered_at`: two people talk."""

    id: str
    kind: Kind
    owner: str  # the name of the token that asked for it
    caller: str
    callee: str
    state: State
    started_at: int
    picked_up_at: int | None = None
    answered_at: int | None = None
    ended_at: int | None = None
    ending: Ending | None = None
    rang: bool = False  # the phone that was called last
    seen: bool = False  # FreeSWITCH has told of its leg

    @property
    def progress(self) -> Progress:
        """How far it has come."""
        return Progress(self.picked_up_at is not None, self.rang, self.answered_at is not None)

    @property
    def outcome(self) -> Outcome | None:
        """How it ended; None while it lives."""
        return None if self.ending is None else self.ending.outcome


class Requested(Struct, frozen=True):
    """A call is about to be originated: `id` is its leg's uuid, `job` that of the answer."""

    id: str
    job: str
    owner: str
    caller: str
    callee: str


class NotSent(Struct, frozen=True):
    """It was not: FreeSWITCH could not be told, or refused (`cause`)."""

    id: str
    cause: str


class EndWanted(Struct, frozen=True):
    """Somebody wants the call to end."""

    id: str


class GuestExpected(Struct, frozen=True):
    """Whoever brings `token` until `expires_at` may ring `callee`."""

    token: str
    owner: str
    callee: str
    expires_at: int


class Restored(Struct, frozen=True):
    """A call that this service followed before it restarted, as it stood on the bus."""

    call: WebCall


class EventReceived(Struct, frozen=True):
    """FreeSWITCH tells something."""

    event: SwitchEvent


class Lost(Struct, frozen=True):
    """The ESL link is gone."""


class Connected(Struct, frozen=True):
    """It is back, and everything that lives is being listened to again. `core`: which run of FreeSWITCH it is."""

    core: str


class Asked(Struct, frozen=True):
    """What FreeSWITCH says of a leg that we asked about; None: there is none."""

    id: str
    leg: SwitchEvent | None


Input = Requested | NotSent | EndWanted | GuestExpected | Restored | EventReceived | Lost | Connected | Asked


class Told(Struct, frozen=True):
    """What follows: calls that changed, in order; legs to listen to, to stop listening to, to cap, to end, to ask
    about.
    """

    calls: tuple[WebCall, ...] = ()
    watch: tuple[str, ...] = ()
    unwatch: tuple[str, ...] = ()
    cap: tuple[str, ...] = ()
    kill: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()
