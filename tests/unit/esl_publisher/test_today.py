import json
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from esl_publisher import facts as f
from esl_publisher.today import RECENT, Recent, Today, day_of
from lampfield_bus import messages as m
from lampfield_bus.examples import EXAMPLES
from support.switchboard import Switchboard, replay

HOUR = 3_600_000
NOON = 1_795_348_800_000  # 2026-11-22 12:00 UTC


def test_midnight_is_the_time_zones() -> None:
    berlin = Today(ZoneInfo("Europe/Berlin"))
    berlin.turn(NOON)

    assert berlin.turn(NOON + 11 * HOUR - 1) is None
    assert berlin.turn(NOON + 11 * HOUR) == []
    assert berlin.date == "2026-11-23"
    assert str(day_of(NOON + 11 * HOUR, ZoneInfo("Europe/Berlin"))) == "2026-11-23"


def test_a_new_day_forgets_and_says_whom() -> None:
    today = Today(ZoneInfo("UTC"))
    today.turn(NOON)
    today.miss("1000")
    today.miss("1000")
    today.restore("1001", 3)
    today.restore("1002", 0)
    assert [today.missed(user) for user in ("1000", "1001", "1002")] == [2, 3, 0]

    assert today.turn(NOON + 11 * HOUR) is None
    assert sorted(today.turn(NOON + 12 * HOUR) or ()) == ["1000", "1001"]
    assert today.missed("1000") == 0


def test_the_day_on_which_the_clocks_change_has_its_own_length() -> None:
    today = Today(ZoneInfo("Europe/Berlin"))
    sunday = 1_792_886_400_000  # 2026-10-25 00:00 UTC, 02:00 there; clocks go back at 01:00 UTC

    today.turn(sunday)

    assert today.turn(sunday + 23 * HOUR - 1) is None
    assert today.turn(sunday + 23 * HOUR) == []


# --- calls -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("call_bridged", (1, 1, 0, 0, 2.582, 1)),
        ("call_no_answer", (1, 0, 1, 0, 0.0, 1)),
        ("call_rejected", (4, 0, 0, 4, 0.0, 1)),
        ("callcenter", (3, 1, 2, 0, 4.16, 1)),
    ],
)
def test_the_calls_of_a_capture_are_counted(name: str, counts: tuple[float, ...]) -> None:
    told = replay(name).read("today")

    keys = ("started", "answered", "missed", "failed", "talk_seconds", "peak")
    assert tuple(told[key] for key in keys) == counts


def test_every_ended_call_is_counted_once() -> None:
    for name in ("call_bridged", "call_busy", "call_no_answer", "transfer_blind_refer", "callcenter"):
        board = replay(name)
        told = board.read("today")
        assert told["answered"] + told["missed"] + told["failed"] == len(board.told("event/call/ended"))


def test_a_day_is_complete_only_if_it_was_watched_from_its_beginning() -> None:
    today = Today(ZoneInfo("UTC"))
    today.turn(NOON)
    told = [today.complete]
    today.watch(True)
    told.append(today.complete)
    today.turn(NOON + 12 * HOUR)
    told.append(today.complete)
    assert today.lose()
    assert not today.lose()
    told.append(today.complete)
    today.watch(False)
    today.turn(NOON + 36 * HOUR)
    today.watch(True)
    told.append(today.complete)

    assert told == [False, False, True, False, False]


def test_what_lives_on_into_a_new_day_is_its_first_peak() -> None:
    today = Today(ZoneInfo("UTC"))
    today.turn(NOON)
    today.note(7)
    assert today.message().peak == 7

    today.turn(NOON + 12 * HOUR, 3)

    assert (today.message().date, today.message().peak) == ("2026-11-23", 3)


@pytest.mark.parametrize(("date", "started"), [("2026-11-22", 212), ("2026-11-21", 0)])
def test_an_earlier_runs_counts_are_taken_over_on_the_same_day(date: str, started: int) -> None:
    example = EXAMPLES[m.Today]
    assert isinstance(example, m.Today)
    message = replace(example, date=date)
    today = Today(ZoneInfo("UTC"))
    today.turn(NOON)
    today.restore_calls(message)

    assert today.message().started == started
    assert today.message() == replace(message, complete=False) or not started


# --- the last calls --------------------------------------------------------------------------------------------------


def test_the_last_calls_stand_newest_first() -> None:
    board = replay("call_rejected")

    assert board.read("recent") == board.told("event/call/ended")[::-1]


def test_no_more_than_twenty_are_kept() -> None:
    call = EXAMPLES[m.CallEnded]
    assert isinstance(call, m.CallEnded)
    recent = Recent()
    for number in range(RECENT + 5):
        recent.add(replace(call, id=str(number)))
    assert [each.id for each in recent.message()] == [str(number) for number in range(RECENT + 4, 4, -1)]

    later = Recent()
    later.add(replace(call, id="new"))
    later.restore(recent.message())

    assert [each.id for each in later.message()] == ["new", *(str(number) for number in range(RECENT + 4, 5, -1))]


def test_what_an_earlier_run_told_openly_is_hidden_once_numbers_are() -> None:
    call = EXAMPLES[m.CallEnded]
    assert isinstance(call, m.CallEnded)
    board = Switchboard(hide_numbers=True)
    board.retained["switch/main/recent"] = m.encode([call])
    board.receive(f.RetainedRead(dict(board.retained)), NOON)
    board.snapshot(NOON)

    assert call.caller.number == "+4930123456"
    assert "30123456" not in json.dumps(board.read("recent"))
    assert board.read("recent")[0]["caller"]["number"] == "+********56"
