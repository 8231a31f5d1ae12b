"""The link against a real mosquitto: *Being on it*, *Reading state* and *Commands* of DESIGN.md section 4."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from lampfield_bus.messages import Publication
from lampfield_bus.node.arrivals import Arrival, Connected, Lost, Message, ReadingBegan, ReadingEnded
from lampfield_bus.node.inbox import Inbox
from lampfield_bus.node.link import Link, LinkConfig, Subscription
from support.broker import Broker, retained, wait_until_connected
from support.waiting import allowed, until

AVAILABILITY = "switch/main/availability"


@dataclass
class Node:
    """A link with its inbox, and everything that came out of it."""

    link: Link
    inbox: Inbox
    seen: list[Arrival] = field(default_factory=list)

    def wait_for(self, condition: Callable[[list[Arrival]], object], limit: float = 15.0) -> None:
        limit = allowed(limit)
        end = time.monotonic() + limit
        while not condition(self.seen):
            assert time.monotonic() < end, f"not within {limit:.0f} s; the last: {self.seen[-5:]}"
            self.seen += self.inbox.take(0.05)

    def flush(self) -> None:
        assert self.link.flush(allowed(10)), "not everything was acknowledged"


Make = Callable[..., Node]


@pytest.fixture
def make(broker: Broker) -> Iterator[Make]:
    """Makes nodes on the test's broker, and stops them at its end."""
    nodes: list[Node] = []

    def make_one(
        *subscriptions: Subscription, name: str = "main", port: int | None = None, inbox: Inbox | None = None
    ) -> Node:
        config = LinkConfig(
            host=broker.host,
            port=broker.port if port is None else port,
            client_id=f"lampfield-test-{name}",
            fence=f"switch/{name}/fence",
            availability=f"switch/{name}/availability",
        )
        inbox = inbox or Inbox()
        node = Node(Link(config, inbox, subscriptions), inbox)
        nodes.append(node)
        node.link.start()
        return node

    yield make_one
    for node in nodes:
        node.link.stop(1.0)


def state(topic: str, payload: bytes = b"{}") -> Publication:
    return Publication(topic, payload, 1, True)


def ended(seen: list[Arrival]) -> bool:
    return any(isinstance(arrival, ReadingEnded) for arrival in seen)


def topics(seen: list[Arrival]) -> list[str]:
    return [arrival.topic for arrival in seen if isinstance(arrival, Message)]


def test_it_connects_in_the_background_before_there_is_a_broker(broker: Broker, make: Make) -> None:
    broker.kill()
    node = make()
    node.wait_for(lambda seen: any(isinstance(arrival, Lost) for arrival in seen))
    node.link.send([state("switch/main/calls", b"1")])
    broker.start()
    until(lambda: node.link.connected)
    node.flush()
    assert retained(broker)["switch/main/calls"] == b"1"


def test_a_broker_that_never_comes_is_told_once(broker: Broker, make: Make) -> None:
    broker.kill()
    node = make()
    node.wait_for(lambda seen: seen)
    time.sleep(1.5)  # several attempts
    node.seen += node.inbox.drain()
    assert [type(arrival) for arrival in node.seen] == [Lost]
    assert str(broker.port) in str(node.seen[0])


def test_availability_is_online_while_it_runs_and_offline_after_a_graceful_stop(broker: Broker, make: Make) -> None:
    node = make()
    with broker.bus().subscribe(AVAILABILITY) as bus:
        bus.wait_for(lambda: bus.latest.get(AVAILABILITY) == b"online")
        node.link.stop()
        bus.wait_for(lambda: bus.latest.get(AVAILABILITY) == b"offline")
    assert not node.link.alive


