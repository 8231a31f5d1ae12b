"""A day in the office, as one machine: told how late it is, it lets the switch live up to then.

May NOT read a clock or an unseeded random number: two days with one seed are the same.
"""

from collections.abc import Callable
from random import Random

from demo_switch import meeting, queueing, routine, stories
from demo_switch.office import Office
from demo_switch.pbx import Pbx
from demo_switch.schedule import Story

# kind of call: how often it happens, against the others
KINDS: dict[str, tuple[int, Callable[[Office], Story]]] = {
    "internal": (30, stories.internal),
    "held": (10, stories.held),
    "transfer": (5, stories.transfer),
    "busy": (6, stories.busy),
    "rejected": (4, stories.rejected),
    "no_answer": (8, stories.no_answer),
    "inbound": (14, stories.inbound),
    "outbound": (10, stories.outbound),
    "queue": (10, queueing.queue),
    "conference": (2, meeting.conference),
    "voicemail": (4, stories.voicemail),
}


class Day:
    """The switch and its people. `rate` is how many calls begin in a minute of the day, on average; 0: none by
    themselves.

    Asleep, nothing is registered and nothing happens. Seconds of the day and the wall clock are told apart, so that a
    day can pass faster than the clock that dates its events.
    """

    def __init__(
        self,
        pbx: Pbx,
        rng: Random,
        *,
        rate: float = 10.0,
        phones: int = 20,
        heartbeat: float = 20.0,
        asleep: bool = False,
    ) -> None:
        self.pbx = pbx
        self.rate = rate
        self.office = Office(pbx, rng, phones)
        if asleep:
            return
        self.office.open()
        self.office.spawn(self._callers(), 0.5)
        for story in (routine.refreshes, routine.flaky_phone, routine.wrong_password, routine.outages, routine.breaks):
            self.office.spawn(story(self.office))
        self.office.spawn(routine.heartbeats(self.office, heartbeat))

    def due(self) -> float | None:
        """The second of the day at which something happens next."""
        return self.office.schedule.due()

    def tick(self, second: float, micro: int, limit: int = 1_000) -> bool:
        """Live up to a second of the day while the clock shows `micro` (µs). False: `limit` steps did not reach it."""
        self.pbx.now = micro
        return self.office.schedule.run(second, limit)

    def begin(self, kind: str) -> None:
        """Let a call of a kind begin now. ValueError for a kind that there is not."""
        if kind not in KINDS:
            raise ValueError(f"no such kind of call: {kind}; there are {', '.join(KINDS)}")
        self.office.spawn(KINDS[kind][1](self.office))

    def _callers(self) -> Story:
        names = list(KINDS)
        weights = [weight for weight, _ in KINDS.values()]
        while True:
            if self.rate > 0:
                self.begin(self.office.rng.choices(names, weights)[0])
                yield self.office.rng.expovariate(self.rate / 60)
            else:
                yield 1.0
