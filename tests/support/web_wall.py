"""The wall in a browser for tests: a mosquitto that speaks WebSocket, the built page, a headless Chromium.

Chromium is the system's own (`make test` installs Debian's); playwright drives it and brings no browser.
"""

import contextlib
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, sync_playwright
from playwright.sync_api import Page as Tab

from demo_switch.page import Page
from demo_switch.stage import free_port
from lampfield_bus import channels as c
from lampfield_bus import messages as m
from lampfield_bus.instants import rfc3339
from support.broker import STANDARD, Broker, Bus
from support.waiting import now, until

__all__ = [
    "ART", "DIST", "OTHER", "WebBroker", "chromium", "cpu_seconds", "is_grey", "lamps", "opened", "seen",
    "served", "tell", "tell_display", "wall_lamps", "words",
]  # fmt: skip

ART = "".join("".join("#" if (x * 7 + y * 3) % 5 == 0 else "." for x in range(32)) + "\n" for y in range(8))
OTHER = ART.translate(str.maketrans("#.", ".#"))
DIST = Path(__file__).parents[2] / "services" / "web-wall" / "dist"
_FLAGS = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip

# What a canvas really shows: how bright the middle of each lamp is, as `#` and `.`, and whether any of it has a colour.
_READ_LAMPS = """(canvas, [width, height]) => {
  const cell = canvas.width / width;
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let art = "";
  let red = false;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = 4 * (Math.floor((y + 0.5) * cell) * canvas.width + Math.floor((x + 0.5) * cell));
      art += data[at] > 40 ? "#" : ".";
      red ||= data[at] > data[at + 1];
    }
    art += "\\n";
  }
  return [art, red];
}"""


class WebBroker(Broker):
    """A mosquitto with a second listener that speaks WebSocket, on a free port of its own that it keeps."""

    def __init__(self, directory: Path, *, settings: tuple[str, ...] = STANDARD) -> None:
        super().__init__(directory, settings=settings)
        self.web_port = 0
        self._others = settings

    @property
    def url(self) -> str:
        """Where a page finds it."""
        return f"ws://127.0.0.1:{self.web_port}"

    def _try_to_start(self) -> bool:
        ports = self.web_port or free_port()
        self._settings = (*self._others, f"listener {ports} {self.host}", "protocol websockets")
        started = super()._try_to_start()
        if started:
            self.web_port = ports
        return started


