"""The tables: complete, consistent, and FreeSWITCH's own asymmetries in them."""

import pytest

from lampfield_bus.sip_status import REASONS, SIP_OF_CAUSE
from sip_monitor.reference import cause_of_number, causes, class_of, codes, methods


def test_the_registry_s_methods_and_codes_are_all_there_with_words() -> None:
    assert len(methods()) == 14
    assert len(codes()) == 75
    assert all(method.rfc.startswith("RFC ") and method.meaning for method in methods().values())
    assert all(code.rfc.startswith("RFC ") and code.meaning and code.reason for code in codes().values())
    assert sum(code.rfc == "RFC 3261" for code in codes().values()) == 50


def test_phrases_and_causes_are_those_that_the_publisher_tells() -> None:
    assert {code: row.reason for code, row in codes().items()} == REASONS
    assert {name: row.sends for name, row in causes().items() if row.listed} == SIP_OF_CAUSE


def test_every_refusal_says_what_to_look_at_but_where_nothing_is_wrong() -> None:
    silent = {code for code, row in codes().items() if code >= 400 and not row.check}
    assert silent == {487, 491, 600}


def test_both_ways_agree_with_each_other_and_are_no_bijection() -> None:
    for code, row in codes().items():
        if row.cause:
            assert causes()[row.cause].number == row.number
            if code != 608:  # FreeSWITCH has it in one table alone
                assert code in causes()[row.cause].taken_from
    assert (codes()[480].cause, causes()["NO_USER_RESPONSE"].sends) == ("NO_USER_RESPONSE", 408)
    assert (codes()[600].cause, causes()["USER_BUSY"].sends) == ("USER_BUSY", 486)


@pytest.mark.parametrize(
    ("number", "name"), [(16, "NORMAL_CLEARING"), (17, "USER_BUSY"), (806, "USER_NOT_REGISTERED"), (999, None)]
)
def test_a_number_of_a_reason_header(number: int, name: str | None) -> None:
    assert cause_of_number(number) == name


def test_classes() -> None:
    assert [class_of(status) for status in (100, 299, 302, 486, 503, 699)] == [
        "provisional", "success", "redirection", "client failure", "server failure", "global failure",
    ]  # fmt: skip
    assert {row.status_class for row in codes().values()} >= {"provisional", "global failure"}
    for wrong in (99, 700):
        with pytest.raises(ValueError, match="100 to 699"):
            class_of(wrong)
