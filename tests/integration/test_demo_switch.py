"""The demo switch as a process, seen by clients that share no code with it."""

import gc
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.demo_switch import Phonebook, Running
from support.waiting import allowed, until

EVENTS = "CHANNEL_CREATE CHANNEL_ANSWER CHANNEL_BRIDGE CHANNEL_UNBRIDGE CHANNEL_HOLD CHANNEL_UNHOLD CHANNEL_DESTROY"


class Tally:
    """Counts calls as a person would, from events alone: legs that were ever together are one call. Who is alone in the
    conference room waits.

    A leg that goes out from nobody (the queue ringing an agent) is no call.
    """

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}
        self._live: dict[str, dict[str, Any]] = {}
        self._room: set[str] = set()

    def _root(self, leg: str) -> str:
        while self._parent.setdefault(leg, leg) != leg:
            leg = self._parent[leg]
        return leg

    def receive(self, event: dict[str, Any]) -> None:
        leg, name = event.get("Unique-ID", ""), event["Event-Name"]
        if name == "CHANNEL_CREATE":
            own = event["Call-Direction"] == "inbound"
            self._live[leg] = {"leg": leg, "own": own, "answered": False, "together": False, "held": False}
        if leg not in self._live:
            return
        for other in (event.get("Other-Leg-Unique-ID"), event.get("Bridge-B-Unique-ID")):
            if other:
                self._parent[self._root(leg)] = self._root(other)
        self._note(leg, event)

    def _note(self, leg: str, event: dict[str, Any]) -> None:
        state = self._live[leg]
        match event["Event-Name"], event.get("Action"):
            case "CHANNEL_ANSWER", _:
                state["answered"] = True
            case "CHANNEL_BRIDGE", _:
                for end in (leg, event["Bridge-B-Unique-ID"]):
                    if end in self._live:
                        self._live[end]["together"] = True
            case "CUSTOM", "add-member":
                self._room.add(leg)
            case "CUSTOM", "del-member":
                self._room.discard(leg)
            case ("CHANNEL_HOLD" | "CHANNEL_UNHOLD") as name, _:
                state["held"] = name == "CHANNEL_HOLD"
            case "CHANNEL_DESTROY", _:
                del self._live[leg]

    def calls(self) -> dict[str, int]:
        groups: dict[str, list[dict[str, Any]]] = {}
        for leg, state in self._live.items():
            groups.setdefault(self._root(leg), []).append(state)
        counts = dict.fromkeys(("ringing", "waiting", "active", "held"), 0)
        for legs in groups.values():
            together = any(leg["together"] or (leg["leg"] in self._room and len(self._room) > 1) for leg in legs)
            if not together and not any(leg["own"] for leg in legs):
                continue
            if together:
                counts["held" if any(leg["held"] for leg in legs) else "active"] += 1
            else:
                counts["waiting" if any(leg["own"] and leg["answered"] for leg in legs) else "ringing"] += 1
        return counts | {"total": sum(counts.values())}

    def legs(self) -> set[str]:
        return set(self._live)


@pytest.fixture
def busy_switch(tmp_path: Path) -> Iterator[Running]:
    with Running(tmp_path, "--rate", "40", "--speed", "20", "--seed", "4", "--phones", "60") as running:
        yield running


def test_what_the_events_tell_is_the_truth(busy_switch: Running) -> None:
    tally, compared = Tally(), set[tuple[int, ...]]()
    with Phonebook(busy_switch.port) as client:
        assert client.ask("event json ALL").reply == "+OK event listener enabled json"
        # What was going on before is not in the events: it must end first.
        client.api("demo rate 0")
        while client.truth()["legs"]:
            client.events.clear()
        client.events.clear()
        client.api("demo rate 40")
        end = time.monotonic() + allowed(15)
        while time.monotonic() < end and len(compared) < 60:
            truth = client.truth()
            for event in client.events:
                tally.receive(event)
            client.events.clear()
            assert tally.calls() == truth["calls"]
            assert tally.legs() == set(truth["legs"])
            compared.add(tuple(truth["calls"].values()))
    assert len(compared) >= 20, "hardly anything happened"
    assert all(any(found[state] for found in compared) for state in range(5)), "a state never came"


def test_the_tables_agree_with_the_truth_once_they_are_written(tmp_path: Path) -> None:
    with Running(tmp_path, "--rate", "0", "--db-lag", "1.5") as running, Phonebook(running.port) as client:
        client.ask("event json CHANNEL_CREATE")
        client.api("demo call no_answer")
        while not client.events:
            client.events.append(client.frame().event)
        assert client.api("show channels as json") == '{"row_count": 0}\n'

        def written() -> list[str]:
            return sorted(row["uuid"] for row in json.loads(client.api("show channels as json")).get("rows", ()))

        until(lambda: written() and written() == client.truth()["legs"], what="the rows of the legs that there are")
        assert json.loads(client.api("show calls as json"))["row_count"] == 2
        assert json.loads(client.api("show registrations as json"))["row_count"] == 19


def test_greenswitch_connects_subscribes_and_receives(busy_switch: Running) -> None:
    """In a process of its own: gevent's hub is not to meet the test runner."""
    program = f"""
import gevent
from greenswitch.esl import InboundESL

found = set()
client = InboundESL("127.0.0.1", {busy_switch.port}, "ClueCon", timeout=5)
client.connect()
client.register_handle("*", lambda event: found.add(event.headers.get("Event-Subclass") or event.headers["Event-Name"]))
print(client.send("event plain {EVENTS} BACKGROUND_JOB CUSTOM sofia::register").headers["Reply-Text"])
print(client.send("api hostname").data)
client.send("bgapi version")
with gevent.Timeout(20):
    while len(found) < 9:
        gevent.sleep(0.05)
print(sorted(found))
print(client.send("exit").headers["Reply-Text"])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=40, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "+OK event listener enabled plain",
        "lampfield-demo",
        str(sorted([*EVENTS.split(), "BACKGROUND_JOB", "sofia::register"])),
        "+OK bye",
    ]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_in_order_within_three_seconds(tmp_path: Path, number: signal.Signals) -> None:
    with (
        Running(tmp_path, "--rate", "60") as running,
        Phonebook(running.port) as client,
        Phonebook(running.port) as silent,
    ):
        client.ask("event json SHUTDOWN")
        silent.ask("event json ALL")  # and reads nothing more
        began = time.monotonic()
        running.process.send_signal(number)
        frames = [client.frame(), client.frame()]
        assert frames[0].event["Event-Name"] == "SHUTDOWN"
        assert (frames[1].kind, frames[1].body) == ("text/disconnect-notice", b"The system is being shut down.\n")
        with pytest.raises(EOFError):
            client.frame()
        assert running.process.wait(30) == 0
        assert time.monotonic() - began < allowed(3)
    assert "Traceback" not in running.log
    gc.collect()


def test_a_port_that_is_taken_is_told_in_one_line(busy_switch: Running) -> None:
    command = [sys.executable, "-m", "demo_switch", "--port", str(busy_switch.port)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 1
    assert "in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_restarted_switch_is_another_core_with_other_channels(tmp_path: Path) -> None:
    seen = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        running = Running(tmp_path / name, "--seed", "same", "--rate", "60", "--speed", "5")
        with running, Phonebook(running.port) as client:
            client.ask("event json CHANNEL_CREATE")
            first = client.frame().event
            seen.append((first["Core-UUID"], first["Unique-ID"]))
    assert seen[0][0] != seen[1][0]
    assert seen[0][1] != seen[1][1]