@contextlib.contextmanager
def served(broker: WebBroker, **config: object) -> Iterator[Page]:
    """The built page, served with the demo's server; `config` is laid over what leads it to the broker."""
    assert (DIST / "app.js").is_file(), "the page is not built; `make test` builds it"
    with Page(DIST, {"broker": broker.url, **config}) as page:
        thread = threading.Thread(target=page.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield page
        finally:
            page.shutdown()
            thread.join()


@contextlib.contextmanager
def chromium(*flags: str, **options: Any) -> Iterator[BrowserContext]:
    """A headless Chromium with a fresh profile; `flags` besides those that every test wants."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert program, "chromium is not installed; `make test` installs it on a Debian with root"
    with contextlib.ExitStack() as stack:
        playwright = stack.enter_context(sync_playwright())
        profile = tempfile.TemporaryDirectory(prefix="lampfield-chromium-", ignore_cleanup_errors=True)
        started = playwright.chromium.launch_persistent_context(
            stack.enter_context(profile),
            executable_path=program,
            chromium_sandbox=False,
            args=[*_FLAGS, *flags],
            **options,
        )
        stack.callback(started.close)
        yield started


@contextlib.contextmanager
def opened(context: BrowserContext, address: str) -> Iterator[Tab]:
    """A tab with the page; AssertionError at the end if it raised an error or its policy was violated."""
    tab = context.new_page()
    said: list[str] = []
    tab.on("pageerror", lambda fault: said.append(str(fault)))
    tab.on("console", lambda line: said.append(line.text) if "Content Security" in line.text else None)
    tab.on("dialog", lambda dialog: said.append(dialog.message))
    try:
        tab.goto(address)
        yield tab
    finally:
        tab.close()
    assert said == []


def words(tab: Tab, selector: str) -> str:
    """What a person reads there, in one line; "" where nothing is in sight."""
    return " ".join(" ".join(part.split()) for part in tab.locator(f"{selector} >> visible=true").all_inner_texts())


def seen(condition: Callable[[], object], limit: float = 10.0, what: str = "the condition") -> None:
    """`until` for what a page shows: each look costs the browser something, so there are fewer of them."""
    until(condition, limit, what, every=0.05)


def lamps(tab: Tab, display: str, width: int = 32, height: int = 8) -> str:
    """What a display's canvas shows, as the frame topic would say it; "" while there is no canvas."""
    return _read(tab, f'[data-display="{display}"]', width, height)[0]


def wall_lamps(tab: Tab, wall: str, width: int, height: int) -> str:
    """The same of a wall's."""
    return _read(tab, f'[data-wall="{wall}"]', width, height)[0]


def is_grey(tab: Tab, display: str, width: int = 32, height: int = 8) -> bool:
    """Whether its canvas has no colour, as of a picture that cannot be believed."""
    return not _read(tab, f'[data-display="{display}"]', width, height)[1]


def tell(bus: Bus, publication: m.Publication) -> None:
    """Publish it as its row says."""
    bus.publish(publication.topic, publication.payload, retain=publication.retain, qos=publication.qos)


def tell_display(bus: Bus, display: str, at: int | None = None, wall: m.WallPlace | None = None) -> None:
    """Everything that makes a page believe in a display, its health as of `at` (ms)."""
    health = m.DisplayHealth(
        at=rfc3339(at or now()), uptime=1.0, frames=1, skipped_frames=0, spi_bytes=0, spi_errors=0, messages=1,
        rejected=0, clock_skew=None, rss_bytes=1,
    )  # fmt: skip
    info = m.DisplayInfo(
        version="0.1.0", driver="none", width=32, height=8, groups=["all"], wall=wall, pages=["calls"],
        since=rfc3339(now()),
    )  # fmt: skip
    tell(bus, c.DISPLAY_AVAILABILITY.publication(c.DISPLAY_AVAILABILITY.topic(display), "online"))
    tell(bus, c.DISPLAY_INFO.publication(c.DISPLAY_INFO.topic(display), info))
    tell(bus, c.DISPLAY_FRAME.publication(c.DISPLAY_FRAME.topic(display), ART))
    tell(bus, c.DISPLAY_HEALTH.publication(c.DISPLAY_HEALTH.topic(display), health))


def cpu_seconds() -> float:
    """CPU time that the browsers which this process drives have taken so far, all their processes together."""
    ticks, below, found = os.sysconf("SC_CLK_TCK"), {os.getpid()}, 0
    for pid, parent, name, spent in sorted(_processes()):  # a parent is older, and has the smaller number
        if parent in below:
            below.add(pid)
            found += spent if "chrom" in name else 0
    return found / ticks


def _processes() -> Iterator[tuple[int, int, str, int]]:
    """Pid, parent, name and ticks of CPU time of each process."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            pid, _, rest = stat.read_text(encoding="utf-8", errors="replace").partition(" (")
            name, _, fields = rest.rpartition(") ")
            numbers = fields.split()
            yield int(pid), int(numbers[1]), name, int(numbers[11]) + int(numbers[12])


def _read(tab: Tab, card: str, width: int, height: int) -> tuple[str, bool]:
    canvas = tab.locator(f"{card} canvas.lamps")
    if canvas.count() != 1 or not canvas.is_visible():
        return "", False
    art, red = canvas.evaluate(_READ_LAMPS, [width, height])
    return art, red
