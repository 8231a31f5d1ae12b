"""The broker's disk is full: the store cannot be saved, and nothing else happens; also after a kill."""

import time
from collections.abc import Callable

import pytest

from support.compose import Stack
from support.outage import ZONE, is_right, note, right_again, start
from support.waiting import until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

COMPLAINTS = [b"Error saving in-memory database", b"No space left"]
STORE = "/mosquitto/data/mosquitto.db"


def shell(stack: Stack, script: str) -> str:
    """Runs it in the broker's container; what it wrote."""
    output = stack.container("mosquitto").exec_run(["sh", "-c", script]).output
    assert isinstance(output, bytes)
    return output.decode()


def stored(stack: Stack) -> str:
    """Which file the store is, how many bytes it has and since when; `none` while there is none."""
    return shell(stack, f"stat -c '%i %s %Y' {STORE} 2>/dev/null || echo none").strip()


def save(stack: Stack) -> None:
    """mosquitto saves its store on SIGUSR1, as it does every minute."""
    stack.container("mosquitto").kill("SIGUSR1")


def test_a_full_disk(compose: Callable[..., Stack]) -> None:
    demo = start(compose(profile="demo", files=["tests/e2e/small_disk.yml"], LAMPFIELD_DEMO_RATE="40", TZ=ZONE))
    assert "No space left" in shell(demo, "dd if=/dev/zero of=/mosquitto/data/fill bs=64k")
    good = stored(demo)

    save(demo)
    log = demo.container("mosquitto").logs
    until(lambda: any(word in log() for word in COMPLAINTS), 10, "the broker's complaint")
    with demo.bus() as bus:
        until(lambda: is_right(demo, bus), 10, "the right picture while the disk is full")
    assert stored(demo) == good  # the last one is left alone
    note("the broker's disk is full", "the broker logs it, the panel stays right", "0 s")

    demo.kill("mosquitto")
    right_again(demo, demo.start("mosquitto"), "kill -9 of a broker whose disk is full", "-")

    shell(demo, "rm /mosquitto/data/fill")
    began = time.monotonic()
    save(demo)
    until(lambda: stored(demo) != good, 10, "a store on the disk that has room")
    note("room on its disk again", "the store is saved", f"{time.monotonic() - began:.1f} s")
