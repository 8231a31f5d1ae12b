"""`health`: the sum of what the parts are."""

import msgspec

from call_control.report import Counts, health
from lampfield_bus.messages import ControlHealth


def test_health_is_the_sum_of_the_parts_and_the_one_link_that_there_is() -> None:
    told = health(
        "main",
        [Counts(documents=5, refused=1), Counts(refused=2, esl="lost")],
        calls=3,
        at=0,
        uptime_ms=1500,
        rss_bytes=7,
    )
    assert (told.topic, told.retain) == ("control/main/health", True)
    found = msgspec.json.decode(told.payload, type=ControlHealth)
    assert found == ControlHealth(
        at="1970-01-01T00:00:00.000Z", uptime=1.5, esl="lost", calls=3, documents=5, refused=3, rss_bytes=7
    )


def test_without_a_link_to_freeswitch_it_is_off() -> None:
    assert msgspec.json.decode(health("main", [], calls=0, at=0, uptime_ms=0, rss_bytes=0).payload)["esl"] == "off"
