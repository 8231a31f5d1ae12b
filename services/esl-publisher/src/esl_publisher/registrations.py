"""Who is registered, with how many contacts.

Pure. A contact is known by its Call-ID (the `token` of `show registrations`). FreeSWITCH keeps one contact per user
and lets a second device replace it without a word, unless `multiple-registrations` is on: only a snapshot with two
contacts of one user shows that it is, and until then a new contact replaces the old one.
"""

from collections.abc import Iterable

from esl_publisher.decode import Registration
from esl_publisher.legs import local_user
from esl_publisher.snapshot import LAG_MS, RegistrationRow

__all__ = ["Registrations"]


class Registrations:
    """Contacts by extension."""

    def __init__(self) -> None:
        self._contacts: dict[str, set[str]] = {}
        self._heard_at: dict[str, int] = {}  # the last event of an extension, our clock
        self._multiple = False

    def count(self, user: str) -> int:
        """How many contacts an extension has."""
        return len(self._contacts.get(user, ()))

    def receive(self, event: Registration, at: int, domain: str | None) -> str | None:
        """What an event changed: the extension, or None when it names none."""
        expired = event.subclass == "sofia::expire"
        name, host = (event.user, event.host) if expired else (event.from_user, event.from_host)
        user = local_user(f"{name}@{host}", domain)
        if user is None:
            return None
        self._heard_at[user] = at
        contacts = self._contacts.setdefault(user, set())
        if event.subclass == "sofia::register":
            if not self._multiple:
                contacts.clear()
            contacts.add(event.call_id)
        elif self._multiple or (expired and event.call_id):  # what expires is one contact: it may be a replaced one's
            contacts.discard(event.call_id)
        else:
            contacts.clear()
        if not contacts:
            del self._contacts[user]
        return user

    def reconcile(self, rows: Iterable[RegistrationRow], asked_at: int, domain: str | None) -> set[str]:
        """Take over a snapshot, but for extensions that were heard of since LAG_MS before it; who changed."""
        told: dict[str, set[str]] = {}
        for row in rows:
            user = local_user(f"{row.reg_user}@{row.realm}", domain)
            if user is not None:
                told.setdefault(user, set()).add(row.token)
        self._multiple = self._multiple or any(len(tokens) > 1 for tokens in told.values())
        changed = {
            user
            for user in self._contacts.keys() | told.keys()
            if self._contacts.get(user) != told.get(user) and self._heard_at.get(user, 0) <= asked_at - LAG_MS
        }
        for user in changed:
            if user in told:
                self._contacts[user] = told[user]
            else:
                del self._contacts[user]
        self._heard_at = {user: at for user, at in self._heard_at.items() if at > asked_at - LAG_MS}
        return changed

    def shift(self, delta: int) -> None:
        """Our clock stepped."""
        self._heard_at = {user: at + delta for user, at in self._heard_at.items()}
