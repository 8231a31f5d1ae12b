"""lampfield_bus.node.outbox."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from lampfield_bus.messages import Publication
from lampfield_bus.node.outbox import Outbox, Ticket


def state(topic: str, payload: bytes = b"1", qos: int = 1) -> Publication:
    return Publication(topic, payload, qos, True)


def event(payload: bytes, qos: int = 1) -> Publication:
    return Publication("event", payload, qos, False)


def connected(**bounds: int) -> Outbox:
    outbox = Outbox(**bounds)
    outbox.connected()
    return outbox


def taken(outbox: Outbox, limit: int = 100) -> list[Publication]:
    """Takes and acknowledges."""
    batch = outbox.take(limit)
    for ticket, _ in batch:
        outbox.done(ticket)
    return [publication for _, publication in batch]


def test_publications_leave_in_the_order_in_which_they_came() -> None:
    outbox = connected()
    outbox.put([state("a"), event(b"1"), state("b"), event(b"2")])
    assert taken(outbox) == [state("a"), event(b"1"), state("b"), event(b"2")]
    assert outbox.idle


def test_a_waiting_topic_keeps_its_place_and_takes_the_newest_value() -> None:
    outbox = connected()
    outbox.put([state("a", b"1"), state("b"), state("a", b"2")])
    assert taken(outbox) == [state("a", b"2"), state("b")]


def test_the_newest_value_stays_packed_and_its_topic_is_held_once() -> None:
    outbox = connected()
    first, again = "".join(["to", "pic"]), "".join(["top", "ic"])
    outbox.put([Publication(first, b"one", 0, True, bytes.upper)])
    outbox.put([Publication(again, b"two", 0, True, bytes.upper)])
    [publication] = taken(outbox)
    assert (publication.topic is first, publication.content, publication.payload) == (True, b"TWO", b"two")


def test_a_value_that_is_under_way_is_followed_by_the_next() -> None:
    outbox = connected()
    outbox.put([state("a", b"1")])
    [(first, _)] = outbox.take(9)
    outbox.put([state("a", b"2")])
    [(second, publication)] = outbox.take(9)
    assert publication == state("a", b"2")
    outbox.done(first)
    outbox.done(second)
    assert outbox.idle


def test_no_more_is_taken_than_asked_for() -> None:
    outbox = connected()
    outbox.put([state("a"), state("b"), state("c")])
    assert len(outbox.take(2)) == 2
    assert (outbox.under_way, outbox.waiting) == (2, 1)
    assert outbox.take(0) == []
    assert outbox.take(-1) == []


def test_after_a_reconnect_all_retained_state_is_sent_again_and_then_the_events() -> None:
    outbox = connected()
    outbox.put([state("a"), state("b")])
    taken(outbox)
    outbox.put([event(b"1")])
    outbox.take(9)  # under way when the connection goes
    outbox.lost()
    outbox.put([event(b"2"), state("c"), state("a", b"2")])
    outbox.connected()
    assert taken(outbox) == [state("a", b"2"), state("b"), state("c"), event(b"1"), event(b"2")]


def test_an_acknowledged_event_is_not_sent_again() -> None:
    outbox = connected()
    outbox.put([event(b"1")])
    taken(outbox)
    outbox.lost()
    outbox.connected()
    assert outbox.take(9) == []


def test_a_deletion_stays_until_it_is_acknowledged_and_is_then_forgotten() -> None:
    outbox = connected()
    outbox.put([state("a")])
    taken(outbox)
    outbox.put([state("a", b"")])
    assert outbox.retained_topics == 0
    outbox.take(9)
    outbox.lost()  # unacknowledged
    outbox.connected()
    assert taken(outbox) == [state("a", b"")]
    outbox.lost()
    outbox.connected()
    assert outbox.take(9) == []


def test_a_topic_that_lives_again_is_no_tombstone() -> None:
    outbox = connected()
    outbox.put([state("a", b"")])
    [(deletion, _)] = outbox.take(9)
    outbox.put([state("a", b"2")])
    outbox.done(deletion)  # late, for what is deleted no more
    assert outbox.retained_topics == 1
    assert taken(outbox) == [state("a", b"2")]
    outbox.connected()
    assert taken(outbox) == [state("a", b"2")]


def test_a_late_acknowledgement_of_an_older_deletion_forgets_no_newer_one() -> None:
    outbox = connected()
    outbox.put([state("a", b"")])
    [(older, _)] = outbox.take(9)
    outbox.put([state("a", b"2"), state("a", b"")])
    outbox.done(older)
    assert taken(outbox) == [state("a", b"")]


def test_a_deletion_travels_at_qos_1_whatever_the_row_says() -> None:
    outbox = connected()
    outbox.put([state("frame", b"", qos=0)])
    assert taken(outbox) == [state("frame", b"", qos=1)]


def test_retained_state_at_qos_0_keeps_its_last_value_while_there_is_no_connection() -> None:
    outbox = Outbox()
    outbox.put([state("frame", b"1", qos=0), state("frame", b"2", qos=0)])
    outbox.connected()
    assert taken(outbox) == [state("frame", b"2", qos=0)]


def test_events_at_qos_0_are_dropped_and_counted_without_a_connection() -> None:
    outbox = Outbox()
    outbox.put([event(b"1", qos=0)])
    outbox.connected()
    outbox.put([event(b"2", qos=0)])
    outbox.take(9)
    outbox.put([event(b"3", qos=0)])
    outbox.lost()
    outbox.connected()
    assert outbox.take(9) == []
    assert outbox.dropped == 3


def test_of_too_many_events_the_oldest_go_and_are_counted() -> None:
    outbox = Outbox(event_bound=3)
    outbox.put(event(b"%d" % number) for number in range(10))
    outbox.connected()
    assert taken(outbox) == [event(b"7"), event(b"8"), event(b"9")]
    assert outbox.dropped == 7


def test_an_event_that_was_dropped_while_under_way_may_still_be_acknowledged() -> None:
    outbox = connected(event_bound=1)
    outbox.put([event(b"1")])
    [(ticket, _)] = outbox.take(9)
    outbox.put([event(b"2")])
    outbox.done(ticket)
    assert taken(outbox) == [event(b"2")]


def test_of_too_many_topics_the_oldest_tombstone_goes_else_the_newcomer() -> None:
    outbox = Outbox(retained_bound=3)
    outbox.put([state("a", b""), state("b", b""), state("c")])
    outbox.put([state("d"), state("e"), state("f"), state("c", b"2")])
    outbox.connected()
    assert taken(outbox) == [state("c", b"2"), state("d"), state("e")]
    assert outbox.dropped == 3


def test_an_unknown_ticket_is_nobodys() -> None:
    connected().done(99)


def test_a_large_outbox_is_emptied_in_linear_time() -> None:
    outbox = connected()
    outbox.put(state(f"t/{number}") for number in range(20_000))
    count = 0
    while batch := outbox.take(64):
        count += len(batch)
        for ticket, _ in batch:
            outbox.done(ticket)
    assert count == 20_000


class Bus(RuleBasedStateMachine):
    """A broker that takes, loses its store and goes at any moment: at rest it holds what was last said, and no more."""

    def __init__(self) -> None:
        super().__init__()
        self.outbox = Outbox()
        self.said: dict[str, bytes] = {}
        self.store: dict[str, bytes] = {}
        self.sent: list[tuple[Ticket, Publication]] = []
        self.online = False

    @rule(topic=st.sampled_from("abc"), payload=st.sampled_from([b"", b"1", b"2"]), qos=st.sampled_from([0, 1]))
    def say(self, topic: str, payload: bytes, qos: int) -> None:
        self.outbox.put([Publication(topic, payload, qos, True)])
        self.said[topic] = payload

    @precondition(lambda self: self.online)
    @rule(limit=st.integers(1, 3))
    def send(self, limit: int) -> None:
        self.sent += self.outbox.take(limit)

    @precondition(lambda self: self.sent)
    @rule()
    def acknowledge(self) -> None:
        ticket, publication = self.sent.pop(0)
        self.store[publication.topic] = publication.payload
        self.outbox.done(ticket)

    @rule(arrived=st.integers(0, 3), loses_store=st.booleans())
    def lose(self, arrived: int, loses_store: bool) -> None:
        for _, publication in self.sent[:arrived]:  # it got there; its acknowledgement did not come back
            self.store[publication.topic] = publication.payload
        if loses_store:
            self.store = {}
        self.sent = []
        self.online = False
        self.outbox.lost()

    @precondition(lambda self: not self.online)
    @rule()
    def connect(self) -> None:
        self.online = True
        self.outbox.connected()

    @invariant()
    def at_rest_the_broker_holds_what_was_said(self) -> None:
        if self.online and self.outbox.idle and not self.sent:
            assert {t: p for t, p in self.store.items() if p} == {t: p for t, p in self.said.items() if p}
        assert self.outbox.retained_topics == len([payload for payload in self.said.values() if payload])
        assert self.outbox.under_way == len(self.sent)


TestBus = Bus.TestCase


@given(st.lists(st.integers(0, 4), max_size=30))
def test_events_arrive_at_least_once_and_in_order(losses: list[int]) -> None:
    outbox = connected()
    outbox.put(event(b"%d" % number) for number in range(20))
    got: list[bytes] = []
    for lost_after in losses:
        for ticket, publication in outbox.take(5)[:lost_after]:
            got.append(publication.payload)
            outbox.done(ticket)
        outbox.lost()
        outbox.connected()
    got += [publication.payload for publication in taken(outbox)]
    assert got == [b"%d" % number for number in range(20)]
