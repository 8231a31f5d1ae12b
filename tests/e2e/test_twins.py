"""Two displays of one name: the later throws the earlier out, over and over, and both say why."""

import time
from collections.abc import Callable

import pytest

from support.compose import Stack
from support.outage import ZONE, right_again, start
from support.waiting import until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

WORDS = b"does another process run as lampfield-led-renderer-led-renderer-1?"
WATCHED = 20.0


def test_two_displays_of_one_name(compose: Callable[..., Stack]) -> None:
    demo = start(compose(profile="demo", files=["tests/e2e/twin.yml"], TZ=ZONE))
    demo.with_profile("twin").up("twin")
    for service in ("led-renderer", "twin"):
        container = demo.container(service)
        until(lambda log=container.logs: WORDS in log(), 30, f"the reason in the log of {service}")  # type: ignore[misc]  # a lambda's default has no type of its own

    with demo.bus() as bus:
        until(lambda: len(bus.payloads("display/led-renderer-1/availability")) >= 3, 30, "the two taking turns")
        began = time.monotonic()
        before = len(bus.payloads("display/led-renderer-1/availability"))
        until(lambda: time.monotonic() - began > WATCHED, WATCHED + 5, "the time to watch them")
        turns = len(bus.payloads("display/led-renderer-1/availability")) - before
    assert turns < 4 * WATCHED  # they back off; nobody hammers the broker

    demo.compose("rm", "--stop", "--force", "twin")
    seen = f"both say in their log who they are taken for; {turns / WATCHED:.1f} changes of `availability` a second"
    right_again(demo, time.monotonic(), "a second display of the same name", seen)
