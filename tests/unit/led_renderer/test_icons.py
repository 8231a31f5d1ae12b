"""The icons."""

import pytest

from led_renderer.icons import ICONS, SIZE, icon


def test_there_is_a_dozen_that_a_pbx_needs() -> None:
    assert set(ICONS) == {
        "handset", "ringing", "hold", "queue", "agent", "gateway", "voicemail", "conference", "no-entry", "warning",
        "clock", "check",
    }  # fmt: skip


def test_they_have_one_size_and_no_two_are_alike() -> None:
    assert {(icon(name).width, icon(name).height) for name in ICONS} == {(SIZE, SIZE)}
    assert len({icon(name) for name in ICONS}) == len(ICONS)


def test_an_unknown_one_is_refused_with_the_names_that_there_are() -> None:
    with pytest.raises(ValueError, match="'phone'; allowed: handset, ringing"):
        icon("phone")
