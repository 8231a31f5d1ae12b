"""Two publishers for one switch, by mistake; and every restart that only looks like it. Real processes and broker."""

import functools
import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.broker import Broker, Bus
from support.esl_server import EslServer, Obedient
from support.publisher import Publisher
from support.waiting import until

LIMIT = 45.0  # seconds: on a busy machine a start of Python is most of it
SAYS = "another esl-publisher publishes switch main already"


@pytest.fixture
def server() -> Iterator[EslServer]:
    with EslServer(Obedient()) as running:
        yield running


@pytest.fixture
def bus(broker: Broker) -> Iterator[Bus]:
    with broker.bus() as client:
        yield client.subscribe("switch/#")


def folder(tmp_path: Path, name: str) -> Path:
    (tmp_path / name).mkdir()
    return tmp_path / name


def esl(bus: Bus) -> str:
    return str(json.loads(bus.latest.get("switch/main/info", b"{}")).get("esl"))


def instance(bus: Bus) -> str:
    return str(json.loads(bus.latest.get("switch/main/info", b"{}")).get("instance"))


def is_another(bus: Bus, than: str) -> bool:
    return instance(bus) not in {than, "None"} and esl(bus) == "connected"


def test_the_second_says_so_and_exits_and_the_first_is_not_disturbed(
    tmp_path: Path, broker: Broker, server: EslServer, bus: Bus
) -> None:
    with Publisher(folder(tmp_path, "first"), broker, server) as first:
        bus.wait_for(lambda: esl(bus) == "connected", LIMIT)
        before, at = instance(bus), len(bus.messages)
        with Publisher(folder(tmp_path, "second"), broker, server) as second:
            assert second.wait(LIMIT) == 2
            lines = [line for line in second.log.splitlines() if SAYS in line]
            assert len(lines) == 1
            assert "LAMPFIELD_SWITCH" in lines[0]
            assert "Traceback" not in second.log
        time.sleep(0.3)  # for what must not come
        assert first.log.count("connected to 127.0.0.1") == 2, "the scout's connection and its own, and no third"
        words = [message.payload for message in bus.messages[at:] if message.topic.endswith("/availability")]
        assert set(words) <= {b"online"}
        assert (instance(bus), esl(bus)) == (before, "connected")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_restart_is_no_second_one(
    tmp_path: Path, broker: Broker, server: EslServer, bus: Bus, how: signal.Signals
) -> None:
    with Publisher(tmp_path, broker, server) as publisher:
        for _ in range(3):
            bus.wait_for(lambda: esl(bus) == "connected", LIMIT)
            before = instance(bus)
            publisher.end(how)
            publisher.start()
            bus.wait_for(functools.partial(is_another, bus, before), LIMIT)
        assert SAYS not in publisher.log
        assert "does not answer" not in publisher.log, "it was kept waiting"


def test_one_that_was_cut_off_keeps_nobody_out_and_gives_way_or_stays_when_it_is_back(
    tmp_path: Path, broker: Broker, server: EslServer, bus: Bus
) -> None:
    """The first one hangs, its connection stands: for the broker it is online. When it goes on there are two."""
    with Publisher(folder(tmp_path, "first"), broker, server) as first:
        bus.wait_for(lambda: esl(bus) == "connected", LIMIT)
        before = instance(bus)
        first.pause()
        with Publisher(folder(tmp_path, "second"), broker, server) as second:
            bus.wait_for(lambda: is_another(bus, before), LIMIT)
            assert "does not answer" in second.log

            first.resume()
            assert second.wait(60) == 2, "the older one stays"
            assert SAYS in second.log
        until(lambda: first.log.count("connected to 127.0.0.1") >= 3, LIMIT, "the older one's return")
        bus.wait_for(lambda: (instance(bus), bus.latest["switch/main/availability"]) == (before, b"online"), LIMIT)
        assert first.running


def test_two_that_start_together_become_one(tmp_path: Path, broker: Broker, server: EslServer, bus: Bus) -> None:
    with (
        Publisher(folder(tmp_path, "one"), broker, server) as one,
        Publisher(folder(tmp_path, "two"), broker, server) as two,
    ):
        until(lambda: one.running + two.running == 1, 60, "one that gives way")
        loser, winner = (one, two) if not one.running else (two, one)
        assert loser.wait(1) == 2
        assert SAYS in loser.log
        bus.wait_for(lambda: bus.latest.get("switch/main/availability") == b"online" and esl(bus) == "connected", LIMIT)
        assert winner.running
