import pytest
from hypothesis import given
from hypothesis import strategies as st

from call_control.web.allow_list import AllowList, Number

LIST = AllowList.parse(["1000-1019", "2001", "0151XXXXXXX@carrier", "007-009"], gateways=True)


@pytest.mark.parametrize("digits", ["1000", "1019", "2001", "007", "009"])
def test_what_is_on_the_list_is_found(digits: str) -> None:
    assert Number(digits) == LIST.find(digits)


def test_a_gateway_goes_with_the_number() -> None:
    assert Number("01511234567", "carrier") == LIST.find("01511234567")


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "1020", "999", "0999", "01000", "10000", "2001 ", " 2001", "2001\n", "+2001", "015112345678",
        "0151123456", "7", "0007", "1000@evil", "1000,1001", "\u0662001", "\uff12001", "1000X", "0151XXXXXXX",
    ],
)  # fmt: skip
def test_what_is_not_is_not(text: str) -> None:
    assert LIST.find(text) is None


def test_an_empty_list_allows_nobody() -> None:
    assert not AllowList()
    assert AllowList().find("1000") is None


@pytest.mark.parametrize(
    "entry",
    ["", "*", "1000-", "1019-1000", "100-1000", "X-X", "1.", "0900.", "\\d+", "1000 ", "+49151", "1" * 16, "1@a/b"],
)
def test_an_entry_that_is_none_is_quoted(entry: str) -> None:
    with pytest.raises(ValueError, match="allowed: numbers"):
        AllowList.parse(["2001", entry], gateways=True)


def test_where_the_dialplan_chooses_no_gateway_is_taken() -> None:
    with pytest.raises(ValueError, match="which the dialplan chooses"):
        AllowList.parse(["0151XXXXXXX@carrier"])


@given(st.text())
def test_only_digits_are_ever_found(text: str) -> None:
    everything = AllowList.parse(["X" * n for n in range(1, 16)])
    found = everything.find(text)
    assert (found is not None) == (0 < len(text) <= 15 and all(c in "0123456789" for c in text))
