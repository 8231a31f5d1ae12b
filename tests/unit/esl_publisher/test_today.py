from zoneinfo import ZoneInfo

from esl_publisher.today import Today, day_of

HOUR = 3_600_000
NOON = 1_795_348_800_000  # 2026-11-22 12:00 UTC


def test_midnight_is_the_time_zones() -> None:
    berlin = Today(ZoneInfo("Europe/Berlin"))
    assert berlin.due() is None

    berlin.turn(NOON)

    assert berlin.due() == NOON + 11 * HOUR
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

    assert today.due() == sunday + 23 * HOUR
