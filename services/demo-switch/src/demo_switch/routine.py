"""What goes on all day besides calls: heartbeats, phones that register, an outage of the gateway, agents on a break.

May NOT read a clock or an unseeded random number.
"""

from demo_switch.office import Office
from demo_switch.people import Party
from demo_switch.schedule import Story


def heartbeats(office: Office, seconds: float) -> Story:
    """HEARTBEAT at a steady pace, the first after one interval."""
    before = office.pbx.sessions
    yield seconds
    while True:
        office.pbx.heartbeat(seconds, int((office.pbx.sessions - before) / seconds))
        before = office.pbx.sessions
        yield seconds


def refreshes(office: Office) -> Story:
    """Every phone that is on registers again, one after another, each within two minutes."""
    while True:
        for party in office.phones[:-2]:
            yield 120 / len(office.phones)
            office.pbx.register(party)


def flaky_phone(office: Office) -> Story:
    """One phone loses its network: its registration expires; later it is back, and once in a while it says goodbye."""
    while True:
        yield office.between(30, 60)
        office.pbx.unregister(office.flaky, expired=office.chance(0.7))
        yield office.between(20, 60)
        office.pbx.register(office.flaky)


def wrong_password(office: Office) -> Story:
    """Somebody tries passwords on the phone that is off."""
    while True:
        yield office.between(40, 150)
        office.pbx.refuse(Party(office.off.number, office.off.name, 62_000))


def outages(office: Office) -> Story:
    """The gateway stops answering for half a minute, every few minutes."""
    while True:
        yield office.between(90, 240)
        office.pbx.gateway(up=False)
        yield office.between(15, 45)
        office.pbx.gateway(up=True)


def breaks(office: Office) -> Story:
    """An agent without a caller goes on a break, and comes back."""
    while True:
        yield office.between(40, 90)
        agent = office.rng.choice(list(office.pbx.agents.values()))
        if agent.state == "Waiting":
            office.pbx.agent_status(agent, "On Break")
            yield office.between(20, 60)
            office.pbx.agent_status(agent, "Available")
