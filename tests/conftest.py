"""What all tests share: a broker of their own, and how long Hypothesis may take."""

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from support.broker import Broker
from support.locked import Locked

# A runner that nohup started would hand "ignore" down to every process that a test starts.
signal.signal(signal.SIGHUP, signal.SIG_DFL)

# Machines differ and share their cores: no deadline. CI tries the same examples each time, so that it fails for what
# was changed; a desk tries others each time, and `make explore` a great many. What they find becomes a test of its own.
settings.register_profile("desk", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("desk"), derandomize=True)
settings.register_profile("explore", settings.get_profile("desk"), max_examples=2000, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """`-n auto`: more workers than cores, as half of the time tests wait for what others do."""
    return (os.cpu_count() or 1) * 3 // 2 or 1


@pytest.hookimpl(tryfirst=True)
def pytest_collection() -> None:
    """Nothing of what is collected is garbage: looking for some takes a tenth of the time."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Nor is it later: a test that has garbage collected (0.3 s among all of it) has its own looked at alone."""
    gc.freeze()
    gc.enable()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A running mosquitto that loses its store when killed."""
    running = Broker(tmp_path / "broker").start()
    yield running
    running.kill()


@pytest.fixture
def persistent_broker(tmp_path: Path) -> Iterator[Broker]:
    """A running mosquitto that keeps its store."""
    running = Broker(tmp_path / "broker", persistent=True).start()
    yield running
    running.kill()


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Locked]:
    """A running mosquitto that nobody enters without a password, as docker-compose.yml's."""
    running = Locked(tmp_path / "locked").start()
    yield running
    running.broker.stop()
