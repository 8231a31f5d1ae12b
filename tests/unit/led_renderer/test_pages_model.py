"""Fields of a file of pages read their own texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from led_renderer.pages_model import DAYS, AlertEntry, EdgeEntry, PageEntry, PagesFile


@pytest.mark.parametrize(
    ("given_days", "days"),
    [
        ("mon", {0}),
        ("mon-fri", {0, 1, 2, 3, 4}),
        ("Sat-Mon, wed", {5, 6, 0, 2}),
        (["sun", "tue - thu"], None),
        (["sun", "tue-thu"], {6, 1, 2, 3}),
        ("sun-sat", {0, 1, 2, 3, 4, 5, 6}),
        ("monday", None),
        ("", None),
        ({"mon": "1"}, None),
    ],
)
def test_weekdays(given_days: object, days: set[int] | None) -> None:
    entry = {"at": "07:00", "days": given_days, "power": "on"}
    if days is None:
        with pytest.raises(ValidationError):
            EdgeEntry.model_validate(entry)
    else:
        assert EdgeEntry.model_validate(entry).days == days


@given(st.sampled_from(DAYS), st.sampled_from(DAYS))
def test_a_range_of_weekdays_goes_round_the_week(first: str, last: str) -> None:
    days = EdgeEntry.model_validate({"at": "00:00", "days": f"{first}-{last}"}).days
    assert {DAYS.index(first), DAYS.index(last)} <= days
    assert len(days) == (DAYS.index(last) - DAYS.index(first)) % 7 + 1


@pytest.mark.parametrize(("text", "minute"), [("00:00", 0), ("7:05", 425), ("23:59", 1439)])
def test_times_of_day(text: str, minute: int) -> None:
    assert EdgeEntry.model_validate({"at": text}).at == minute


@pytest.mark.parametrize(
    "text", ["24:00", "7", "07:60", "1080", "", "7:5", "\u0660\u0667:\u0660\u0660", "07:00:00", []]
)
def test_what_is_no_time_of_day(text: object) -> None:
    with pytest.raises(ValidationError):
        EdgeEntry.model_validate({"at": text})


@pytest.mark.parametrize(
    "entry",
    [
        {"widget": "calls", "seconds": "0"},
        {"widget": "bar", "value": "gateway.carrier.state", "limit": "3"},
        {"widget": "calls", "seconds": "nan"},
        {"widget": "calls", "seconds": "1e400"},
        {"widget": "calls", "name": "auto"},
        {"widget": "calls", "name": "a\nb"},
        {"widget": "calls", "name": "x" * 65},
        {"widget": "calls", "warn": ".inf"},
        {"widget": "calls", "warn": {"at_least": "9" * 400}},
        {"widget": "calls", "value": "calls.__class__"},
        {"widget": "text", "template": "{calls.active!r}"},
        {"widget": "calls", "speed": "0"},
        {},
    ],
)
def test_what_is_no_page(entry: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        PageEntry.model_validate(entry)


def test_a_threshold_may_be_a_number_alone() -> None:
    page = PageEntry.model_validate({"widget": "calls", "warn": "5", "crit": {"at_most": "1"}})
    assert page.warn is not None
    assert page.crit is not None
    assert (page.warn.at_least, page.crit.at_most) == (5, 1)


def test_unknown_fields_are_refused_everywhere() -> None:
    for model, entry in (
        (PagesFile, {}),
        (PageEntry, {"widget": "calls"}),
        (AlertEntry, {"when": "voicemail"}),
        (EdgeEntry, {"at": "07:00"}),
    ):
        model.model_validate(entry)
        with pytest.raises(ValidationError, match="colour"):
            model.model_validate(entry | {"colour": "red"})
