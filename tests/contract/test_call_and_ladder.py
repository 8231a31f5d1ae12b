"""One call, recorded as ESL and as HEP at once: the publisher's call and the monitor's ladders name each other."""

import json
from typing import Any

import pytest

from lampfield_bus.messages import Publication
from lampfield_bus.node.arrivals import Message
from sip_monitor import hep
from sip_monitor.monitor import Datagram, Monitor
from sip_monitor.tracker import Rules
from support.captures import frames
from support.sip import HEP_DATA, recorded
from support.switchboard import Switchboard, instant


class Line:
    """Publisher and monitor of one switch, with a broker's part between them."""

    def __init__(self, began: int) -> None:
        self.publisher = Switchboard()
        self.monitor = Monitor("main", Rules(frozenset({"OPTIONS"})), began)
        self.monitor.ready = True
        self.dialogs: dict[str, Any] = {}

    def carry(self, publications: list[Publication], at: int) -> None:
        for each in publications:
            self.monitor.receive(Message(each.topic, each.content, retain=False), at)

    def pass_until(self, at: int) -> None:
        told = len(self.publisher.published)
        self.publisher.run(at)
        self.carry([each for _, each in self.publisher.published[told:]], at)
        for each in self.monitor.tick(at):
            if each.topic.startswith("sip/main/dialog/"):
                told_now = json.loads(each.content)
                self.dialogs[told_now["call_id"]] = told_now


def replay(name: str) -> Line:
    """Both streams in the order of their instants, and ten seconds of silence."""
    events = [body for headers, body in frames(HEP_DATA / f"{name}.json.esl") if "json" in headers["Content-Type"]]
    steps: list[tuple[int, int, bytes]] = [(instant(body), 0, body) for body in events]
    steps += [(hep.decode(each).at or 0, 1, each) for each in recorded(name)]
    steps.sort(key=lambda step: step[0])
    line = Line(steps[0][0])
    for at, kind, content in steps:
        line.pass_until(at)
        if kind == 0:
            line.carry(line.publisher.event(content, at), at)
        else:
            line.monitor.receive(Datagram(content), at)
    for after in range(0, 10_000, 100):
        line.pass_until(steps[-1][0] + after)
    return line


@pytest.mark.parametrize(
    ("name", "state", "status", "cause"),
    [("call_bridged", "completed", 200, "NORMAL_CLEARING"), ("call_busy_486", "busy", 486, "USER_BUSY")],
)
def test_the_call_names_its_ladders_and_they_name_it(name: str, state: str, status: int, cause: str) -> None:
    line = replay(name)
    (ended,) = line.publisher.told("event/call/ended")
    assert set(ended["sip_call_ids"]) == set(line.dialogs)
    assert len(line.dialogs) == 2
    assert {dialog["switch_call"] for dialog in line.dialogs.values()} == {ended["id"]}
    assert {(dialog["state"], dialog["status"], dialog["cause"]) for dialog in line.dialogs.values()} == {
        (state, status, cause)
    }
    assert (ended["sip_status"], ended["cause"]) == (status, cause)
