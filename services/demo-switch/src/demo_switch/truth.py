"""What is really going on, as a person in the office would count it: for tests and demos to compare with what others
show.

May NOT look at events: it reads what the switch meant to happen.
"""

import json

from demo_switch.pbx import Pbx


def _at(micro: int) -> float:
    return micro / 1_000_000


def truth(pbx: Pbx) -> str:
    """JSON: calls by state, each call, legs, extensions, registrations, queue, agents, conference, mailboxes,
    gateway, totals.

    Instants are seconds since the epoch.
    """
    states = dict.fromkeys(("ringing", "waiting", "active", "held"), 0)
    for call in pbx.calls.values():
        states[call.state] += 1
    room = pbx.conference
    return json.dumps(
        {
            "calls": states | {"total": len(pbx.calls)},
            "call": [
                {
                    "id": call.id,
                    "kind": call.kind,
                    "state": call.state,
                    "caller": call.caller.number,
                    "callee": call.callee.number if call.callee else None,
                    "started": _at(call.started),
                }
                for call in pbx.calls.values()
            ],
            "legs": sorted(pbx.legs),
            "registrations": sorted(pbx.registrations),
            "queue": {"waiting": pbx.waiting(), "talking": sum(bool(member.answered) for member in pbx.members)},
            "agents": {
                number: {"status": agent.status, "state": agent.state, "answered": agent.answered}
                for number, agent in pbx.agents.items()
            },
            "conference": {"members": len(room.members), "since": _at(room.since)} if room else None,
            "mailboxes": pbx.mailboxes,
            "gateway_up": pbx.gateway_up,
            "totals": pbx.counts,
            "sessions": pbx.sessions,
            "events": pbx.sequence,
        }
    )
