import pytest

from esl_publisher.queue_tables import MemberRow
from esl_publisher.queues import Member, Queues
from lampfield_bus import messages as m
from support.legs import T0

S = 1_000
NAME = "support@default"
NOBODY = m.Agents(available=0, on_call=0, on_break=0, logged_out=0)


def member(uuid: str = "m", at: int = T0, *, heard: bool = True) -> Member:
    """Somebody who entered the queue."""
    return Member(
        uuid=uuid, queue=NAME, session=f"leg of {uuid}", joined_at=at, seen_at=at, heard_at=at if heard else 0
    )


def row(uuid: str = "m", at: int = T0) -> MemberRow:
    return MemberRow(queue=NAME, uuid=uuid, session=f"leg of {uuid}", joined_at=at, state="Waiting")


def told(queues: Queues) -> m.Queue:
    message = queues.message(NAME, NOBODY, "2026-11-22", complete=True)
    assert message is not None
    return message


def test_who_waits_is_counted_and_the_longest_wait_is_the_first_ones() -> None:
    queues = Queues(20)
    queues.join(member("m", T0 + 5 * S))
    queues.join(member("n", T0))

    message = told(queues)
    assert (message.waiting, message.talking, message.longest_wait_since) == (2, 0, "2026-11-22T22:58:35.000Z")
    queues.answer("n", "1001@default", T0 + 7 * S)

    message = told(queues)
    assert (message.waiting, message.talking, message.longest_wait_since) == (1, 1, "2026-11-22T22:58:40.000Z")
    assert message.sla_seconds == 20


@pytest.mark.parametrize(("wait", "within"), [(19_999, 1), (20_000, 1), (20_001, 0)])
def test_an_answer_counts_with_its_wait_and_a_talk_with_its_length(wait: int, within: int) -> None:
    queues = Queues(20)
    queues.join(member())
    assert queues.answer("m", "1001@default", T0 + wait)
    assert not queues.answer("m", "1001@default", T0 + wait + S)
    queues.leave("m", "", T0, T0 + wait + 90 * S)

    day = told(queues).today
    assert (day.offered, day.answered, day.abandoned) == (1, 1, 0)
    assert (day.answered_within_sla, day.abandoned_within_sla) == (within, 0)
    assert (day.wait_seconds, day.longest_wait, day.talk_seconds) == (wait / S, wait / S, 90.0)


@pytest.mark.parametrize(
    ("reason", "abandoned"), [("BREAK_OUT", 1), ("NONE", 1), ("", 1), ("TIMEOUT", 0), ("EXIT_WITH_KEY", 0)]
)
def test_who_goes_before_an_answer_has_abandoned_unless_the_queue_sent_it_on(reason: str, abandoned: int) -> None:
    queues = Queues(20)
    queues.join(member())
    queues.leave("m", reason, T0, T0 + 12 * S)

    day = told(queues).today
    assert (day.offered, day.answered, day.abandoned, day.abandoned_within_sla) == (1, 0, abandoned, abandoned)
    assert (day.wait_seconds, day.longest_wait) == (12.0, 12.0)
    assert told(queues).waiting == 0


def test_what_is_told_twice_or_late_counts_once() -> None:
    queues = Queues(20)
    assert queues.join(member())
    assert not queues.join(member())
    queues.leave("m", "", T0, T0)
    queues.leave("m", "", T0, T0)
    assert not queues.join(member())

    assert (told(queues).waiting, told(queues).today.offered, told(queues).today.abandoned) == (0, 1, 1)


def test_one_who_is_back_waits_again() -> None:
    queues = Queues(20)
    queues.join(member())
    queues.leave("m", "BREAK_OUT", T0, T0)

    assert queues.join(member(), again=True)
    assert (told(queues).waiting, told(queues).today.offered) == (1, 2)


def test_a_member_whom_two_tables_lack_has_left() -> None:
    queues = Queues(20)
    queues.join(member())
    assert queues.reconcile([NAME], [], T0, T0 - S, T0) == []  # it is younger than the table
    assert queues.reconcile([NAME], [], T0 + 5 * S, T0 + 4 * S, T0 + 5 * S) == []
    (gone,) = queues.reconcile([NAME], [], T0 + 7 * S, T0 + 6 * S, T0 + 7 * S)

    assert (gone.uuid, told(queues).waiting, told(queues).today.abandoned) == ("m", 0, 1)


def test_a_member_of_whom_only_a_table_told_is_taken_back_by_the_next() -> None:
    queues = Queues(20)
    queues.reconcile([NAME], [row()], T0, T0 - S, T0)
    assert told(queues).waiting == 1

    (gone,) = queues.reconcile([NAME], [], T0 + 2 * S, T0 + S, T0 + 2 * S)
    assert gone.uuid == "m"


def test_a_member_who_left_lately_is_not_brought_back_by_a_table() -> None:
    queues = Queues(20)
    queues.join(member())
    queues.leave("m", "", T0 + S, T0 + S)
    queues.reconcile([NAME], [row()], T0 + S, T0, T0 + S)

    assert told(queues).waiting == 0


def test_a_queue_that_two_tables_lack_is_gone_but_not_while_somebody_is_in_it() -> None:
    queues = Queues(20)
    queues.join(member())
    for at in (T0 + 5 * S, T0 + 6 * S):
        queues.reconcile([], [row()], at, at - S, at)
    assert NAME in queues

    queues.leave("m", "", T0 + 7 * S, T0 + 7 * S)
    for at in (T0 + 8 * S, T0 + 9 * S):
        queues.reconcile([], [], at, at - S, at)

    assert NAME not in queues
    assert queues.message(NAME, NOBODY, "2026-11-22", complete=True) is None


def test_midnight_forgets_the_day_and_nobody_who_waits() -> None:
    queues = Queues(20)
    queues.join(member())
    queues.touched.clear()
    queues.new_day()

    assert queues.touched == {NAME}
    assert (told(queues).waiting, told(queues).today.offered) == (1, 0)


def test_a_later_run_goes_on_with_the_count_of_the_same_day() -> None:
    queues = Queues(20)
    queues.join(member("m"))
    queues.join(member("n"))
    queues.join(member("o"))
    queues.answer("n", "1001@default", T0 + 7 * S)
    queues.leave("o", "", T0 + 30 * S, T0 + 30 * S)
    before = told(queues)

    later = Queues(20)
    later.restore(NAME, before, "2026-11-22")
    later.recall(["leg of m", "other leg"], answered=False)
    later.recall(["leg of n"], answered=True)
    later.reconcile([NAME], [row("m"), row("n")], T0 + 60 * S, T0 + 59 * S, T0 + 60 * S)
    assert not later.answer("n", "1001@default", T0 + 7 * S)

    assert told(later) == before
    assert later.answer("m", "1001@default", T0 + 70 * S)
    assert told(later).today.answered == 2


def test_the_count_of_another_day_is_not_taken_over() -> None:
    queues = Queues(20)
    queues.join(member())

    later = Queues(20)
    later.restore(NAME, told(queues), "2026-11-23")

    assert told(later).today.offered == 0


def test_a_stepped_clock_moves_what_was_stamped_with_it() -> None:
    queues = Queues(20)
    queues.join(member())
    queues.shift(3600 * S)
    at = T0 + 3600 * S

    assert queues.reconcile([NAME], [], at, at - S, at) == []
    assert queues.reconcile([NAME], [], at, at - S, at) == []
    assert told(queues).longest_wait_since == "2026-11-22T22:58:35.000Z"
