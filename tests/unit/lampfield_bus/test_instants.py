"""lampfield_bus.instants."""

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampfield_bus.instants import from_microseconds, parse, rfc3339

FIRST = -62_135_596_800_000  # 0001-01-01
LAST = 253_402_300_799_999  # 9999-12-31


@given(st.integers(FIRST, LAST))
def test_an_instant_comes_back(at: int) -> None:
    assert parse(rfc3339(at)) == at


@given(st.integers(FIRST, LAST))
def test_it_is_the_calendars_spelling(at: int) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)
    assert rfc3339(at) == moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@given(st.integers(FIRST, LAST), st.integers(FIRST, LAST))
def test_text_sorts_as_time_does(one: int, other: int) -> None:
    assert (one < other) == (rfc3339(one) < rfc3339(other))


def test_how_an_instant_is_spelt() -> None:
    assert rfc3339(1_795_389_113_341) == "2026-11-22T23:11:53.341Z"
    assert rfc3339(0) == "1970-01-01T00:00:00.000Z"
    assert rfc3339(FIRST) == "0001-01-01T00:00:00.000Z"


@pytest.mark.parametrize("at", [FIRST - 1, LAST + 1, 10**30, -(10**30), 10**400])
def test_what_no_calendar_holds_is_refused(at: int) -> None:
    with pytest.raises(ValueError, match="calendar"):
        rfc3339(at)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T23:11:53.341Z",
        "2026-11-23T00:11:53.341+01:00",
        "2026-11-22T23:11:53.341999Z",
        "2026-11-22T23:11:53.341999999Z",
        "2026-11-22T17:41:53.341-05:30",
    ],
)
def test_any_offset_and_finer_fractions_are_read(text: str) -> None:
    assert parse(text) == 1_795_389_113_341


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-11-22",
        "2026-11-22T23:11:53",
        "2026-11-22 23:11:53Z",
        "2026-13-22T23:11:53Z",
        "2026-11-22T25:11:53Z",
        "\uff12026-11-22T23:11:53Z",
        "2026-11-22T23:11:53Z\n",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="instant"):
        parse(text)


def test_an_offset_may_lead_out_of_the_calendar() -> None:
    assert parse("9999-12-31T23:59:59-23:59") > LAST


@given(st.text(max_size=40))
def test_no_text_raises_anything_but_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        parse(text)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("1795389113341123", 1_795_389_113_341),
        ("0", None),
        ("", None),
        ("-5", None),
        ("x", None),
        ("9" * 19, None),
        ("٣", None),
    ],
)
def test_freeswitch_microseconds(text: str, at: int | None) -> None:
    assert from_microseconds(text) == at
