"""The telephone in a browser for tests: the built pages with the image's own headers, tokens, a Chromium that may hear.

Its microphone is Chromium's fake one, which beeps. Calls go by a real SIP server (support.sip_server).
"""

import contextlib
import json
import re
import secrets
import threading
from collections.abc import Callable, Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page as Tab

from support.sip_server import PASSWORD, SipServer
from support.waiting import until

__all__ = [
    "FAKE_MEDIA", "FOLDER", "Phones", "answer", "call", "ended", "enter", "hear_keys", "heard", "keys_heard", "press",
    "ready", "sign_in", "silence", "sound", "state", "talk", "wait_for_meters",
]  # fmt: skip

FOLDER: Final = Path(__file__).parents[2] / "services" / "web-phone"
FAKE_MEDIA: Final = (
    "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--allow-loopback-in-peer-connection",
    "--autoplay-policy=user-gesture-required", "--mute-audio",
)  # fmt: skip
_TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml",
                 ".json": "application/json"}  # fmt: skip
# Records what is heard in the next call. A Chromium gives the telephone-event packets that come in to nobody, but it
# plays them: the two tones of a key (ITU-T Q.23) that are in the sound were in the packets.
_RECORD: Final = """() => {
  window.recorded = [];
  const Peer = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Peer {
    constructor(...given) {
      super(...given);
      this.addEventListener("track", ({ track }) => {
        const recorder = new MediaRecorder(new MediaStream([track]));
        recorder.addEventListener("dataavailable", ({ data }) => window.recorded.push(data));
        recorder.start(200);
      });
    }
  };
}"""
# The keys in it: in each 40 ms the loudest tone of either group (Goertzel), where both are 12 dB above the others.
_KEYS: Final = """async () => {
  const ROWS = [697, 770, 852, 941], COLUMNS = [1209, 1336, 1477], KEYS = ["123", "456", "789", "*0#"];
  const audio = new OfflineAudioContext(1, 1, 16000);
  const bytes = await new Blob(window.recorded).arrayBuffer();
  const sound = (await audio.decodeAudioData(bytes)).getChannelData(0);
  const span = 640, step = 160;
  const power = (from, hertz) => {
    const turn = 2 * Math.cos(2 * Math.PI * hertz / 16000);
    let [one, two] = [0, 0];
    for (let at = from; at < from + span; at += 1) [one, two] = [sound[at] + turn * one - two, one];
    return (one * one + two * two - turn * one * two) / span ** 2;
  };
  const loudest = (from, tones) => {
    const heard = tones.map(hertz => power(from, hertz));
    const [first, second] = heard.toSorted((a, b) => b - a);
    return first > 1e-6 && first > 16 * second ? heard.indexOf(first) : -1;
  };
  let keys = "";
  for (let from = 0; from + span <= sound.length; from += step) {
    const [row, column] = [loudest(from, ROWS), loudest(from, COLUMNS)];
    const key = row < 0 || column < 0 ? "" : KEYS[row][column];
    if (!keys.endsWith(key)) keys += key;
  }
  return keys;
}"""
_ADDED: Final = re.compile(r'^ +add_header ([\w-]+) "(.*)" always;', re.MULTILINE)


class Phones(ThreadingHTTPServer):
    """The pages on a free loopback port, and a `POST /guest-tokens` beside them that does what call-control does.

    `config` is laid over what leads the pages to the SIP server; `token` decides about a destination: an extension, or
    the HTTP status of the refusal.
    """

    daemon_threads = True

    def __init__(self, sip: SipServer, **config: object) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.sip = sip
        self.config: dict[str, object] = {"server": sip.url, "domain": "127.0.0.1", "to": "1000", **config}
        self.tokens: list[str] = []
        self.token: Callable[[str], str | HTTPStatus] = lambda to: to
        self.allowed_origins: set[str] = set()
        self.sites: dict[str, tuple[str, str]] = {}  # another site's page: path → text and Content-Security-Policy
        self.files = {f"/{path.name}": path.read_bytes() for path in (FOLDER / "dist").iterdir()}

    @property
    def url(self) -> str:
        """Where a browser on this host finds them."""
        return f"http://localhost:{self.server_address[1]}/"

    def headers(self, path: str, host: str) -> Iterator[tuple[str, str]]:
        """As nginx.conf has them, with its variables filled in."""
        connect = "".join(f" {url}" for url in re.findall(r"(?:wss?|https?)://[\w.:-]+", json.dumps(self.config)))
        public = path in ("/call-button.js", "/config.json")
        connect += " ws: wss:" if path == "/doctor.html" else ""
        values = {"$resource_policy": "cross-origin" if public else "same-origin", "$anybody": "*" if public else "",
                  "$http_host": host, "$connect": connect}  # fmt: skip
        for name, value in _ADDED.findall((FOLDER / "nginx.conf").read_text(encoding="utf-8")):
            filled = value
            for variable, known in values.items():
                filled = filled.replace(variable, known)
            if filled:
                yield name, filled

    @contextlib.contextmanager
    def serving(self) -> Iterator["Phones"]:
        """While it answers."""
        thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield self
        finally:
            self.shutdown()
            thread.join()
            self.server_close()


