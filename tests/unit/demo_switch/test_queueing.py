from collections import Counter

from support.demo_switch import Diary


def _queued(seed: int = 1) -> Diary:
    diary = Diary(seed=seed, rate=0)
    diary.day.begin("queue")
    return diary


def _actions(diary: Diary) -> list[str]:
    return [event.header("CC-Action") for event in diary.events if event.subclass == "callcenter::info"]


def test_somebody_in_the_queue_waits_while_an_agent_is_rung() -> None:
    diary = _queued().live(1)
    (call,) = diary.pbx.calls.values()
    assert call.state == "waiting"
    assert diary.pbx.waiting() == 1
    assert [agent.state for agent in diary.pbx.agents.values()] == ["Receiving", "Waiting", "Waiting"]
    assert _actions(diary) == ["member-queue-start", "members-count", "agent-state-change", "agent-offering"]


def test_every_caller_of_the_queue_is_served_or_gives_up() -> None:
    outcomes = Counter[str]()
    for seed in range(40):
        diary = _queued(seed).live(400)
        assert diary.pbx.calls == {}
        assert diary.pbx.members == []
        assert diary.pbx.legs == {}
        outcomes += Counter({name: count for name, count in diary.pbx.counts.items() if name != "started"})
        causes = [event.header("CC-Cause") for event in diary.events if event.header("CC-Action") == "member-queue-end"]
        assert causes == (["Terminated"] if diary.pbx.counts["answered"] else ["Cancel"])
    assert outcomes["answered"] + outcomes["missed"] == 40
    assert outcomes["answered"] > outcomes["missed"] > 0


def test_without_agents_a_caller_gives_up_in_the_end() -> None:
    diary = Diary(rate=0)
    for agent in diary.pbx.agents.values():
        diary.pbx.agent_status(agent, "Logged Out")
        agent.state = "Logged Out"
    diary.day.begin("queue")
    diary.live(100)
    assert diary.pbx.counts["missed"] == 1
    assert not any(event.name == "CHANNEL_BRIDGE" for event in diary.events)


def test_while_the_gateway_is_down_a_desk_calls_the_queue() -> None:
    diary = Diary(rate=0)
    diary.pbx.gateway(up=False)
    diary.day.begin("queue")
    diary.live(1)
    (call,) = diary.pbx.calls.values()
    assert not call.caller.outside
    diary.live(400)
    assert diary.day.office.talking() == []
