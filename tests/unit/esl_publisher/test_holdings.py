from esl_publisher.holdings import Holdings, Reading
from lampfield_bus.messages import Publication
from lampfield_bus.node.arrivals import Arrival, Connected, Lost, Message, ReadingBegan, ReadingEnded


def test_a_reading_holds_what_came_between_its_beginning_and_its_end() -> None:
    holdings = Holdings()
    arrivals: list[Arrival] = [
        Connected(),
        Message("a", b"early"),
        ReadingBegan(),
        Message("a", b"1"),
        Message("b", b"2"),
    ]

    assert [holdings.receive(arrival) for arrival in arrivals] == [None] * 5
    assert holdings.receive(ReadingEnded(complete=True)) == Reading({"a": b"1", "b": b"2"}, complete=True)
    assert holdings.receive(ReadingEnded(complete=True)) is None


def test_a_reading_may_be_incomplete() -> None:
    holdings = Holdings()
    holdings.receive(ReadingBegan())
    assert holdings.receive(ReadingEnded(complete=False)) == Reading({}, complete=False)


def test_a_reading_that_the_connection_cut_short_is_none() -> None:
    holdings = Holdings()
    for arrival in (ReadingBegan(), Message("a", b"1"), Lost("gone")):
        holdings.receive(arrival)
    assert holdings.receive(ReadingEnded(complete=True)) is None


def test_a_deletion_is_no_holding() -> None:
    holdings = Holdings()
    for arrival in (ReadingBegan(), Message("a", b"")):
        holdings.receive(arrival)
    assert holdings.receive(ReadingEnded(complete=True)) == Reading({}, complete=True)


def test_what_was_neither_published_nor_inherited_is_a_ghost() -> None:
    holdings = Holdings()
    holdings.inherit({"inherited": b"x"})
    holdings.note([Publication("ours", b"1", 1, True), Publication("event", b"1", 1, False)])

    ghosts = holdings.ghosts({"inherited": b"x", "ours": b"0", "event": b"?", "over": b"2"})
    assert ghosts == [Publication("event", b"", 1, True), Publication("over", b"", 1, True)]


def test_what_was_deleted_becomes_a_ghost_when_it_returns() -> None:
    holdings = Holdings()
    holdings.inherit({"call": b"x"})
    holdings.note([Publication("call", b"", 1, True)])

    assert [ghost.topic for ghost in holdings.ghosts({"call": b"x"})] == ["call"]
