import pytest

from esl_publisher.agents import Agents, counted
from esl_publisher.queue_tables import AgentRow
from support.legs import T0

S = 1_000
NAME = "1001@default"


def agents(**known: str) -> Agents:
    """One agent, as events told of it."""
    found = Agents()
    found.change(NAME, T0, T0, **known)
    found.touched.clear()
    return found


def told(found: Agents) -> tuple[str | None, str | None, str]:
    message = found.message(NAME, None)
    assert message is not None
    return message.status, message.state, message.since[14:19]


@pytest.mark.parametrize(
    ("status", "state", "expected"),
    [
        ("Available", "Waiting", "available"),
        ("Available", "Receiving", "available"),
        ("Available (On Demand)", "Waiting", "available"),
        ("Available (On Demand)", "Idle", "on_break"),
        ("Available", "In a queue call", "on_call"),
        ("On Break", "In a queue call", "on_call"),
        ("On Break", "Waiting", "on_break"),
        ("Logged Out", "Waiting", "logged_out"),
        (None, "Receiving", "available"),
    ],
)
def test_an_agent_counts_once(status: str | None, state: str | None, expected: str) -> None:
    assert counted(status, state) == expected


def test_since_is_when_status_or_state_changed() -> None:
    found = agents(status="Available")
    found.change(NAME, T0 + S, T0 + S, status="Available")
    assert told(found) == ("Available", None, "58:35")
    assert found.touched == set()

    found.change(NAME, T0 + 2 * S, T0 + 2 * S, state="Waiting")
    assert told(found) == ("Available", "Waiting", "58:37")
    assert found.touched == {NAME}


def test_an_agent_that_is_free_has_no_caller() -> None:
    found = agents(status="Available", state="Receiving")
    found.take_on(NAME, "a", T0, T0)
    assert found.session(NAME) == "a"

    found.let_go(NAME, "another", T0)
    assert found.session(NAME) == "a"
    found.change(NAME, T0, T0, state="Waiting")

    assert found.session(NAME) is None


def test_a_table_knows_better_where_no_event_was_heard_lately() -> None:
    found = agents(status="Available", state="Waiting")
    rows = [AgentRow(name=NAME, status="On Break", state="Waiting", changed_at=T0 + 5 * S)]

    found.reconcile(rows, {}, T0, T0 - S)
    assert told(found)[0] == "Available"
    found.reconcile(rows, {}, T0 + 9 * S, T0 + 8 * S)

    assert told(found) == ("On Break", "Waiting", "58:40")


def test_a_table_tells_whom_an_agent_serves() -> None:
    found = Agents()
    row = AgentRow(name=NAME, status="Available", state="Receiving")
    found.reconcile([row], {NAME: "a"}, T0, T0 - S)

    assert found.session(NAME) == "a"
    assert told(found) == ("Available", "Receiving", "58:35")


def test_an_agent_whom_two_tables_lack_is_gone() -> None:
    found = agents(status="Available")
    found.reconcile([], {}, T0 + 5 * S, T0 + 4 * S)
    assert NAME in found

    found.reconcile([], {}, T0 + 7 * S, T0 + 6 * S)

    assert NAME not in found
    assert found.touched == {NAME}
    assert found.message(NAME, None) is None


def test_answers_are_counted_until_midnight() -> None:
    found = agents(status="Available")
    found.count(NAME)
    found.count("nobody")
    message = found.message(NAME, None)
    assert message is not None
    assert message.answered_today == 1

    other = Agents()
    other.restore(message, same_day=True)
    assert other.message(NAME, None) == message

    found.new_day()
    renewed = found.message(NAME, None)
    assert renewed is not None
    assert renewed.answered_today == 0


def test_on_another_day_nothing_is_left_of_the_count() -> None:
    found = agents(status="Available")
    found.count(NAME)
    message = found.message(NAME, None)
    assert message is not None

    other = Agents()
    other.restore(message, same_day=False)

    assert told(other) == told(found)
    renewed = other.message(NAME, None)
    assert renewed is not None
    assert renewed.answered_today == 0


def test_a_stepped_clock_leaves_it_known_what_was_heard_lately() -> None:
    found = agents(status="Available")
    found.shift(3600 * S)
    found.reconcile([AgentRow(name=NAME, status="On Break")], {}, T0 + 3600 * S, T0 + 3599 * S)

    assert told(found)[0] == "Available"


def test_the_tally_leaves_out_those_who_are_not_known() -> None:
    tally = agents(status="On Break").tally([NAME, "nobody"])

    assert (tally.available, tally.on_call, tally.on_break, tally.logged_out) == (0, 0, 1, 0)
