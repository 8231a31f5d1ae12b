"""`docker compose up` with nothing configured and no FreeSWITCH anywhere."""

import json
from collections.abc import Callable

import pytest

from support.compose import Stack
from support.panel import depicts
from support.waiting import until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

# Nobody listens there: a FreeSWITCH that happens to run on this host must not be asked anything.
NO_SWITCH = {"LAMPFIELD_ESL_PORT": "9"}


def test_the_panel_says_no_pbx_and_still_obeys(compose: Callable[..., Stack]) -> None:
    stack = compose(**NO_SWITCH)
    stack.up()
    frame = "display/led-renderer-1/frame"
    with stack.bus() as bus:
        bus.wait_until_online("display/led-renderer-1", limit=30)
        bus.wait_for(lambda: depicts(bus.latest.get(frame, b"").decode(), "NO PBX"), 30)
        stack.pub("display/led-renderer-1/cmd/text", "hello")
        bus.wait_for(lambda: depicts(bus.latest[frame].decode(), "hello"), 10)
        bus.wait_for(lambda: depicts(bus.latest[frame].decode(), "NO PBX"), 30)
        bus.wait_for(lambda: json.loads(bus.latest["switch/main/info"])["esl"] != "connected", 30)
        stack.catch_up(bus)
        assert "switch/main/calls" not in bus.latest  # nobody ever said how many: no number is made up
    until(lambda: stack.health("esl-publisher") == "healthy", 30, "a publisher that is well while it waits")


def test_the_demo_joins_what_is_already_up(compose: Callable[..., Stack]) -> None:
    stack = compose()
    stack.up()
    stack.with_profile("demo").up()
    with stack.bus() as bus:
        bus.wait_for(lambda: json.loads(bus.latest.get("switch/main/info", b"{}")).get("esl") == "connected", 30)
