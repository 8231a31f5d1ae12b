"""lampfield_bus.node.inbox."""

import threading
import time

from hypothesis import given
from hypothesis import strategies as st

from lampfield_bus.node.arrivals import Arrival, Connected, Lost, Message, ReadingBegan, ReadingEnded
from lampfield_bus.node.inbox import COMMAND_BYTES, REFUSED_BYTES, Inbox
from support.waiting import until


def is_command(topic: str) -> bool:
    return topic.startswith("cmd")


def command(payload: bytes, topic: str = "cmd") -> Message:
    return Message(topic, payload)


def put(inbox: Inbox, *arrivals: Arrival) -> Inbox:
    for arrival in arrivals:
        inbox.put(arrival)
    return inbox


def test_arrivals_come_out_once_and_in_order() -> None:
    arrivals: list[Arrival] = [
        Connected(),
        ReadingBegan(),
        Message("a", b"1"),
        ReadingEnded(complete=True),
        Message("b", b"2"),
    ]
    inbox = put(Inbox(), *arrivals)
    assert inbox.drain() == arrivals
    assert inbox.drain() == []


def test_state_waits_once_per_topic_and_the_newest_stands_where_it_came() -> None:
    inbox = put(Inbox(), Message("a", b"1"), Message("b", b"1"), ReadingEnded(complete=True), Message("a", b"2"))
    assert inbox.drain() == [Message("b", b"1"), ReadingEnded(complete=True), Message("a", b"2")]


def test_a_deletion_takes_the_place_of_what_it_deletes() -> None:
    assert put(Inbox(), Message("a", b"1"), Message("a", b"")).drain() == [Message("a", b"")]


def test_commands_are_never_coalesced() -> None:
    inbox = put(Inbox(is_command=is_command), command(b"1"), command(b"1"), command(b"2"))
    assert inbox.drain() == [command(b"1"), command(b"1"), command(b"2")]


def test_of_a_command_that_is_too_long_only_so_much_waits_as_shows_that() -> None:
    inbox = put(Inbox(is_command=is_command), command(b"x" * 1_000_000), Message("a", b"y" * 1_000_000))
    assert inbox.drain() == [command(b"x" * COMMAND_BYTES), Message("a", b"y" * 1_000_000)]


def test_a_loss_makes_waiting_state_moot_but_no_command() -> None:
    inbox = Inbox(is_command=is_command)
    put(inbox, Connected(), ReadingBegan(), Message("a", b"1"), command(b"1"), Lost("gone"))
    assert inbox.drain() == [command(b"1"), Lost("gone")]


def test_a_new_reading_makes_waiting_state_moot_but_no_command() -> None:
    inbox = Inbox(is_command=is_command)
    put(inbox, Connected(), ReadingBegan(), Message("a", b"1"), ReadingEnded(complete=True), command(b"1"))
    put(inbox, ReadingBegan(), Message("b", b"1"))
    assert inbox.drain() == [Connected(), command(b"1"), ReadingBegan(), Message("b", b"1")]


def test_a_flapping_link_fills_nothing() -> None:
    inbox = Inbox()
    for _ in range(10_000):
        put(inbox, Lost("x"), Connected(), ReadingBegan(), Message("a", b""), ReadingEnded(complete=True))
    assert len(inbox.drain()) == 5


def test_a_flood_of_topics_is_bounded_counted_and_asks_for_a_new_reading() -> None:
    inbox = Inbox()
    inbox.put(ReadingBegan())
    for number in range(100_000):
        inbox.put(Message(f"switch/main/call/{number}", b"x"))
    inbox.put(ReadingEnded(complete=True))
    assert not inbox.wants_reading()  # not while the reader is behind: it would only overflow again
    arrivals = inbox.drain()
    assert len(arrivals) == 50_002
    assert arrivals[-1] == ReadingEnded(complete=False)
    assert inbox.dropped == 50_000
    assert inbox.wants_reading()
    inbox.put(ReadingBegan())
    assert not inbox.wants_reading()


def test_a_known_topic_still_finds_room_when_full() -> None:
    inbox = put(Inbox(state_bound=2), Message("a", b"1"), Message("b", b"1"), Message("a", b"2"), Message("c", b"1"))
    assert inbox.drain() == [Message("b", b"1"), Message("a", b"2")]
    assert inbox.dropped == 1


def test_when_commands_are_full_the_oldest_is_refused_once() -> None:
    inbox = Inbox(is_command=is_command, command_bound=2)
    put(inbox, command(b"1"), command(b"2"), command(b"3"))
    assert inbox.drain() == [command(b"2"), command(b"3")]
    assert inbox.refused() == [command(b"1")]
    assert inbox.refused() == []
    assert inbox.dropped == 1


def test_critical_commands_have_a_room_of_their_own() -> None:
    inbox = Inbox(
        is_command=is_command,
        is_critical=lambda message: message.payload.startswith(b"!"),
        command_bound=1,
        critical_bound=2,
    )
    put(inbox, command(b"!1"), command(b"a"), command(b"b"), command(b"!2"), command(b"!3"))
    assert inbox.drain() == [command(b"b"), command(b"!2"), command(b"!3")]
    assert inbox.refused() == [command(b"a"), command(b"!1")]


