"""The demo switch and the publisher are two readings of the same captures: their pictures must agree."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from demo_switch.answers import Answers
from demo_switch.truth import truth
from esl_publisher.bridges import SETTLE_MS
from esl_publisher.commands import TABLES
from esl_publisher.decode import WANTED_EVENTS, WANTED_SUBCLASSES
from esl_publisher.facts import SnapshotTaken
from esl_publisher.snapshot import parse
from support.demo_switch import Diary
from support.switchboard import Switchboard

SECOND = 1_000


class Line:
    """A demo switch whose events go straight into a publisher's machine, as they happen."""

    def __init__(self, seed: int, rate: float) -> None:
        self.diary = Diary(seed=seed, rate=rate)
        self.answers = Answers(self.diary.day)
        self.board = Switchboard()
        self.lost = False
        self.live(2)  # what was registered before is in the tables by now
        self.look()

    @property
    def now(self) -> int:
        return self.diary.pbx.now // 1_000

    def look(self) -> None:
        """A snapshot, as the publisher would ask for it."""
        texts = {name: self.answers.answer(command) for name, command in TABLES.items()}
        self.diary.events.clear()  # our own questions
        taken = parse(**texts, asked_at=self.now, answered_at=self.now)
        assert taken.faults == ()
        self.board.receive(SnapshotTaken(taken), self.now)
        self.board.settle(self.now)

    def live(self, seconds: float) -> dict[str, Any]:
        """Time passes; the truth at its end."""
        self.diary.live(seconds)
        for event in self.diary.events:
            if not self.lost and (event.name in WANTED_EVENTS or event.subclass in WANTED_SUBCLASSES):
                body = event.frame("json").partition(b"\n\n")[2]
                at = int(json.loads(body)["Event-Date-Timestamp"]) // 1_000
                self.board.run(at)
                self.board.event(body, at)
        self.diary.events.clear()
        self.board.run(self.now)
        told: dict[str, Any] = json.loads(truth(self.diary.pbx))
        return told

    def picture(self) -> dict[str, Any]:
        """What the publisher retains, in the truth's words."""
        told = self.board.read("conference/3000-127.0.0.1")
        gateway = self.board.read("gateway/gw-ping")
        return {
            "calls": {name: count for name, count in self.board.read("calls").items() if name != "at"},
            "conference": told["members"] if told else 0,
            "gateway_up": gateway["up"],
            "registrations": sorted(
                topic.rpartition("/")[2]
                for topic, payload in self.board.retained.items()
                if "/extension/" in topic and json.loads(payload)["registered"]
            ),
        }


def expected(told: dict[str, Any]) -> dict[str, Any]:
    return {
        "calls": told["calls"],
        "conference": told["conference"]["members"] if told["conference"] else 0,
        "gateway_up": told["gateway_up"],
        "registrations": told["registrations"],
    }


def agreements(line: Line, seconds: int) -> Iterator[bool]:
    for _ in range(seconds):
        told = line.live(1)
        yield line.picture() == expected(told)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_pictures_agree_all_day_but_for_moments_that_the_publisher_waits_on(seed: int) -> None:
    line = Line(seed, rate=20)
    # A bridge or a conference that came apart is believed after SETTLE_MS, a gateway's outage after its grace.
    longest = run = 0
    agreed = 0
    for same in agreements(line, 600):
        run = 0 if same else run + 1
        longest = max(longest, run)
        agreed += same
    assert agreed >= 540
    assert longest <= 6


def test_what_no_event_told_two_looks_mend() -> None:
    line = Line(4, rate=20)
    line.live(120)
    line.lost = True
    line.live(60)
    for _ in range(2):
        line.look()
        line.live(2)
    line.board.run(line.now + 2 * SETTLE_MS)
    line.look()
    assert line.picture()["gateway_up"] == line.diary.pbx.gateway_up
    assert line.picture()["registrations"] == sorted(line.diary.pbx.registrations)
    room = line.diary.pbx.conference
    assert line.picture()["conference"] == (len(room.members) if room else 0)
