"""Clocks that are ten minutes off: the numbers stay right, the panel says that something is wrong, `doctor` what."""

import json
import re
from collections.abc import Callable

import pytest

from support.broker import Bus
from support.compose import Stack
from support.outage import FRAME, ZONE, is_right, note
from support.waiting import until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

DISPLAY = "display/led-renderer-1"


def blinks(frames: list[bytes]) -> bool:
    """Whether the pixel in the lower right corner is lit now and dark then."""
    return {frame.decode().splitlines()[-1][-1] for frame in frames} == {"#", "."}


def told(bus: Bus, topic: str, field: str) -> float:
    """A field of somebody's health; 0 while it is not known yet."""
    found: float | None = json.loads(bus.latest.get(topic, b"{}")).get(field)
    return found or 0.0


def doctor(stack: Stack, service: str) -> str:
    """What it says."""
    output = stack.container(service).exec_run([service, "doctor"]).output
    assert isinstance(output, bytes)
    return output.decode()


def skewed(compose: Callable[..., Stack], **skews: str) -> Stack:
    """A demo whose clocks are off; its images are made on top of ours, whichever test comes first."""
    demo = compose(profile="demo", files=["tests/e2e/skewed.yml"], TZ=ZONE, **skews)
    demo.compose("build", "--quiet", "led-renderer", "demo-switch", limit=600)
    demo.up()
    return demo


def test_a_display_that_is_ten_minutes_ahead(compose: Callable[..., Stack]) -> None:
    demo = skewed(compose, SKEW_DISPLAY="+600s")
    with demo.bus() as bus:
        until(lambda: is_right(demo, bus), 60, "the right number in spite of the clock")
        until(lambda: blinks(bus.payloads(FRAME)[-20:]), 60, "the blinking pixel")
        until(lambda: abs(told(bus, f"{DISPLAY}/health", "clock_skew") - 600) < 5, 40, "the skew in health")
    assert "ahead" in doctor(demo, "led-renderer")
    note("a display's clock is 10 min ahead", "the right numbers, the blinking pixel; `doctor`: run NTP", "-")


def test_a_switch_that_is_ten_minutes_behind(compose: Callable[..., Stack]) -> None:
    demo = skewed(compose, SKEW_SWITCH="-600s")
    with demo.bus() as bus:
        until(lambda: is_right(demo, bus), 60, "the right number in spite of the clock")
        until(lambda: told(bus, "switch/main/health", "lag_ms") > 590_000, 40, "the lag in health")
    words = doctor(demo, "esl-publisher")
    assert re.search(r"its clock is -60\d", words), words  # and what the event took to come
    assert "run NTP on both" in words
    note(
        "the switch's clock is 10 min behind", "the right numbers, `lag_ms` of 600 000; `doctor`: run NTP on both", "-"
    )
