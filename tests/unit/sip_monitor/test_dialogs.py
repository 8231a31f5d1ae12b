"""The table of dialogs: who is dropped for whom, and what comes twice."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sip_monitor.dialog import AGAIN_MS
from sip_monitor.dialogs import DUPLICATE_MS, ENDED_BOUND, OTHERS_BOUND, Dialogs, Heard
from sip_monitor.seen import SEEN_BOUND
from support.sip import ALICE, PROXY, T0, answer, request, sip


def hear(table: Dialogs, payload: bytes, after: int = 0) -> Heard | None:
    message = sip(payload)
    source, target = (PROXY, ALICE) if message.status else (ALICE, PROXY)
    return table.hear(message, source, target, T0 + after, T0 + after)


def call(table: Dialogs, call_id: str, after: int = 0, method: str = "INVITE") -> None:
    """One that ends at once."""
    hear(table, request(method, call_id=call_id), after)
    hear(table, answer(404, to=method, call_id=call_id), after)


def test_what_a_message_was_part_of() -> None:
    table = Dialogs()
    begun = hear(table, request("INVITE"))
    assert begun is not None
    assert (begun.fresh, begun.began, begun.ended, begun.retransmission) == (True, True, False, False)
    ended = hear(table, answer(486), 50)
    assert ended is not None
    assert (ended.fresh, ended.began, ended.ended, ended.dialog.messages) == (False, False, True, 2)
    again = hear(table, request("INVITE", cseq=2, branch="z9hG4bK2"), 90)
    assert again is not None
    assert (again.fresh, again.began, again.ended) == (False, True, False)
    assert (len(table), table.live_calls) == (1, 1)


def test_a_message_of_no_dialog_begins_none() -> None:
    table = Dialogs()
    assert hear(table, request("ACK")) is None
    assert hear(table, answer(200, to="BYE")) is None
    assert len(table) == 0


def test_what_comes_again_is_a_retransmission_and_what_comes_at_once_was_captured_twice() -> None:
    table = Dialogs()
    hear(table, request("INVITE"))
    assert hear(table, request("INVITE"), DUPLICATE_MS - 1) is None
    again = hear(table, request("INVITE"), 500)
    assert again is not None
    assert again.retransmission
    assert (again.dialog.messages, again.dialog.retransmissions) == (2, 1)
    for after in (900, 1400, 2400):
        hear(table, answer(200), after)
    assert (again.dialog.messages, again.dialog.retransmissions) == (5, 3)


def test_only_so_many_messages_are_recognised() -> None:
    table = Dialogs()
    hear(table, request("INVITE"))
    for number in range(SEEN_BOUND + 10):
        hear(table, request("INFO", cseq=number + 2, branch=f"z9hG4bK{number}"), number)
    dialog = table.get("c1")
    assert dialog is not None
    assert len(dialog.seen) == SEEN_BOUND * 12


def test_the_last_ended_stay_and_telephones_that_register_push_out_no_call() -> None:
    table = Dialogs()
    for number in range(ENDED_BOUND):
        call(table, f"call{number}")
    for number in range(60):
        call(table, f"register{number}", method="REGISTER")
    kept = [dialog.call_id for dialog in table]
    assert len(kept) == ENDED_BOUND
    assert sum(name.startswith("register") for name in kept) == OTHERS_BOUND
    assert "register59" in kept
    assert "call99" in kept
    assert "call0" in table.gone
    for number in range(ENDED_BOUND):
        call(table, f"later{number}")
    assert {dialog.call_id for dialog in table} == {f"later{number}" for number in range(ENDED_BOUND)}
    for number in range(ENDED_BOUND):
        call(table, f"other{number}", method="REGISTER")
    assert sum(dialog.is_call for dialog in table) == ENDED_BOUND - OTHERS_BOUND


def test_a_flood_costs_what_ended_first_then_what_nobody_answered_and_no_call_that_is_up() -> None:
    table = Dialogs(bound=10)
    hear(table, request("INVITE", call_id="up"))
    hear(table, answer(200, call_id="up"))
    call(table, "over")
    for number in range(50):
        hear(table, request("INVITE", call_id=f"flood{number}"))
    assert len(table) == 10
    assert "up" in table
    assert "flood49" in table
    assert "flood0" not in table
    assert table.gone[:2] == ["over", "flood0"]
    assert table.dropped == 42
    for number in range(10):
        hear(table, request("INVITE", call_id=f"more{number}"))
        hear(table, answer(200, call_id=f"more{number}"))
    assert len(table) == 10
    assert "up" not in table  # nothing but calls that are up: the oldest goes


def test_the_same_call_id_long_after_the_end_begins_afresh() -> None:
    table = Dialogs()
    call(table, "phone", method="REGISTER")
    first = table.get("phone")
    call(table, "phone", AGAIN_MS - 1, method="REGISTER")
    assert table.get("phone") is first
    hear(table, request("REGISTER", call_id="phone"), 2 * AGAIN_MS)
    later = table.get("phone")
    assert later is not first
    assert later is not None
    assert (later.messages, later.started_at, table.gone) == (1, T0 + 2 * AGAIN_MS, ["phone"])


def test_silence_ends_those_that_live() -> None:
    table = Dialogs()
    hear(table, request("INVITE"))
    assert table.lapse(T0 + 1000) == []
    assert [dialog.call_id for dialog in table.lapse(T0 + AGAIN_MS)] == ["c1"]
    assert list(table.live) == []
    assert len(table) == 1


METHODS = ["INVITE", "ACK", "BYE", "CANCEL", "REGISTER", "SUBSCRIBE", "NOTIFY", "OPTIONS"]
COMMON: dict[str, Any] = {
    "call_id": st.sampled_from("abcdef"), "cseq": st.integers(1, 3), "branch": st.sampled_from("xy"),
    "to_tag": st.sampled_from(["", "t"]),
}  # fmt: skip
messages = st.one_of(
    st.builds(request, st.sampled_from(METHODS), **COMMON),
    st.builds(answer, st.sampled_from([100, 180, 200, 302, 401, 407, 486, 487, 503, 603]),
              to=st.sampled_from(["INVITE", "BYE", "REGISTER", "SUBSCRIBE"]), **COMMON),
)  # fmt: skip


@given(st.lists(st.tuples(messages, st.integers(0, 40_000)), max_size=60), st.integers(1, 5))
def test_whatever_comes_the_rooms_hold_each_dialog_once_and_no_more_than_they_may(
    steps: list[tuple[bytes, int]], bound: int
) -> None:
    table = Dialogs(bound=bound, ended_bound=2)
    now = 0
    for payload, later in steps:
        now += later
        hear(table, payload, now)
        table.lapse(T0 + now)
        names = [dialog.call_id for dialog in table]
        assert len(names) == len(set(names)) == len(table) <= bound
        assert sum(not dialog.live for dialog in table) <= 2
        assert table._calls_ended == sum(dialog.is_call for dialog in table if not dialog.live)
        assert all(dialog.retransmissions <= dialog.messages for dialog in table)
        assert all((dialog.state in ("trying", "ringing", "answered")) == dialog.live for dialog in table)
