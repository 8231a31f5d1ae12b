"""What is said of a word."""

import pytest

from sip_monitor.explain import explain
from sip_monitor.reference import causes, codes, methods


def test_a_code() -> None:
    lines = explain("488")
    assert lines[0] == "488 Not Acceptable Here (client failure, RFC 3261)"
    assert any(line.startswith("check ") and "codecs" in line for line in lines)
    assert any("INCOMPATIBLE_DESTINATION (88)" in line for line in lines)


@pytest.mark.parametrize(
    ("word", "first"),
    [
        ("sip:486", "486 Busy Here (client failure, RFC 3261)"),
        ("SIP;cause=486", "486 Busy Here (client failure, RFC 3261)"),
        ("busy here", "486 Busy Here (client failure, RFC 3261)"),
        ("refer", "REFER: asks the other side to call somebody: a transfer"),
        ("user busy", "USER_BUSY (17, Q.850)"),
        ("NO-ANSWER", "NO_ANSWER (19, Q.850)"),
        ("17", "USER_BUSY (17, Q.850)"),
        ("Q.850;cause=17", "USER_BUSY (17, Q.850)"),
        ("806", "USER_NOT_REGISTERED (806, FreeSWITCH's own)"),
        ("499", "499 is in no registry; it counts as 400 (RFC 3261, 8.1.3.2)"),
    ],
)
def test_words_as_people_write_them(word: str, first: str) -> None:
    assert explain(word)[0] == first


def test_a_number_that_is_both_says_both() -> None:
    assert explain("487")[-1] == "as a number of FreeSWITCH's causes it is ORIGINATOR_CANCEL"


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("USER_BUZY", "did you mean USER_BUSY"),
        ("xyzzy", "known: response codes"),
        ("99999", "not known"),
        ("", "not known"),
        ("13", "neither"),
        ("Q.850 486", "neither"),
    ],
)
def test_what_nobody_knows_is_refused_with_a_hint(word: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        explain(word)


def test_everything_in_the_tables_is_explained() -> None:
    for name in [*map(str, codes()), *methods(), *causes()]:
        assert explain(name)[0].startswith(name)
