"""A call that a real FreeSWITCH had, replayed through containers, appears on the panel and goes again."""

import json
from collections.abc import Callable

import pytest

from support.compose import Stack

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]


def test_a_replayed_call_appears_in_the_frame_and_goes_again(compose: Callable[..., Stack]) -> None:
    stack = compose(profile="demo", files=["tests/e2e/replay.yml"])
    stack.up("mosquitto", "led-renderer")
    with stack.bus() as bus:
        stack.up()
        bus.wait_for(lambda: bus.payloads("switch/main/event/call/ended"), 90)
        bus.wait_for(lambda: json.loads(bus.latest["switch/main/calls"])["total"] == 0, 10)
        bus.wait_for(lambda: not any(topic.startswith("switch/main/call/") for topic in bus.latest), 10)

        told = [json.loads(payload) for payload in bus.payloads("switch/main/calls")]
        states = [next((name for name in ("ringing", "active", "held") if calls[name]), "none") for calls in told]
        changes = [state for state, before in zip(states, ["none", *states], strict=False) if state != before]
        assert changes == ["ringing", "active", "none"]
        assert max(calls["total"] for calls in told) == 1

        marks = [message.topic for message in bus.messages]
        began = marks.index("lampfield/v1/switch/main/event/call/started")
        ended = marks.index("lampfield/v1/switch/main/event/call/ended")
        frame = "lampfield/v1/display/led-renderer-1/frame"
        during = {bytes(m.payload) for m in bus.messages[began:ended] if m.topic == frame}
        before = {bytes(m.payload) for m in bus.messages[:began] if m.topic == frame}
        assert during - before
