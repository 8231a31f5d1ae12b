import pytest

from demo_switch.office import SMALLEST, Office
from support.demo_switch import Diary


def test_whoever_is_taken_is_not_free_until_they_hang_up() -> None:
    office = Diary(phones=SMALLEST).day.office
    took = office.take(3)
    assert len(took) == 3
    assert office.take(1) == []
    assert office.talking() == [party for party in office.desks if party in took]
    office.free(*took)
    assert len(office.take(3)) == 3


def test_none_is_taken_when_there_are_too_few() -> None:
    office = Diary(phones=SMALLEST).day.office
    assert office.take(4) == []
    assert len(office.take(3)) == 3


def test_one_phone_is_off_and_the_agents_have_desks_of_their_own() -> None:
    diary = Diary(phones=20)
    office = diary.day.office
    assert office.off.number == "1019"
    assert "1019" not in diary.pbx.registrations
    assert len(diary.pbx.registrations) == 19
    assert list(diary.pbx.agents) == ["1015", "1016", "1017"]
    assert not {party.number for party in office.desks} & {*diary.pbx.agents, "1018", "1019"}


def test_an_office_that_is_too_small_says_so() -> None:
    diary = Diary()
    with pytest.raises(ValueError, match="at least"):
        Office(diary.pbx, diary.day.office.rng, SMALLEST - 1)


def test_people_talk_for_seconds_and_not_for_ever() -> None:
    office = Diary().day.office
    lengths = [office.talk_seconds() for _ in range(1_000)]
    assert min(lengths) >= 5
    assert max(lengths) <= 180
    assert 20 < sum(lengths) / 1_000 < 40
