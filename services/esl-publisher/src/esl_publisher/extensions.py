"""Extensions: who exists, and what each one's lamp shows.

Pure. Who exists: those of the setting if it is set; else whoever is in the directory, registered, was on a leg that
somebody vouches for (legs.py), or was retained. Nobody is removed here: a lamp that was seen stays.

An extension shows the best of its legs: ringing, then active, held, waiting. A leg shows its call's state, but one that
was dialled and has not talked yet rings (an agent's phone rings while the caller waits; so does that of 1002 when 1001,
who wanted to send a caller there, did not wait for the answer), also in the moment between its answer and the bridge. A
phone that has not said that it rings does not (a busy one never will).
"""

from collections.abc import Iterable
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from esl_publisher.calls import Call
from esl_publisher.ledger import Ledger
from esl_publisher.legs import Leg, local_user
from esl_publisher.tables import UserRow
from lampfield_bus import messages as m
from lampfield_bus.instants import parse, rfc3339

__all__ = ["Extensions", "voicemail_of"]

State = Literal["idle", "ringing", "active", "held", "waiting"]
_RANK: Final[dict[State, int]] = {"ringing": 4, "active": 3, "held": 2, "waiting": 1, "idle": 0}


class Lamp(Struct, frozen=True):
    """What is remembered of an extension: its state, since when (FreeSWITCH's time, ms), its name."""

    state: State
    since: int
    name: str | None = None


class Extensions:
    """Lamps by extension, and mailboxes (also of those who are no extension)."""

    def __init__(self, listed: Iterable[str] | None) -> None:
        self._listed = None if listed is None else frozenset(listed)
        self._lamps: dict[str, Lamp] = {}
        self._voicemail: dict[str, m.Voicemail] = {}

    @property
    def listed(self) -> frozenset[str]:
        """The extensions of the setting, none if it is not set."""
        return self._listed or frozenset()

    def is_known(self, user: str) -> bool:
        """Whether this is an extension for sure."""
        return user in self._lamps or (self._listed is not None and user in self._listed)

    def is_shown(self, user: str) -> bool:
        """Whether this extension has a topic."""
        return self._listed is None or user in self._listed

    def name(self, user: str, name: str) -> None:
        """What the directory calls this extension."""
        lamp = self._lamps.get(user)
        if lamp is not None and name:
            self._lamps[user] = replace(lamp, name=name)

    def see(self, user: str, moment: int) -> None:
        """This extension exists."""
        if user not in self._lamps:
            self._lamps[user] = Lamp("idle", moment)

    def enroll(self, rows: Iterable[UserRow], moment: int, domain: str | None) -> set[str]:
        """The directory: its users exist. Who is new, or has another name now."""
        changed = set()
        for row in rows:
            user = local_user(f"{row.user}@{row.domain}", domain)
            if user is None:
                continue
            before = self._lamps.get(user)
            self.see(user, moment)
            self.name(user, row.name)
            if self._lamps[user] is not before and self._lamps[user] != before:
                changed.add(user)
        return changed

    def receive_mail(self, account: str, messages: str, domain: str | None) -> str | None:
        """A mailbox changed: whose, or None when it is no extension's."""
        user = local_user(account.removeprefix("sip:"), domain)
        if user is None:
            return None
        self._voicemail[user] = voicemail_of(messages, self._voicemail.get(user))
        return user if user in self._lamps else None

    def restore(self, user: str, message: m.Extension) -> None:
        """What an earlier run had published of this extension. Raises ValueError for an instant that is none."""
        if self.is_shown(user):
            self._lamps[user] = Lamp(message.state, parse(message.since), message.name)
            if message.voicemail is not None:
                self._voicemail[user] = message.voicemail

    def look(self, user: str, ledger: Ledger, moment: int) -> None:
        """Set this extension's lamp by its legs."""
        state: State = "idle"
        for leg in ledger.legs_of(user):
            shown = _shown(leg, ledger.calls[leg.call])
            if _RANK[shown] > _RANK[state]:
                state = shown
        lamp = self._lamps.get(user)
        if lamp is None:
            self._lamps[user] = Lamp(state, moment)
        elif lamp.state != state:
            self._lamps[user] = Lamp(state, moment, lamp.name)

    def message(self, user: str, ledger: Ledger, contacts: int, missed: int, moment: int) -> m.Extension:
        """What stands in this extension's topic now."""
        self.look(user, ledger, moment)
        lamp = self._lamps[user]
        return m.Extension(
            state=lamp.state,
            name=lamp.name,
            registered=contacts > 0,
            contacts=contacts,
            calls=list(dict.fromkeys(leg.call for leg in ledger.legs_of(user))),
            since=rfc3339(lamp.since),
            voicemail=self._voicemail.get(user),
            missed_today=missed,
        )


def _shown(leg: Leg, call: Call) -> State:
    if leg.outbound and leg.stage == "down":
        return "idle"
    if (leg.originator in call.live and not leg.talked) or (leg.outbound and leg.stage == "ringing"):
        return "ringing"
    return call.state


def voicemail_of(messages: str, before: m.Voicemail | None) -> m.Voicemail:
    """`2/1 (0/0)` as new and saved. An account without messages has no such header: none new, saved as before."""
    new, _, rest = messages.partition("/")
    saved = rest.partition(" ")[0]
    if new.isdecimal() and saved.isdecimal():
        return m.Voicemail(new=int(new), saved=int(saved))
    return m.Voicemail(new=0, saved=before.saved if before is not None else 0)