class _Request(BaseHTTPRequestHandler):
    server: Phones
    protocol_version = "HTTP/1.1"
    timeout = 10

    def do_GET(self) -> None:  # http.server's name
        path = self.path.partition("?")[0]
        path = "/index.html" if path == "/" else path
        if path in self.server.sites:
            return self._site(*self.server.sites[path])
        content = json.dumps(self.server.config).encode() if path == "/config.json" else self.server.files.get(path)
        self._answer(HTTPStatus.NOT_FOUND if content is None else HTTPStatus.OK, content or b"", path)
        return None

    def do_OPTIONS(self) -> None:  # http.server's name
        self._answer(HTTPStatus.NO_CONTENT, b"", "/guest-tokens")

    def do_POST(self) -> None:  # http.server's name
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        found = self.server.token(body["to"]) if "to" in body else HTTPStatus.UNPROCESSABLE_ENTITY
        if isinstance(found, HTTPStatus):
            return self._answer(found, json.dumps({"error": found.phrase}).encode(), "/guest-tokens")
        token = secrets.token_hex(16)
        self.server.tokens.append(token)
        self.server.sip.store(token, found)
        self._answer(HTTPStatus.CREATED, json.dumps({"token": token, "to": body["to"]}).encode(), "/guest-tokens")
        return None

    def _site(self, page: str, policy: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", policy)
        self.send_header("Content-Length", str(len(page.encode())))
        self.end_headers()
        self.wfile.write(page.encode())

    def _answer(self, status: HTTPStatus, content: bytes, path: str) -> None:
        self.send_response(status)
        for name, value in self.server.headers(path, self.headers["Host"]):
            self.send_header(name, value)
        origin = self.headers.get("Origin", "")
        if path == "/guest-tokens" and origin in self.server.allowed_origins:
            self.send_header("Access-Control-Allow-Origin", origin)
            self.send_header("Access-Control-Allow-Headers", "Content-Type")
        kind = _TYPES.get(Path(path).suffix, "application/json")
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # http.server's name
        """Silent."""


def state(tab: Tab) -> str:
    """How the call is, of the call page or the answer page."""
    told: str = tab.evaluate("document.querySelector('call-button')?.state ?? document.body.dataset.call")
    return told


def ready(tab: Tab) -> bool:
    """Whether an answer page is signed in."""
    return tab.locator("body").get_attribute("data-line") == "ready"


def enter(tab: Tab, extension: str = "1000", password: str = PASSWORD) -> None:
    """Fills the answer page's form in and sends it."""
    tab.locator("[name=extension]").fill(extension)
    tab.locator("[name=password]").fill(password)
    tab.locator("[name=password]").press("Enter")


def sign_in(tab: Tab, extension: str = "1000", password: str = PASSWORD) -> None:
    """As a person does it; returns when calls reach the page."""
    enter(tab, extension, password)
    if password == PASSWORD:
        until(lambda: ready(tab), what=f"the registration of {extension}")


def heard(tab: Tab) -> tuple[int, float]:
    """Packets of sound that came in, and the energy in them; (0, 0) without a call."""
    stats: list[dict[str, Any]] | None = tab.evaluate(
        "document.querySelector('call-button') ? document.querySelector('call-button').stats() : phone.operator.stats()"
    )
    inbound = [one for one in stats or [] if one["type"] == "inbound-rtp"]
    return sum(one["packetsReceived"] for one in inbound), sum(one.get("totalAudioEnergy", 0) for one in inbound)


def press(tab: Tab, name: str) -> None:
    """A button, by what stands on it."""
    tab.get_by_role("button", name=name, exact=True).click()


def call(visitor: Tab, desk: Tab) -> None:
    """Until both see that it rings."""
    press(visitor, "Call")
    until(lambda: (state(visitor), state(desk)) == ("ringing", "ringing"), 20, "ringing")


def answer(visitor: Tab, desk: Tab) -> None:
    """Until both talk, and sound went both ways."""
    press(desk, "Answer")
    until(lambda: (state(visitor), state(desk)) == ("talking", "talking"), 20, "talking")
    for tab in (visitor, desk):
        sound(tab)


def talk(visitor: Tab, desk: Tab) -> None:
    """A call from the click until both hear."""
    call(visitor, desk)
    answer(visitor, desk)


def ended(tab: Tab, outcome: str) -> None:
    """Until the call is over, in this way."""
    until(lambda: state(tab) == outcome, 20, outcome)


def sound(tab: Tab) -> None:
    """Until something more is heard."""
    packets, energy = heard(tab)
    until(lambda: heard(tab) > (packets + 10, energy) and heard(tab)[1] > energy + 1e-3, 20, "sound")


def silence(tab: Tab) -> None:
    """Until a span has passed in which nothing was heard."""

    def silent() -> bool:
        before = heard(tab)[1]
        tab.wait_for_timeout(1_200)  # nothing can be waited for: the fake microphone beeps once a second
        return heard(tab)[1] - before < 1e-6

    until(silent, 20, "silence")


def hear_keys(tab: Tab) -> None:
    """An answer page's next call is listened to: `keys_heard`."""
    tab.evaluate(_RECORD)


def keys_heard(tab: Tab) -> str:
    """The keys whose tones came in, in order."""
    told: str = tab.evaluate(_KEYS)
    return told


def wait_for_meters(tab: Tab) -> None:
    """Until both meters have moved; sound is beeps, so not at the same time."""
    tab.bring_to_front()  # a tab behind another looks once a second, between two beeps
    root = "(document.querySelector('call-button')?.shadowRoot ?? document)"
    seen = [0.0, 0.0]

    def moved() -> bool:
        now = tab.evaluate(f"Array.from({root}.querySelectorAll('meter'), meter => meter.value)")
        seen[:] = map(max, seen, now)
        return min(seen) > 0.1

    until(moved, 20, "two meters that move")