def test_of_critical_commands_with_one_key_the_newest_wins() -> None:
    inbox = Inbox(is_command=is_command, is_critical=lambda _: True, critical_key=lambda message: message.payload[:1])
    put(inbox, command(b"a1"), command(b"b1"), command(b"a2"))
    assert inbox.drain() == [command(b"b1"), command(b"a2")]
    assert inbox.refused() == [command(b"a1")]


def test_refused_commands_are_bounded_too() -> None:
    inbox = Inbox(is_command=is_command, command_bound=3, refused_bound=4)
    for number in range(1000):
        inbox.put(command(b"%d" % number))
    assert len(inbox.refused()) == 4
    assert len(inbox.drain()) == 3


def test_each_command_of_a_flood_is_either_taken_or_refused() -> None:
    inbox = Inbox(is_command=is_command)
    flood = [command(b"%d" % number) for number in range(10_000)]
    put(inbox, *flood)
    assert [*inbox.refused(), *inbox.drain()] == flood


def test_what_is_refused_is_kept_without_a_long_payload() -> None:
    inbox = Inbox(is_command=is_command, command_bound=1)
    put(inbox, command(b"x" * REFUSED_BYTES), command(b"x" * (REFUSED_BYTES + 1)), command(b""))
    assert [len(message.payload) for message in inbox.refused()] == [REFUSED_BYTES, 0]


def test_rooms_are_empty_again_after_a_drain() -> None:
    inbox = Inbox(is_command=is_command, is_critical=lambda _: True, critical_key=lambda _: "k", critical_bound=1)
    for _ in range(3):
        inbox.put(command(b"1"))
        assert inbox.drain() == [command(b"1")]
    assert inbox.refused() == []


def test_take_waits_no_longer_than_told() -> None:
    began = time.monotonic()
    assert Inbox().take(0.05) == []
    assert time.monotonic() - began < 2.0
    assert Inbox().take(-1.0) == []


def test_take_is_woken_by_an_arrival() -> None:
    inbox = Inbox()
    taken: list[Arrival] = []
    reader = threading.Thread(target=lambda: taken.extend(inbox.take(10.0)))
    reader.start()
    inbox.put(Connected())
    reader.join(5.0)
    assert taken == [Connected()]


def test_notify_wakes_a_take_that_waits_and_the_next_one() -> None:
    inbox = Inbox()
    inbox.notify()
    began = time.monotonic()
    assert inbox.take(10.0) == []
    reader = threading.Thread(target=inbox.take, args=(30.0,))
    reader.start()

    def woken() -> bool:
        inbox.notify()
        return not reader.is_alive()

    until(woken)
    assert time.monotonic() - began < 10.0


def test_wake_is_called_after_every_put_and_may_look_inside() -> None:
    seen: list[int] = []
    inbox = Inbox(wake=lambda: seen.append(len(inbox.drain())))
    put(inbox, Connected(), Message("a", b"1"))
    assert seen == [1, 1]


transitions = st.sampled_from([Connected(), Lost("x"), ReadingBegan(), ReadingEnded(complete=True)])
messages = st.builds(Message, st.sampled_from(["a", "b", "c", "cmd"]), st.sampled_from([b"", b"1", b"2"]))


@given(st.lists(transitions | messages, max_size=60), st.integers(1, 8))
def test_a_reader_that_lags_ends_with_the_picture_of_one_that_does_not(arrivals: list[Arrival], pace: int) -> None:
    """Both fold what they take into a board: a reading collects afresh and is swapped in at its end."""
    inbox = Inbox(is_command=is_command, command_bound=3)
    lagging, prompt = _Board(), _Board()
    refused = 0
    for number, arrival in enumerate(arrivals):
        prompt.fold([arrival])
        inbox.put(arrival)
        if number % pace == 0:
            lagging.fold(inbox.drain())
            refused += len(inbox.refused())
    lagging.fold(inbox.drain())
    refused += len(inbox.refused())
    assert lagging.commands + refused == prompt.commands
    assert lagging.connected == prompt.connected
    if prompt.settled:
        assert lagging.state == prompt.state


class _Board:
    """A reader's board, as DESIGN.md's *Reading state* has it."""

    def __init__(self) -> None:
        self.state: dict[str, bytes] = {}
        self.fresh: dict[str, bytes] | None = None
        self.commands = 0
        self.connected = False
        self.settled = False  # a whole reading came since the last loss, so the picture is defined

    def fold(self, arrivals: list[Arrival]) -> None:
        for arrival in arrivals:
            if isinstance(arrival, Message):
                self._message(arrival)
            elif isinstance(arrival, ReadingBegan):
                self.fresh, self.settled = {}, False
            elif isinstance(arrival, ReadingEnded):
                if self.fresh is not None:
                    self.state, self.fresh, self.settled = self.fresh, None, True
            else:
                self.connected = isinstance(arrival, Connected)
                self.fresh, self.settled = None, False

    def _message(self, message: Message) -> None:
        if is_command(message.topic):
            self.commands += 1
            return
        board = self.state if self.fresh is None else self.fresh
        if message.payload:
            board[message.topic] = message.payload
        else:
            board.pop(message.topic, None)
