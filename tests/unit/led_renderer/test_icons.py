"""The icons."""

import pytest

from led_renderer.icons import ICONS, SIZE, icon, sign


def test_there_is_a_dozen_that_a_pbx_needs() -> None:
    assert set(ICONS) >= {
        "handset", "ringing", "hold", "queue", "agent", "gateway", "voicemail", "conference", "no-entry", "warning",
        "clock", "check",
    }  # fmt: skip


def test_they_have_one_size_and_no_two_are_alike() -> None:
    assert {(icon(name).width, icon(name).height) for name in ICONS} == {(SIZE, SIZE)}
    assert len({icon(name) for name in ICONS}) == len(ICONS)


def test_an_unknown_one_is_refused_with_the_names_that_there_are() -> None:
    with pytest.raises(ValueError, match="'phone'; allowed: handset, ringing"):
        icon("phone")


def test_an_icon_that_stands_above_another_does_not_touch_it() -> None:
    for name in ("queue", "agent", "check", "conference", "parking"):  # the headlines of widgets
        assert not icon(name).rows[-1]


def test_a_small_sign_is_half_as_wide() -> None:
    for name in ("ringing", "queue", "hold", "agent", "check"):
        small = sign(name)
        assert small is not None
        assert (small.width, small.height) == (4, 7)
    assert sign("gateway") is None
