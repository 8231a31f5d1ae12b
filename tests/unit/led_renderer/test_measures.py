"""Measures: the display's numbers by their names."""

import pytest

from lampfield_bus.node.measures import Family, Histogram, LinkCounts
from led_renderer.measures import TURN, Standing, measures
from led_renderer.report import Readings

LINK = LinkCounts(True, 1, 2, 3, 4, 5, 6, 7)


def told(clock_skew: float | None = None, trouble: str | None = None) -> dict[str, Family]:
    readings = Readings(
        frames=1,
        skipped_frames=2,
        spi_bytes=3,
        spi_errors=4,
        messages=5,
        rejected=6,
        clock_skew=clock_skew,
        rss_bytes=7,
    )
    standing = Standing(
        readings=readings, notifications=8, power=False, brightness=9, trouble=trouble, lost=10, stale=True
    )
    return {one.name: one for one in measures(standing, Histogram(*TURN), LINK) if isinstance(one, Family)}


def test_each_number_has_its_name() -> None:
    found = {name.removeprefix("lampfield_"): one.values.get("") for name, one in told().items()}
    assert (found["display_frames"], found["display_frames_skipped"]) == (1, 2)
    assert (found["spi_bytes"], found["spi_errors"], found["commands_rejected"]) == (3, 4, 6)
    assert (found["notifications"], found["display_power"], found["display_brightness_level"]) == (8, 0, 9)
    assert (found["display_switches_lost"], found["display_stale"]) == (10, 1)


def test_a_skew_that_nobody_knows_is_not_told_as_none() -> None:
    assert told()["lampfield_clock_skew_seconds"].values == {}
    assert told(-1.5)["lampfield_clock_skew_seconds"].values == {"": -1.5}


@pytest.mark.parametrize("what", ["NO BUS", "NO PBX", None])
def test_trouble_is_told_by_the_panel_s_words(what: str | None) -> None:
    values = told(trouble=what)["lampfield_display_trouble"].values
    assert {name for name, value in values.items() if value} == ({what} if what else set())
    assert set(values) == {"NO BUS", "NO PBX"}


def test_before_the_first_turn_only_the_link_is_told() -> None:
    names = [one.name for one in measures(None, Histogram(*TURN), LINK)]
    assert names[0] == "lampfield_turn_seconds"
    assert all(name.startswith("lampfield_mqtt_") for name in names[1:])
