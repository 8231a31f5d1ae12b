import pytest

from demo_switch.values import Values, gmt, rfc2822, stamp

AT = 1_795_388_315_512_161  # 2026-11-22 22:58:35.512161


def test_instants_are_written_as_freeswitch_writes_them() -> None:
    assert stamp(AT) == "2026-11-22 22:58:35"
    assert gmt(AT) == "Sun, 22 Nov 2026 22:58:35 GMT"
    assert rfc2822(AT) == "Sun, 22 Nov 2026 22:58:35 +0000"


def test_a_name_asks_for_an_instant_in_its_unit() -> None:
    values = Values({"caller": "1000"}, {"ring": AT, "answer": AT + 2_500_000})
    assert values["caller"] == "1000"
    assert values["ring.us"] == str(AT)
    assert values["ring.s"] == str(AT // 1_000_000)
    assert values["ring.stamp"] == stamp(AT)
    assert (values["ring-answer.us"], values["ring-answer.ms"], values["ring-answer.s"]) == ("2500000", "2500", "2")


def test_a_section_that_was_never_played_is_zero() -> None:
    assert Values({})["hold.us"] == "0"
    assert Values({}, {"ring": AT})["ring-answer.s"] == "0"


def test_an_unknown_name_is_a_mistake() -> None:
    with pytest.raises(KeyError, match=r"b\.channel"):
        Values({})["b.channel"]


def test_a_copy_for_an_event_stays_when_the_call_goes_on() -> None:
    values = Values({"a": "1"}, {"ring": AT})
    copy = values.at(AT + 1, 7)
    values["a"] = "2"
    values.instants["ring"] = 0
    assert (copy["a"], copy["ring.us"], copy["now.us"], copy["sequence"]) == ("1", str(AT), str(AT + 1), "7")
