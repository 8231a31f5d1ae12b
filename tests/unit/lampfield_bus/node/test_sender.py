"""lampfield_bus.node.sender, turn by turn on a wire and a clock of the test's own: no thread, no broker."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from lampfield_bus.messages import Publication
from lampfield_bus.node.arrivals import Connected, Lost, Message, ReadingBegan, ReadingEnded
from lampfield_bus.node.inbox import Inbox
from lampfield_bus.node.outbox import Outbox
from lampfield_bus.node.sender import WINDOW, Sender, Subscription

AVAILABILITY = "switch/main/availability"
FENCE = "switch/main/fence"
COMMANDS = Subscription("display/main/cmd/+", "command")
STATES = Subscription("switch/+/#", "state")
OWN = Subscription("switch/main/#", "own")


@dataclass
class FakeWire:
    """A connection that records what is sent and answers only when the test does."""

    window: int = WINDOW
    sent: list[object] = field(default_factory=list)
    dead: bool = False
    aborted: str = ""
    refuses: str = ""
    number: int = 0

    def subscribe(self, subscriptions: Sequence[Subscription]) -> int | None:
        self.number += 1
        self.sent.append(("subscribe", [item.filter for item in subscriptions]))
        return self.number

    def unsubscribe(self, filters: Sequence[str]) -> None:
        self.sent.append(("unsubscribe", list(filters)))

    def publish(self, publication: Publication) -> int | None:
        if publication.topic == self.refuses:
            raise ValueError("too large")
        if self.dead:
            return None
        self.number += 1
        self.sent.append(publication)
        return self.number

    def leave(self, *, with_will: bool) -> None:
        self.sent.append(("leave", with_will))

    def abort(self, reason: str) -> None:
        self.aborted = reason

    def last(self) -> object:
        return self.sent[-1]

    def topics(self) -> list[str]:
        return [item.topic for item in self.sent if isinstance(item, Publication)]


class Desk:
    """A sender with everything around it."""

    def __init__(self, *subscriptions: Subscription, inbox: Inbox | None = None) -> None:
        self.now = 100.0
        self.inbox = inbox or Inbox()
        self.outbox = Outbox()
        self.tokens = (f"token-{number}" for number in range(1, 100))
        self.sender = Sender(
            self.outbox,
            self.inbox,
            subscriptions,
            availability=AVAILABILITY,
            fence=FENCE,
            monotonic=lambda: self.now,
            token=lambda: next(self.tokens),
        )

    def connected(self) -> bool:
        return self.sender.connected

    def subscribe(self, wire: FakeWire | None = None) -> FakeWire:
        """Up to the subscriptions, which nobody has acknowledged yet."""
        wire = wire or FakeWire()
        self.sender.opened(wire)
        self.sender.turn()
        return wire

    def connect(self, wire: FakeWire | None = None) -> FakeWire:
        """Up to the acknowledged subscriptions."""
        wire = self.subscribe(wire)
        self.sender.subscribed(wire, wire.number, [])
        self.sender.turn()
        return wire

    def acknowledge(self, wire: FakeWire, *numbers: int) -> None:
        for number in numbers:
            self.sender.published(wire, number, "")
        self.sender.turn()

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.sender.turn()


def state(topic: str, payload: bytes = b"1") -> Publication:
    return Publication(topic, payload, 1, True)


def test_after_connecting_come_subscriptions_marker_online_state_events_in_this_order() -> None:
    desk = Desk(COMMANDS, STATES)
    desk.sender.send([Publication("event", b"e", 1, False), state("a")])
    wire = desk.subscribe()
    assert wire.sent == [("subscribe", [FENCE, AVAILABILITY, COMMANDS.filter, STATES.filter])]
    assert not desk.connected()
    desk.sender.subscribed(wire, 1, [])
    desk.sender.turn()
    assert desk.connected()
    assert wire.sent[1:] == [
        Publication(FENCE, b"token-1", 1, False),
        Publication(AVAILABILITY, b"online", 1, True),
        state("a"),
        Publication("event", b"e", 1, False),
    ]


def test_a_reading_ends_when_the_marker_comes_back() -> None:
    desk = Desk(STATES)
    desk.connect()
    desk.sender.marker(b"somebody else's")
    desk.sender.marker(b"token-1")
    desk.sender.marker(b"token-1")
    assert desk.inbox.drain() == [Connected(), ReadingBegan(), ReadingEnded(complete=True)]


def test_a_reading_ends_incomplete_after_two_seconds_and_a_late_marker_is_ignored() -> None:
    desk = Desk(STATES)
    desk.connect()
    desk.wait(1.9)
    assert desk.inbox.drain() == [Connected(), ReadingBegan()]
    desk.wait(0.2)
    desk.sender.marker(b"token-1")
    assert desk.inbox.drain() == [ReadingEnded(complete=False)]


def test_a_reading_goes_on_while_retained_messages_come_but_not_for_ever() -> None:
    desk = Desk(STATES)
    desk.connect()
    desk.inbox.drain()
    for _ in range(12):  # 18 s
        desk.wait(1.5)
        desk.sender.stored()
        assert desk.inbox.drain() == []
    desk.wait(1.9)
    desk.sender.stored()
    assert desk.inbox.drain() == []
    desk.wait(0.2)
    assert desk.inbox.drain() == [ReadingEnded(complete=False)]


def test_a_reading_ends_incomplete_also_when_the_subscription_is_never_acknowledged() -> None:
    desk = Desk(STATES)
    wire = desk.subscribe()
    desk.wait(19.9)
    assert desk.inbox.drain() == [Connected(), ReadingBegan()]
    desk.wait(0.2)
    assert desk.inbox.drain() == [ReadingEnded(complete=False)]
    desk.sender.subscribed(wire, 1, [])
    desk.sender.turn()
    assert FENCE not in wire.topics()
    assert desk.sender.connected


def test_a_broker_that_is_slow_to_grant_subscriptions_is_read_whole() -> None:
    """Else a display would keep what was deleted meanwhile, and write over its own settings before they came."""
    desk = Desk(STATES)
    wire = desk.subscribe()
    desk.wait(4.0)
    desk.sender.stored()  # some brokers send what is retained before they grant
    desk.wait(4.0)
    assert desk.inbox.drain() == [Connected(), ReadingBegan()]
    desk.sender.subscribed(wire, 1, [])
    desk.wait(1.9)
    assert wire.sent[1] == Publication(FENCE, b"token-1", 1, False)
    desk.sender.marker(b"token-1")
    assert desk.inbox.drain() == [ReadingEnded(complete=True)]


def test_reading_again_subscribes_to_state_anew_with_a_new_marker() -> None:
    desk = Desk(COMMANDS, STATES)
    wire = desk.connect()
    desk.sender.marker(b"token-1")
    desk.inbox.drain()
    desk.sender.read_again()
    desk.sender.turn()
    assert wire.last() == ("subscribe", [STATES.filter])
    desk.sender.subscribed(wire, wire.number, [])
    desk.sender.turn()
    assert wire.last() == Publication(FENCE, b"token-2", 1, False)
    desk.sender.marker(b"token-1")  # of the reading before
    assert desk.inbox.drain() == [ReadingBegan()]


def test_reading_again_without_subscriptions_to_state_does_nothing() -> None:
    desk = Desk(COMMANDS)
    wire = desk.connect()
    before = list(wire.sent)
    desk.sender.read_again()
    desk.sender.turn()
    assert wire.sent == before


def test_own_topics_are_left_as_soon_as_they_are_read_after_each_connect() -> None:
    desk = Desk(OWN)
    for number in (1, 2):
        wire = desk.connect()
        assert ("unsubscribe", [OWN.filter]) not in wire.sent
        desk.sender.marker(b"token-%d" % number)
        desk.sender.turn()
        assert wire.sent.count(("unsubscribe", [OWN.filter])) == 1
        desk.sender.turn()
        assert wire.sent.count(("unsubscribe", [OWN.filter])) == 1
        desk.sender.closed("gone")
        desk.sender.turn()


def test_an_overflowed_inbox_gets_a_new_reading_but_not_more_often_than_every_ten_seconds() -> None:
    desk = Desk(STATES, inbox=Inbox(state_bound=0))
    wire = desk.connect()
    desk.sender.marker(b"token-1")

    def overflow() -> None:
        desk.inbox.put(_message())
        desk.inbox.drain()
        desk.sender.turn()

    overflow()
    assert wire.sent.count(("subscribe", [STATES.filter])) == 0
    desk.now += 10.0
    overflow()
    assert wire.sent.count(("subscribe", [STATES.filter])) == 1
    desk.now += 3.0
    overflow()
    assert wire.sent.count(("subscribe", [STATES.filter])) == 1


def _message() -> Message:
    return Message("switch/main/calls", b"1")


def test_never_more_than_the_window_is_under_way() -> None:
    desk = Desk()
    desk.sender.send(state(f"t/{number}") for number in range(100))
    wire = desk.connect()
    before = wire.topics().index("t/0")
    assert len(wire.topics()) - before == WINDOW
    desk.acknowledge(wire, wire.number, wire.number - 1)
    assert len(wire.topics()) - before == WINDOW + 2


def test_a_brokers_smaller_window_counts() -> None:
    desk = Desk()
    desk.sender.send(state(f"t/{number}") for number in range(100))
    wire = desk.connect(FakeWire(window=5))
    assert len([topic for topic in wire.topics() if topic.startswith("t/")]) == 5


def test_acknowledgements_of_a_dead_connection_count_for_nothing() -> None:
    desk = Desk()
    old = desk.connect()
    desk.sender.send([state("a")])
    desk.sender.turn()
    number = old.number
    desk.sender.closed("gone")
    new = FakeWire(number=number - 4)  # so that the numbers of both meet
    desk.connect(new)
    desk.acknowledge(old, number)
    assert not desk.outbox.idle


def test_what_was_under_way_is_sent_again_on_the_next_connection() -> None:
    desk = Desk()
    desk.connect()
    desk.sender.send([state("a"), Publication("event", b"e", 1, False)])
    desk.sender.turn()
    desk.sender.closed("gone")
    desk.sender.turn()
    wire = desk.connect()
    assert wire.topics() == [FENCE, AVAILABILITY, "a", "event"]


def test_nothing_is_lost_when_the_connection_goes_in_the_middle_of_a_batch() -> None:
    desk = Desk()
    wire = desk.connect()
    wire.dead = True
    desk.sender.send([state("a"), state("b")])
    desk.sender.turn()
    desk.sender.closed("gone")
    desk.sender.turn()
    assert desk.connect().topics()[-2:] == ["a", "b"]


def test_a_loss_is_told_once_however_often_it_tries() -> None:
    desk = Desk()
    for _ in range(3):
        desk.sender.closed("refused")
        desk.sender.turn()
    desk.connect()
    for reason in ("gone", "refused"):
        desk.sender.closed(reason)
        desk.sender.turn()
    assert desk.inbox.drain() == [Lost("gone")]  # the inbox drops what the loss made moot
    assert not desk.sender.connected


def test_availability_is_said_again_when_it_reads_otherwise() -> None:
    desk = Desk()
    wire = desk.connect()
    desk.sender.availability(b"online")
    desk.sender.turn()
    assert wire.topics().count(AVAILABILITY) == 1
    desk.sender.availability(b"offline")
    desk.sender.turn()
    desk.sender.turn()
    assert wire.topics().count(AVAILABILITY) == 2
    assert wire.last() == Publication(AVAILABILITY, b"online", 1, True)


def test_while_stopping_offline_is_what_it_shall_read() -> None:
    desk = Desk()
    wire = desk.connect()
    desk.sender.stop(desk.now + 1, desk.now + 2)
    desk.sender.turn()
    assert wire.last() == Publication(AVAILABILITY, b"offline", 1, True)
    desk.sender.availability(b"offline")
    desk.sender.turn()
    assert wire.last() == Publication(AVAILABILITY, b"offline", 1, True)


def test_a_stop_flushes_then_says_offline_then_leaves() -> None:
    desk = Desk()
    wire = desk.connect()
    desk.sender.send([state("a")])
    desk.sender.stop(desk.now + 1, desk.now + 2)
    desk.sender.turn()
    assert wire.last() == state("a")
    desk.acknowledge(wire, wire.number)
    assert wire.last() == Publication(AVAILABILITY, b"offline", 1, True)
    desk.acknowledge(wire, wire.number)
    assert wire.last() == ("leave", False)


def test_a_stop_in_front_of_a_silent_broker_leaves_with_its_will() -> None:
    desk = Desk()
    wire = desk.connect()
    desk.sender.send([state("a")])
    desk.sender.stop(desk.now + 1, desk.now + 2)
    desk.wait(1.1)
    assert wire.last() == Publication(AVAILABILITY, b"offline", 1, True)
    desk.wait(1.0)
    assert wire.last() == ("leave", True)


@pytest.mark.parametrize("when", ["never connected", "lost"])
def test_a_stop_without_a_connection_ends_the_thread_at_once(when: str) -> None:
    desk = Desk()
    if when == "lost":
        desk.connect()
        desk.sender.closed("gone")
    desk.sender.stop(desk.now + 60, desk.now + 120)
    thread = threading.Thread(target=desk.sender.run)
    thread.start()
    thread.join(5.0)
    assert not thread.is_alive()


def test_a_broker_that_acknowledges_nothing_is_left_after_ten_seconds() -> None:
    desk = Desk()
    wire = desk.connect()
    desk.wait(60.0)
    assert not wire.aborted  # nothing was under way
    desk.sender.send([state("a")])
    desk.sender.turn()
    desk.wait(9.0)
    assert not wire.aborted
    desk.wait(2.0)
    assert "acknowledged" in wire.aborted


def test_what_no_packet_can_carry_is_dropped_logged_once_and_holds_up_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    desk = Desk()
    wire = desk.connect(FakeWire(refuses="big"))
    for _ in range(3):
        desk.sender.send([state("big"), state("a")])
        desk.sender.turn()
    assert wire.topics()[-1] == "a"
    assert desk.outbox.dropped == 3
    assert [record.message for record in caplog.records] == ["big: not sent: too large"]


def test_refusals_are_logged_once_and_count_as_done(caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk(STATES)
    wire = desk.subscribe()
    desk.sender.subscribed(wire, 1, ["", "", "Not authorized"])
    desk.sender.turn()
    for payload in (b"1", b"2"):
        desk.sender.send([state("a", payload)])
        desk.sender.turn()
        desk.sender.published(wire, wire.number, "Not authorized")
        desk.sender.turn()
    assert desk.outbox.idle
    assert [record.message for record in caplog.records] == [
        "switch/+/#: the broker refused the subscription: Not authorized",
        "a: the broker refused it: Not authorized",
    ]


def test_flush_tells_whether_everything_was_acknowledged() -> None:
    desk = Desk()
    wire = desk.connect()
    assert desk.sender.flush(0.0)
    desk.sender.send([state("a")])
    assert not desk.sender.flush(0.01)
    desk.sender.turn()
    waiter = threading.Thread(target=desk.acknowledge, args=(wire, wire.number))
    waiter.start()
    assert desk.sender.flush(5.0)
    waiter.join()


def test_without_an_availability_it_says_nothing_of_itself() -> None:
    desk = Desk()
    sender = Sender(desk.outbox, desk.inbox, [STATES], availability=None, fence=FENCE, monotonic=lambda: desk.now)
    wire = FakeWire()
    sender.opened(wire)
    sender.turn()
    assert wire.sent == [("subscribe", [FENCE, STATES.filter])]
    sender.subscribed(wire, 1, [])
    sender.turn()
    assert wire.topics() == [FENCE]
    sender.stop(desk.now, desk.now)
    sender.turn()
    assert wire.last() == ("leave", False)


def test_anothers_marker_is_answered_with_online_and_ones_own_is_not() -> None:
    desk = Desk(STATES)
    wire = desk.connect()
    said = wire.topics().count(AVAILABILITY)
    desk.sender.marker(b"token-1")
    desk.sender.turn()
    assert wire.topics().count(AVAILABILITY) == said

    desk.sender.marker(b"somebody")
    desk.sender.turn()
    assert wire.last() == Publication(AVAILABILITY, b"online", 1, True)
