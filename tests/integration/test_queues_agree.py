"""The demo switch's queue and the publisher's: two readings of the same captures, written apart."""

from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from demo_switch.answers import Answers
from demo_switch.wire import encode_json
from esl_publisher import commands, snapshot
from esl_publisher.facts import EslChanged, SnapshotTaken
from esl_publisher.queue_tables import QueueTables, parse, queue_names
from support.demo_switch import BEGIN, Diary
from support.switchboard import Switchboard

WANTED = {"CHANNEL_CREATE", "CHANNEL_CALLSTATE", "CHANNEL_BRIDGE", "CHANNEL_UNBRIDGE", "CHANNEL_HANGUP", "CUSTOM"}
QUEUE = "queue/support@default"


def tables(answers: Answers) -> QueueTables:
    """mod_callcenter's tables, asked for as the publisher does."""
    queues, agents, tiers = map(answers.answer, commands.QUEUE_TABLES)
    members = [answers.answer(commands.members(name) or "") for name in queue_names(queues)]
    return parse(queues=queues, agents=agents, tiers=tiers, members=members)


class Witness:
    """A publisher's machine that hears a demo switch, with a share of the events lost, and reads its tables."""

    def __init__(self, seed: int, loss: float) -> None:
        self.diary = Diary(seed=seed, rate=12)
        self.board = Switchboard()
        self._answers = Answers(self.diary.day)
        self._rng = Random(seed)
        self._loss = loss
        self._heard = 0
        self._now = BEGIN // 1000
        self.board.receive(EslChanged(state="connected"), self._now)

    def listen(self, seconds: int) -> None:
        """The day goes on, and its events are heard second by second."""
        for _ in range(seconds):
            self.diary.live(1)
            self._now += 1000
            self.board.tick(self._now)
            for event in self.diary.events[self._heard :]:
                if event.name in WANTED and self._rng.random() >= self._loss:
                    self.board.event(encode_json(event.headers()), self._now)
            self._heard = len(self.diary.events)

    def look(self) -> None:
        """A snapshot."""
        texts = {table: self._answers.answer(f"show {table} as json") for table in commands.TABLES}
        taken = snapshot.parse(**texts, asked_at=self._now, answered_at=self._now)
        self.board.receive(SnapshotTaken(replace(taken, callcenter=tables(self._answers))), self._now)
        self.board.settle(self._now)

    def check(self) -> dict[str, Any]:
        """Holds what is told against what the switch knows; the queue's day."""
        pbx = self.diary.pbx
        told = self.board.read(QUEUE)
        assert told["waiting"] == pbx.waiting()
        assert told["talking"] == len(pbx.members) - pbx.waiting()
        assert sum(told["agents"].values()) == len(pbx.agents)
        for number, agent in pbx.agents.items():
            shown = self.board.read(f"agent/{number}@default")
            assert (shown["status"], shown["state"]) == (agent.status, agent.state)
        day: dict[str, Any] = told["today"]
        return day


@pytest.mark.parametrize("seed", range(6))
def test_the_publisher_tells_of_the_queue_what_the_switch_knows(seed: int) -> None:
    witness = Witness(seed, 0.0)
    witness.look()
    for _ in range(15):
        witness.listen(53)
        day = witness.check()
        told = witness.board.read(QUEUE)
        assert day["offered"] == day["answered"] + day["abandoned"] + told["waiting"]
        agents = [witness.board.read(f"agent/{number}@default") for number in witness.diary.pbx.agents]
        assert sum(agent["answered_today"] for agent in agents) == day["answered"]
        before = len(witness.board.published)
        witness.look()
        topics = {publication.topic for _, publication in witness.board.published[before:]}
        assert not {topic for topic in topics if "/queue/" in topic or "/agent/" in topic}
    counts, truth = witness.board.read("today"), witness.diary.pbx.counts
    assert (counts["started"], counts["failed"]) == (truth["started"], truth["failed"])
    assert (counts["answered"], counts["missed"]) == (truth["answered"], truth["missed"])
    assert day["offered"] > 5


@pytest.mark.parametrize("seed", range(6))
def test_two_snapshots_make_up_for_lost_events(seed: int) -> None:
    witness = Witness(seed, 0.2)
    for _ in range(15):
        witness.listen(53)
        witness._loss = 0.0  # a quiet moment for the two looks
        witness.listen(5)
        witness.look()
        witness.listen(2)
        witness.look()
        day = witness.check()
        assert day["offered"] >= day["answered"] + day["abandoned"]
        witness._loss = 0.2
