"""What the ledger notes for those who tell it: so nobody compares or copies the whole.

Pure.
"""

from msgspec import Struct, field

from esl_publisher.calls import CallFact
from esl_publisher.legs import Leg

__all__ = ["Changes"]


class Changes(Struct):
    """The facts in order, and the ids of calls and the extensions to look at again."""

    facts: list[CallFact] = field(default_factory=list)
    calls: set[str] = field(default_factory=set)
    users: set[str] = field(default_factory=set)

    def touch(self, leg: Leg) -> None:
        """Whoever is at this leg's far end has another lamp."""
        if leg.user is not None:
            self.users.add(leg.user)

    def take(self) -> "Changes":
        """All of it; what is left is nothing."""
        taken = Changes(self.facts, self.calls, self.users)
        self.facts, self.calls, self.users = [], set(), set()
        return taken

    def take_users(self) -> set[str]:
        """The extensions alone."""
        users, self.users = self.users, set()
        return users