def test_a_graceful_stop_is_no_trouble_to_tell_of(broker: Broker, make: Make, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(5):
        node = make()
        wait_until_connected(node.link)
        node.link.stop()
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_a_link_that_has_stopped_holds_no_socket(make: Make) -> None:
    node = make()
    wait_until_connected(node.link)
    connection = node.link._connection
    assert connection is not None
    pair = connection._client._sockpairR
    assert pair is not None
    node.link.stop(allowed(2.0))
    assert pair.fileno() == -1


def test_each_reason_of_an_outage_is_told_once(
    tmp_path: Path, make: Make, broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    def told() -> list[str]:
        return [record.message for record in caplog.records if record.levelno >= logging.WARNING]

    broker.stop()
    make()
    until(lambda: any("refused" in line for line in told()), 10, "the first reason")
    (tmp_path / "nobody").touch()
    closed = Broker(tmp_path / "closed", settings=("allow_anonymous false", f"password_file {tmp_path / 'nobody'}"))
    closed.port = broker.port
    closed.start()
    until(lambda: any("authorized" in line.lower() for line in told()), 15, "the second reason")
    closed.stop()
    assert len(told()) == len({line.partition("; next")[0] for line in told()})


def test_stop_sends_what_waits_first(broker: Broker, make: Make) -> None:
    node = make()
    wait_until_connected(node.link)
    node.link.send(state(f"switch/main/extension/{number}") for number in range(2000))
    node.link.stop(allowed(10.0))
    assert len(retained(broker, "switch/main/extension/+")) == 2000


def test_retained_state_is_there_again_after_the_broker_lost_its_store(broker: Broker, make: Make) -> None:
    node = make()
    node.link.send(state(f"switch/main/extension/{number}", b"%d" % number) for number in range(200))
    node.link.send([Publication("switch/main/health", b"h", 0, True)])
    node.flush()
    broker.restart()
    expected = {f"switch/main/extension/{number}": b"%d" % number for number in range(200)}
    expected |= {"switch/main/health": b"h", AVAILABILITY: b"online"}
    with broker.bus().subscribe() as bus:
        bus.wait_for(lambda: expected.items() <= bus.latest.items())


def test_a_deletion_made_while_the_broker_was_away_happens_when_it_returns(
    persistent_broker: Broker, make: Make
) -> None:
    node = make(port=persistent_broker.port)
    node.link.send([state("switch/main/call/1"), state("switch/main/call/2")])
    node.flush()
    persistent_broker.stop()
    until(lambda: not node.link.connected)
    node.link.send([Publication("switch/main/call/1", b"", 1, True)])
    assert node.link.retained_topics == 1
    persistent_broker.start()
    assert b"call/1" in (persistent_broker.directory / "mosquitto.db").read_bytes()
    with persistent_broker.bus().subscribe() as bus:
        bus.wait_for(lambda: bus.latest.get(AVAILABILITY) == b"online" and "switch/main/call/1" not in bus.latest)
        assert "switch/main/call/2" in bus.latest


def test_only_the_last_value_of_a_topic_is_sent_after_an_outage(broker: Broker, make: Make) -> None:
    node = make()
    wait_until_connected(node.link)
    broker.kill()
    until(lambda: not node.link.connected)
    for number in range(500):
        node.link.send([state("switch/main/calls", b"%d" % number)])
    broker.start()
    with broker.bus().subscribe() as bus:
        bus.wait_for(lambda: bus.latest.get("switch/main/calls") == b"499")
        assert bus.payloads("switch/main/calls") == [b"499"]


def test_events_of_an_outage_come_later_in_order_and_once(broker: Broker, make: Make) -> None:
    node = make()
    wait_until_connected(node.link)
    broker.kill()
    until(lambda: not node.link.connected)
    node.link.send(Publication("switch/main/event/call/ended", b"%d" % number, 1, False) for number in range(300))
    node.link.send([Publication("switch/main/raw/HEARTBEAT", b"old", 0, False)])  # QoS 0: worth nothing later
    broker.start()
    with broker.bus().subscribe() as bus:
        bus.publish("ready")
        bus.wait_for(lambda: len(bus.payloads("switch/main/event/call/ended")) >= 300)
        node.flush()
        assert bus.payloads("switch/main/event/call/ended") == [b"%d" % number for number in range(300)]
        assert bus.payloads("switch/main/raw/HEARTBEAT") == []
    assert node.link.dropped == 1


def test_a_reading_of_5000_retained_topics_is_complete(broker: Broker, make: Make) -> None:
    writer = make(name="writer")
    writer.link.send(state(f"switch/writer/extension/{number}") for number in range(5000))
    writer.flush()
    reader = make(Subscription("switch/+/extension/+", "state"), name="reader")
    reader.wait_for(ended)
    assert [type(a) for a in reader.seen if not isinstance(a, Message)] == [
        Connected,
        ReadingBegan,
        ReadingEnded,
    ]
    assert ReadingEnded(complete=True) in reader.seen
    before = reader.seen[: reader.seen.index(ReadingEnded(complete=True))]
    assert len(set(topics(before))) == 5000
    assert reader.link.messages == 5000  # no marker, no availability of its own


def test_after_a_reconnect_the_reading_is_fresh(broker: Broker, make: Make) -> None:
    node = make(Subscription("switch/+/#", "state"))
    with broker.bus() as bus:
        bus.publish("switch/other/call/1", b"x", retain=True)
    node.wait_for(lambda seen: ended(seen) and "switch/other/call/1" in topics(seen))
    node.seen.clear()
    broker.restart()  # its store is gone
    node.wait_for(lambda seen: ReadingEnded(complete=True) in seen)
    assert [type(a) for a in node.seen] == [Lost, Connected, ReadingBegan, ReadingEnded]


def test_reading_again_tells_everything_again(broker: Broker, make: Make) -> None:
    node = make(Subscription("switch/other/#", "state"))
    with broker.bus() as bus:
        for number in range(10):
            bus.publish(f"switch/other/call/{number}", b"x", retain=True)
    node.wait_for(lambda seen: ended(seen) and len(topics(seen)) == 10)
    node.seen.clear()
    node.link.read_again()
    node.wait_for(ended)
    assert isinstance(node.seen[0], ReadingBegan)
    assert node.seen[-1] == ReadingEnded(complete=True)
    assert sorted(topics(node.seen)) == sorted(f"switch/other/call/{number}" for number in range(10))


def test_own_topics_are_read_once_and_then_left(broker: Broker, make: Make) -> None:
    with broker.bus() as bus:
        bus.publish("switch/main/today", b"restored", retain=True)
    node = make(Subscription("switch/main/#", "own"))
    node.wait_for(ended)
    assert topics(node.seen) == ["switch/main/today"]
    node.link.send([state("switch/main/calls")])
    node.flush()
    until(lambda: "Received UNSUBSCRIBE" in broker.log)
    node.link.send([state("switch/main/stats")])
    node.flush()
    node.seen += node.inbox.take(0.2)
    assert "switch/main/stats" not in topics(node.seen)


def test_a_stored_command_is_never_replayed_and_a_retained_one_says_so(broker: Broker, make: Make) -> None:
    with broker.bus() as bus:
        bus.publish("display/main/cmd/text", b"stored", retain=True)
        inbox = Inbox(is_command=lambda topic: "/cmd/" in topic)
        node = make(Subscription("display/main/cmd/+", "command"), inbox=inbox)
        node.wait_for(ended)
        bus.publish("display/main/cmd/text", b"flagged", retain=True)
        bus.publish("display/main/cmd/text", b"plain")
        node.wait_for(lambda seen: Message("display/main/cmd/text", b"plain", False, 1) in seen)
    assert [arrival for arrival in node.seen if isinstance(arrival, Message)] == [
        Message("display/main/cmd/text", b"flagged", True, 1),
        Message("display/main/cmd/text", b"plain", False, 1),
    ]


def test_own_availability_is_healed(broker: Broker, make: Make) -> None:
    wait_until_connected(make().link)
    with broker.bus().subscribe(AVAILABILITY) as bus:
        bus.wait_for(lambda: bus.latest.get(AVAILABILITY) == b"online")
        for wrong in (b"offline", b"", b"nonsense"):
            bus.publish(AVAILABILITY, wrong, retain=True)
            bus.wait_for(lambda: bus.messages[-1].payload == b"online")


def test_the_younger_of_two_processes_with_one_id_wins_and_the_loser_does_not_spin(
    broker: Broker, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "lampfield_bus.node.link"):
        first = make()
        wait_until_connected(first.link)
        make()
        first.wait_for(lambda seen: any(isinstance(arrival, Lost) for arrival in seen))
        lost = next(arrival for arrival in first.seen if isinstance(arrival, Lost))
        time.sleep(4.0)
    assert "another process" in lost.reason
    # 0.25, 0.5, 1, 2, 4 … s, halved at most, for each of the two
    assert len([record for record in caplog.records if record.message.startswith("connected to")]) < 14


@pytest.fixture
def keepalive(monkeypatch: pytest.MonkeyPatch) -> float:
    """A short one, in seconds; tests/unit/lampfield_bus/node/test_link.py reads the product's own off the wire."""
    monkeypatch.setattr("lampfield_bus.node.link.KEEPALIVE_SECONDS", 2)
    return 2.0


def test_a_paused_broker_is_noticed_and_nothing_is_lost(broker: Broker, make: Make, keepalive: float) -> None:
    node = make()
    wait_until_connected(node.link)
    broker.pause()
    try:
        node.link.send(state(f"switch/main/extension/{number}") for number in range(500))
        node.wait_for(lambda seen: any(isinstance(arrival, Lost) for arrival in seen), limit=2 * keepalive + 10)
    finally:
        broker.resume()
    wait_until_connected(node.link, 15.0)
    node.flush()
    assert len(retained(broker, "switch/main/extension/+")) == 500


def test_an_idle_link_notices_a_paused_broker_too(broker: Broker, make: Make, keepalive: float) -> None:
    node = make()
    wait_until_connected(node.link)
    broker.pause()
    began = time.monotonic()
    try:
        node.wait_for(lambda seen: any(isinstance(arrival, Lost) for arrival in seen), limit=2 * keepalive + 10)
    finally:
        broker.resume()
    assert time.monotonic() - began > keepalive


@pytest.mark.parametrize("broken", ["killed", "paused", "never there"])
def test_stop_is_quick_whatever_the_broker_does(broker: Broker, make: Make, broken: str) -> None:
    if broken == "never there":
        broker.kill()
    node = make()
    if broken != "never there":
        wait_until_connected(node.link)
        broker.pause() if broken == "paused" else broker.kill()
    node.link.send(state(f"switch/main/extension/{number}", b"x" * 2000) for number in range(5000))
    began = time.monotonic()
    node.link.stop()
    assert time.monotonic() - began < allowed(3)
    broker.resume() if broken == "paused" else None


def test_a_stop_that_a_paused_broker_missed_leaves_offline_behind(broker: Broker, make: Make) -> None:
    node = make()
    wait_until_connected(node.link)
    broker.pause()
    node.link.stop()
    broker.resume()
    with broker.bus().subscribe(AVAILABILITY) as bus:
        bus.wait_for(lambda: bus.latest.get(AVAILABILITY) == b"offline")


def test_what_raises_in_a_callback_does_not_end_the_network_thread(broker: Broker, make: Make) -> None:
    def is_critical(message: Message) -> bool:
        raise RuntimeError("bad decoder")

    inbox = Inbox(is_command=lambda topic: "/cmd/" in topic, is_critical=is_critical)
    node = make(Subscription("display/main/cmd/+", "command"), Subscription("switch/+/calls", "state"), inbox=inbox)
    node.wait_for(ended)
    with broker.bus() as bus:
        bus.publish("display/main/cmd/text", b"boom")
        bus.publish("switch/other/calls", b"1")
    node.wait_for(lambda seen: Message("switch/other/calls", b"1", False, 1) in seen)
    assert node.link.alive
    assert node.link.connected


def test_threads_end_with_the_link(broker: Broker, make: Make) -> None:
    before = threading.active_count()
    node = make()
    wait_until_connected(node.link)
    node.link.stop()
    until(lambda: threading.active_count() <= before)


def test_many_publishers_in_many_threads_lose_nothing(broker: Broker, make: Make) -> None:
    node = make()

    def write(writer: int) -> None:
        for number in range(300):
            node.link.send([state(f"switch/main/extension/{writer}-{number}", b"%d" % number)])

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    until(lambda: node.link.connected)
    node.flush()
    assert len(retained(broker, "switch/main/extension/+")) == 1800


def test_whatever_happens_to_the_broker_it_holds_what_was_said_last_in_the_end(broker: Broker, make: Make) -> None:
    node = make()
    chance = Random(20261122)  # a seed, so that a failure comes again
    said: dict[str, bytes] = {}
    for blow in (broker.restart, broker.restart, broker.pause, broker.resume, broker.restart):
        if blow != broker.resume:  # not `is`: a method is bound anew each time that it is named
            until(lambda: node.link.connected)
        for number in range(400):
            topic = f"switch/main/call/{chance.randrange(60)}"
            said[topic] = b"" if chance.random() < 0.4 else b"%d" % number
            node.link.send([Publication(topic, said[topic], 1, True)])
            if number == 200:
                blow()
    until(lambda: node.link.connected)
    node.flush()
    assert retained(broker, "switch/main/call/+") == {topic: payload for topic, payload in said.items() if payload}
    assert node.link.retained_topics == len([payload for payload in said.values() if payload])


def test_a_reader_that_fell_behind_is_told_everything_again(
    broker: Broker, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lampfield_bus.node.sender.REREADING_SECONDS", 0.5)
    writer = make(name="writer")
    writer.link.send(state(f"switch/writer/extension/{number}") for number in range(80))
    writer.flush()
    reader = make(Subscription("switch/writer/extension/+", "state"), name="reader", inbox=Inbox(state_bound=100))
    reader.wait_for(ended)
    reader.seen.clear()
    writer.link.send(state(f"switch/writer/extension/{number}") for number in range(80, 200))
    writer.flush()
    until(lambda: reader.link.dropped > 0)  # 120 new topics, and room for 100
    board: set[str] = set()
    end = time.monotonic() + allowed(15)
    while len(board) < 200:
        assert time.monotonic() < end, f"{len(board)} of 200 topics"
        board.update(topics(reader.inbox.take(0.05)))
