from demo_switch.model import Agent, Call, Conference
from demo_switch.people import phones
from demo_switch.values import Values


def test_a_new_call_rings_and_nobody_has_answered() -> None:
    call = Call("id", "internal", phones(1)[0], None, Values({}), (), started=0)
    assert (call.state, call.answered, call.rang, call.legs) == ("ringing", None, False, {})


def test_an_agent_begins_available_and_a_room_empty() -> None:
    agent = Agent(phones(1)[0])
    assert (agent.status, agent.state) == ("Available", "Waiting")
    assert Conference("uuid", since=0).members == {}
