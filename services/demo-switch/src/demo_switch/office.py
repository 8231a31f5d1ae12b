"""What every story needs: the switch, the dice, who is free, and how long people ring and talk.

May NOT read a clock or an unseeded random number.
"""

from random import Random

from demo_switch import people
from demo_switch.model import Agent
from demo_switch.pbx import Pbx
from demo_switch.people import Party
from demo_switch.schedule import Schedule, Story

AGENTS = 3
# One phone is off all day, and one loses its network now and then: neither takes part in calls.
_BYSTANDERS = 2
SMALLEST = AGENTS + _BYSTANDERS + 3


class Office:
    """The people and their phones. ValueError with fewer phones than the stories need."""

    def __init__(self, pbx: Pbx, rng: Random, phones: int = 20) -> None:
        if phones < SMALLEST:
            raise ValueError(f"at least {SMALLEST} phones are needed, not {phones}")
        self.pbx = pbx
        self.rng = rng
        self.schedule = Schedule()
        self.phones = people.phones(phones)
        self.off = self.phones[-1]
        self.flaky = self.phones[-2]
        self.desks = self.phones[: -_BYSTANDERS - AGENTS]
        self._busy: set[str] = set()

    def open(self) -> None:
        """The phones are on, and the agents there."""
        self.pbx.settle(self.phones[:-1])
        agents = self.phones[-_BYSTANDERS - AGENTS : -_BYSTANDERS]
        self.pbx.agents = {party.number: Agent(party, since=self.pbx.now) for party in agents}

    def between(self, low: float, high: float) -> float:
        """Seconds, any of them as likely."""
        return self.rng.uniform(low, high)

    def chance(self, probability: float) -> bool:
        """True that often."""
        return self.rng.random() < probability

    def ring_seconds(self) -> float:
        """How long it rings before somebody answers."""
        return self.between(2, 9)

    def talk_seconds(self) -> float:
        """How long people talk: mostly short, sometimes three minutes."""
        return min(5 + self.rng.expovariate(1 / 25), 180)

    def take(self, count: int) -> list[Party]:
        """So many free desks, which are not free now; none when there are not that many."""
        free = [party for party in self.desks if party.number not in self._busy]
        if len(free) < count:
            return []
        chosen = self.rng.sample(free, count)
        self._busy.update(party.number for party in chosen)
        return chosen

    def free(self, *parties: Party) -> None:
        """These have hung up."""
        self._busy.difference_update(party.number for party in parties)

    def talking(self) -> list[Party]:
        """The desks that are in a call."""
        return [party for party in self.desks if party.number in self._busy]

    def spawn(self, story: Story, wait: float = 0.0) -> None:
        """Let another story begin."""
        self.schedule.add(story, wait)
