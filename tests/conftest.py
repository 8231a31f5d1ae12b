"""What all tests share: a broker of their own, telephones in a browser, and how long Hypothesis may take.

What drives a browser is imported by the fixtures that do: the other workers of a run shall not wait for it.
"""

import gc
import os
import signal
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

from support.broker import Broker
from support.locked import Locked
from support.scheduling import Scheduling, turn

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

    from support.sip_server import SipServer
    from support.web_phone import Phones

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


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """`--dist loadscope`: a browser, and what a module has started, in one worker."""
    return Scheduling(config, log) if config.getvalue("dist") == "loadscope" else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In a worker the longest comes first."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: turn(item.nodeid, explores=is_hypothesis_test(getattr(item, "obj", None))))


@pytest.hookimpl(tryfirst=True)
def pytest_collection() -> None:
    """Nothing of what is collected is garbage: looking for some takes a tenth of the time."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Nor is it later: a test that has garbage collected (0.3 s among all of it) has its own looked at alone."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that failed shows what its broker did: what it waited for may never have come from there."""
    report = yield
    if report.failed:
        for name, thing in getattr(item, "funcargs", {}).items():
            if isinstance(thing, Broker):
                report.sections.append((f"fixture {name}", thing.condition))
    return report


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


@pytest.fixture
def sip(tmp_path: Path) -> "Iterator[SipServer]":
    """A running SIP server."""
    from support.sip_server import SipServer  # noqa: PLC0415 (as the head says)

    with SipServer(tmp_path / "sip") as running:
        yield running


@pytest.fixture
def phones(sip: "SipServer") -> "Iterator[Phones]":
    """The telephone's pages, served."""
    from support.web_phone import Phones  # noqa: PLC0415 (as the head says)

    with Phones(sip).serving() as served:
        yield served


@pytest.fixture
def visitor(context: "BrowserContext", phones: "Phones") -> "Iterator[Page]":
    """A call page; `context` is a module's own."""
    from support.web_wall import opened  # noqa: PLC0415 (as the head says)

    with opened(context, phones.url) as tab:
        yield tab


@pytest.fixture
def desk(context: "BrowserContext", phones: "Phones") -> "Iterator[Page]":
    """An answer page that is signed in as 1000."""
    from support.web_phone import sign_in  # noqa: PLC0415 (as the head says)
    from support.web_wall import opened  # noqa: PLC0415 (as the head says)

    with opened(context, phones.url + "answer.html") as tab:
        sign_in(tab)
        yield tab
