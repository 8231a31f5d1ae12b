"""The demo switch's queue and the publisher's: two readings of the same captures, written apart."""

from random import Random

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


def look(board: Switchboard, answers: Answers, at: int) -> None:
    """A snapshot of the demo switch."""
    texts = {table: answers.answer(f"show {table} as json") for table in commands.TABLES}
    taken = snapshot.parse(**texts, asked_at=at, answered_at=at)
    board.receive(SnapshotTaken(replace(taken, callcenter=tables(answers))), at)


@pytest.mark.parametrize("loss", [0.0, 0.1])
@pytest.mark.parametrize("seed", range(6))
def test_the_publisher_tells_of_the_queue_what_the_switch_knows(seed: int, loss: float) -> None:
    diary = Diary(seed=seed, rate=12)
    answers = Answers(diary.day)
    board = Switchboard()
    board.receive(EslChanged(state="connected"), BEGIN // 1000)
    rng = Random(seed)
    seen = 0
    for minute in range(1, 16):
        diary.live(60)
        now = (BEGIN + minute * 60_000_000) // 1000
        for event in diary.events[seen:]:
            if event.name in WANTED and rng.random() >= loss:
                board.event(encode_json(event.headers), now)
        seen = len(diary.events)
        look(board, answers, now + 5_000)
        look(board, answers, now + 7_000)
        told = board.read(QUEUE)
        members = diary.pbx.members
        assert told["waiting"] == diary.pbx.waiting()
        assert told["talking"] == len(members) - diary.pbx.waiting()
        agents = {agent.party.number: (agent.status, agent.state) for agent in diary.pbx.agents.values()}
        shown = {number: board.read(f"agent/{number}@default") for number in agents}
        assert {number: (agent["status"], agent["state"]) for number, agent in shown.items()} == agents
        assert sum(told["agents"].values()) == len(agents)
        day = told["today"]
        assert day["offered"] >= day["answered"] + day["abandoned"]
        if not loss:
            assert day["offered"] == day["answered"] + day["abandoned"] + told["waiting"]
            assert sum(agent["answered_today"] for agent in shown.values()) == day["answered"]
    counts = board.read("today")
    if not loss:
        assert counts["started"] == diary.pbx.counts["started"]
        assert {name: counts[name] for name in ("answered", "missed", "failed")} == {
            name: diary.pbx.counts[name] for name in ("answered", "missed", "failed")
        }
    assert board.read("queue/support@default")["today"]["offered"] > 5
