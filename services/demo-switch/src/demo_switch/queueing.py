"""Calls to the queue: somebody waits, agents are rung one after another, one answers, or the caller gives up.

May NOT read a clock or an unseeded random number.
"""

from collections.abc import Generator

from demo_switch import people
from demo_switch.model import Agent, Member
from demo_switch.office import Office
from demo_switch.schedule import Story

_LOOK_AGAIN = 1.0  # seconds


def queue(office: Office) -> Story:
    """One caller of the queue, from outside while the gateway is up."""
    pbx = office.pbx
    callers = [people.outside(office.rng)] if pbx.gateway_up else office.take(1)
    for caller in callers:
        call = pbx.begin("queue", caller, None, people.QUEUE_NUMBER)
        member = Member(call, pbx.uuid(), pbx.now)
        pbx.members.append(member)
        pbx.play(call, "queue", "join", "waiting", {"member": member.uuid, "queue.count": str(pbx.waiting())})
        agent = yield from _wait(office, member)
        if agent is None:
            pbx.members.remove(member)
            pbx.play(call, "queue_lost", "leave", texts={"queue.count": str(pbx.waiting())})
        else:
            yield from _talk(office, member, agent)
            pbx.members.remove(member)
        office.free(caller)


def _wait(office: Office, member: Member) -> Generator[float, None, Agent | None]:
    """Ring agents until one answers; None when the caller has had enough."""
    pbx, call = office.pbx, member.call
    patience = office.between(8, 45)
    while patience > 0:
        agent = next(
            (agent for agent in pbx.agents.values() if (agent.status, agent.state) == ("Available", "Waiting")), None
        )
        if agent is None:
            patience -= _LOOK_AGAIN
            yield _LOOK_AGAIN
            continue
        _offer(office, member, agent)
        ringing = office.ring_seconds()
        yield ringing
        if office.chance(0.65):
            return agent
        pbx.play(call, "queue_lost", "fail", "waiting")
        agent.state = "Waiting"
        member.agent = ""
        patience -= ringing + 5
        yield 5.0
    return None


def _offer(office: Office, member: Member, agent: Agent) -> None:
    """Ring one agent, on a new channel."""
    agent.state = "Receiving"
    party = agent.party
    member.agent = party.number
    texts = {"callee": party.number, "callee.name": party.name, "b.channel": party.called(), "b.port": str(party.port)}
    office.pbx.new_leg(member.call, "b")
    office.pbx.play(member.call, "queue", "offer", "waiting", texts)


def _talk(office: Office, member: Member, agent: Agent) -> Story:
    pbx = office.pbx
    pbx.play(member.call, "queue", "answer", "active", {"queue.count": str(pbx.waiting())})
    member.answered = pbx.now
    agent.state = "In a queue call"
    agent.answered += 1
    yield office.talk_seconds()
    pbx.play(member.call, "queue", "end")
    agent.state = "Waiting"
