"""A day of calls leaves nothing behind: what the machine holds depends on what lives, not on what has been."""

import gc
import sys

from esl_publisher.facts import EventReceived, SnapshotTaken
from esl_publisher.snapshot import Snapshot
from esl_publisher.switch import Switch
from support.legs import T0, bridge, created, hangup, state
from support.switchboard import options

WARM = 2_500  # calls until every bounded cache is full
CALLS = 2_000
EVERY_MS = 20


def one_after_the_other(switch: Switch, calls: range) -> int:
    """Calls between ten phones, each over before the next; a snapshot at the end. When it ended."""
    at = T0
    for number in calls:
        at = T0 + number * EVERY_MS
        a, b = (f"{side:08d}-0000-4000-8000-{number:012d}" for side in (1, 2))
        users = f"10{number % 10:02d}", f"10{(number + 1) % 10:02d}"
        for event in (
            created(a, at, user=users[0]),
            created(b, at, user=users[1], by=a),
            state(b, "RINGING", at),
            state(b, "ACTIVE", at),
            state(a, "ACTIVE", at),
            bridge(a, b, at),
            hangup(b, at=at),
            hangup(a, at=at),
        ):
            switch.receive(EventReceived(event), at)
    at += 60_000
    switch.receive(SnapshotTaken(Snapshot(asked_at=at, answered_at=at)), at)
    while switch.busy:
        switch.tick(at)
    return at


def blocks() -> int:
    gc.collect()
    return sys.getallocatedblocks()


def test_calls_that_are_over_take_no_memory() -> None:
    switch = Switch(options())
    one_after_the_other(switch, range(WARM))
    before = blocks()
    one_after_the_other(switch, range(WARM, WARM + CALLS))

    assert (blocks() - before) / CALLS < 0.25
