import pytest
from hypothesis import given
from hypothesis import strategies as st

from esl_publisher.decode import Parked
from esl_publisher.parking import Parking
from esl_publisher.tables import ParkedRow
from lampfield_bus import messages as m
from lampfield_bus.instants import rfc3339
from support.legs import T0

S = 1_000


def valet(lots: Parking, action: str, uuid: str = "a", at: int = T0, *, lot: str = "park") -> bool:
    return lots.receive(
        Parked(name="CUSTOM", subclass="valet_parking::info", lot=lot, action=action, uuid=uuid), at, at
    )


def fifo(lots: Parking, action: str, uuid: str = "a", at: int = T0) -> bool:
    return lots.receive(Parked(name="CUSTOM", subclass="fifo::info", fifo="f@x", fifo_action=action, uuid=uuid), at, at)


def test_a_lot_lives_while_somebody_is_parked() -> None:
    lots = Parking()
    assert valet(lots, "hold", "a", T0)
    assert valet(lots, "hold", "b", T0 + S)
    assert lots.message("park") == m.Parking(parked=2, longest_since=rfc3339(T0))
    assert not valet(lots, "bridge", "a", T0 + 2 * S)
    assert lots.message("park") == m.Parking(parked=1, longest_since=rfc3339(T0 + S))
    assert not valet(lots, "exit", "b", T0 + 3 * S)

    assert lots.message("park") is None
    assert lots.touched == {"park"}


@pytest.mark.parametrize("end", ["caller_pop", "abort", "timeout"])
def test_a_caller_in_a_fifo_is_parked_until_it_is_over(end: str) -> None:
    lots = Parking()
    assert fifo(lots, "push")
    assert not fifo(lots, "consumer_start", "agent")
    assert not fifo(lots, "pre-dial")
    assert lots.message("f@x") == m.Parking(parked=1, longest_since=rfc3339(T0))
    fifo(lots, end)

    assert lots.message("f@x") is None


def test_an_event_that_comes_twice_changes_nothing() -> None:
    lots = Parking()
    valet(lots, "hold", at=T0)
    valet(lots, "hold", at=T0 + S)

    assert lots.message("park") == m.Parking(parked=1, longest_since=rfc3339(T0))


def test_who_is_parked_elsewhere_has_left() -> None:
    lots = Parking()
    valet(lots, "hold")
    valet(lots, "hold", lot="other", at=T0 + S)

    assert lots.message("park") is None
    assert lots.message("other") == m.Parking(parked=1, longest_since=rfc3339(T0 + S))


def test_a_leg_that_is_renamed_stays_parked() -> None:
    lots = Parking()
    valet(lots, "hold")
    lots.rename("a", "b")
    lots.rename("x", "y")
    lots.leave("a", T0)
    assert lots.message("park") is not None
    lots.leave("b", T0)

    assert lots.message("park") is None


def test_the_lists_tell_of_callers_that_no_event_did() -> None:
    lots = Parking()
    lots.restore("park", T0 - 77 * S)
    lots.reconcile([ParkedRow("park", "a"), ParkedRow("new", "b"), ParkedRow("park", "dead")], T0, {"dead"})

    assert lots.message("park") == m.Parking(parked=1, longest_since=rfc3339(T0 - 77 * S))
    assert lots.message("new") == m.Parking(parked=1, longest_since=rfc3339(T0))


def test_the_lists_do_not_overrule_an_event_that_is_as_young() -> None:
    lots = Parking()
    valet(lots, "hold", "a", T0)
    lots.reconcile([], T0 + 500, set())
    assert lots.message("park") is not None
    valet(lots, "exit", "a", T0 + S)
    lots.reconcile([ParkedRow("park", "a")], T0 + S, set())
    assert lots.message("park") is None
    lots.reconcile([ParkedRow("park", "a")], T0 + 5 * S, set())

    assert lots.message("park") is not None


def test_after_a_restart_nobody_is_parked() -> None:
    lots = Parking()
    valet(lots, "hold")
    lots.clear()

    assert lots.message("park") is None


def test_an_event_without_a_leg_parks_nobody_and_one_without_a_lot_is_refused() -> None:
    lots = Parking()
    valet(lots, "hold", "")
    assert lots.message("park") is None
    with pytest.raises(ValueError, match="name"):
        valet(lots, "hold", lot="")


@given(
    st.lists(st.tuples(st.sampled_from(["hold", "exit", "bridge"]), st.sampled_from("abc")), max_size=30),
    st.sets(st.sampled_from("abc")),
)
def test_whatever_was_told_the_next_list_is_right(events: list[tuple[str, str]], truth: set[str]) -> None:
    lots = Parking()
    for action, leg in events:
        valet(lots, action, leg)
    lots.shift(5 * S)
    lots.reconcile([ParkedRow("park", leg) for leg in sorted(truth)], T0 + 20 * S, set())
    message = lots.message("park")

    assert (message.parked if message is not None else 0) == len(truth)
