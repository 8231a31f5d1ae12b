"""The wall in a browser for tests: a mosquitto that speaks WebSocket, the built page, a headless Chromium.

Chromium is the system's own (`make test` installs Debian's); playwright drives it and brings no browser.
"""

import contextlib
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, sync_playwright
from playwright.sync_api import Page as Tab

from demo_switch.page import Page
from demo_switch.stage import free_port
from support.broker import STANDARD, Broker

__all__ = ["DIST", "WebBroker", "chromium", "lamps", "opened", "served", "words"]

DIST = Path(__file__).parents[2] / "services" / "web-wall" / "dist"
_FLAGS = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip

# What a canvas really shows: the redness of the middle of each lamp, as `#` and `.`.
_READ_LAMPS = """(canvas, [width, height]) => {
  const cell = canvas.width / width;
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let art = "";
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = 4 * (Math.floor((y + 0.5) * cell) * canvas.width + Math.floor((x + 0.5) * cell));
      art += data[at] > 128 ? "#" : ".";
    }
    art += "\\n";
  }
  return art;
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
def chromium(**options: Any) -> Iterator[BrowserContext]:
    """A headless Chromium with a fresh profile."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert program, "chromium is not installed; `make test` installs it on a Debian with root"
    with contextlib.ExitStack() as stack:
        playwright = stack.enter_context(sync_playwright())
        profile = tempfile.TemporaryDirectory(prefix="lampfield-chromium-", ignore_cleanup_errors=True)
        started = playwright.chromium.launch_persistent_context(
            stack.enter_context(profile), executable_path=program, chromium_sandbox=False, args=_FLAGS, **options
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


def lamps(tab: Tab, display: str, width: int = 32, height: int = 8) -> str:
    """What a display's canvas shows, as the frame topic would say it; "" while there is no canvas."""
    canvas = tab.locator(f'[data-display="{display}"] canvas.lamps')
    if canvas.count() != 1 or not canvas.is_visible():
        return ""
    art: str = canvas.evaluate(_READ_LAMPS, [width, height])
    return art
