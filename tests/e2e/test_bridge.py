"""Two sites, two brokers, a bridge of deploy/bridge between them: the centre sees the site's switch, and no ghosts."""

import re
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from docker.models.networks import Network

from support.broker import Bus
from support.compose import ROOT, Stack
from support.outage import FRAME, ZONE, agrees, note, shows_a_page
from support.panel import depicts
from support.waiting import until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

CENTRE = "central-broker"


@pytest.fixture
def line(images: None) -> Iterator[Network]:
    """A network that only the two brokers are on."""
    client = Stack().client
    network = client.networks.create(f"lampfield-line-{secrets.token_hex(4)}")
    yield network
    network.reload()
    for container in network.containers:
        network.disconnect(container, force=True)
    network.remove()
    client.close()


@pytest.fixture
def centre(compose: Callable[..., Stack], line: Network) -> Stack:
    """A broker and a display."""
    stack = compose(files=["tests/e2e/line.yml"], LINE_NETWORK=line.name, LINE_ALIAS=CENTRE, TZ=ZONE)
    stack.up("led-renderer")
    stack.keys("certs", CENTRE)
    stack.container("mosquitto").kill("SIGHUP")
    return stack


@pytest.fixture
def site(compose: Callable[..., Stack], line: Network, centre: Stack, tmp_path: Path) -> Stack:
    """Switch, publisher and a broker that is bridged as docs/scaling.md says."""
    password = re.search("LAMPFIELD_MQTT_PASSWORD=(.+)", centre.keys("add", "switch", "berlin"))
    assert password is not None
    conf = (ROOT / "deploy" / "bridge" / "site.conf").read_text(encoding="utf-8")
    conf = conf.replace("central.example", CENTRE).replace("CHANGE-ME", password[1])
    (tmp_path / "bridge.conf").write_text(conf, encoding="utf-8")
    (tmp_path / "central-ca.pem").write_text(centre.keys("ca"), encoding="utf-8")
    tmp_path.chmod(0o755)
    stack = compose(
        profile="demo",
        files=["deploy/bridge/site.yml", "tests/e2e/line.yml"],
        LINE_NETWORK=line.name,
        LINE_ALIAS="site-broker",
        LAMPFIELD_BRIDGE=str(tmp_path),
        LAMPFIELD_SWITCH="berlin",
        LAMPFIELD_DEMO_RATE="40",
    )
    stack.up("esl-publisher", "demo-switch")
    return stack


def is_right(site: Stack, bus: Bus) -> bool:
    """Whether the centre tells what is going on in the site's switch, and nothing that is over."""
    return agrees(site, bus, "berlin") and shows_a_page(bus)


def ongoing(site: Stack) -> set[str]:
    """The legs of the calls that go on there, once there are some: its day has only begun."""
    found: set[str] = set()

    def some() -> bool:
        found.update(site.legs() or ())
        return bool(found)

    until(some, 60, "calls at the site")
    return found


def any_is_over(site: Stack, legs: set[str]) -> bool:
    """Whether the switch says that it no longer has all of them."""
    now = site.legs()
    return now is not None and bool(legs - now)


def test_a_line_that_is_cut(site: Stack, centre: Stack, line: Network) -> None:
    with centre.bus() as bus:
        began = time.monotonic()
        until(lambda: is_right(site, bus), 60, "the site's switch at the centre")
        note("a bridge to the centre", "the site's switch on a display there", f"{time.monotonic() - began:.1f} s")

        over = ongoing(site)
        line.disconnect(site.container("mosquitto"))
        began = time.monotonic()
        until(lambda: depicts(bus.latest[FRAME].decode(), "NO PBX"), 90, "NO PBX at the centre")
        noticed = time.monotonic() - began
        assert bus.latest["switch/berlin/availability"] == b"online"  # nobody could say otherwise: age alone tells
        until(lambda: any_is_over(site, over), 60, "the end of a call while the line is cut")

        line.connect(site.container("mosquitto"), aliases=["site-broker"])
        began = time.monotonic()
        until(lambda: is_right(site, bus), 30, "the right picture at the centre, without ghosts")
        note("the line between two brokers is cut", f"`NO PBX` at the centre after {noticed:.0f} s",
             f"{time.monotonic() - began:.1f} s, no ghosts")  # fmt: skip

        site.kill("esl-publisher")
        began = time.monotonic()
        until(lambda: bus.latest["switch/berlin/availability"] == b"offline", 10, "the will at the centre")
        note("kill -9 of the site's publisher", f"its will at the centre after {time.monotonic() - began:.1f} s", "-")
