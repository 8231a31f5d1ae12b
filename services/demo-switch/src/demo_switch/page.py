"""Serves the wall in a browser on the loopback: the built page, and config.json that says where the broker is.

For the demo and for tests; the container image has nginx, whose headers are the same (a test compares). The page
connects to the broker itself, on the broker's own WebSocket port. May NOT serve a file that was not there at the start.
"""

import json
import mimetypes
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

__all__ = ["HEADERS", "Page", "policy"]

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-cache",
}
_TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml"}


def policy(*brokers: str) -> str:
    """The Content-Security-Policy of a page that connects to these (`ws://…`): its own files, and nothing inline."""
    rules = {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "connect-src": ["'self'", *brokers],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
        "require-trusted-types-for": ["'script'"],
    }
    return "; ".join(f"{rule} {' '.join(allowed)}" for rule, allowed in rules.items())


class Page(ThreadingHTTPServer):
    """The files of `folder` and `config` as config.json; `serve_forever` until `shutdown`. Port 0: a free one."""

    daemon_threads = True

    def __init__(self, folder: Path, config: Mapping[str, object], port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Request)
        self.files = {f"/{path.relative_to(folder).as_posix()}": path.read_bytes() for path in folder.rglob("*.*")}
        self.files["/config.json"] = json.dumps(config).encode()
        if "/index.html" in self.files:
            self.files["/"] = self.files["/index.html"]
        broker = str(config.get("broker", ""))
        self.policy = policy(*([broker] if broker.startswith("ws") else []))

    @property
    def url(self) -> str:
        """Where a browser on this host finds it; `localhost`, which browsers trust as they trust https."""
        return f"http://localhost:{self.server_address[1]}/"


class _Request(BaseHTTPRequestHandler):
    server: Page
    protocol_version = "HTTP/1.1"
    timeout = 10

    def do_GET(self) -> None:  # http.server's name
        self._answer(body=True)

    def do_HEAD(self) -> None:  # http.server's name
        self._answer(body=False)

    def _answer(self, *, body: bool) -> None:
        path = self.path.partition("?")[0]
        content = self.server.files.get(path)
        self.send_response(HTTPStatus.NOT_FOUND if content is None else HTTPStatus.OK)
        found = content or b""
        suffix = Path(path).suffix or ".html"
        kind = _TYPES.get(suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"
        text = "; charset=utf-8" if kind.startswith("text/") else ""
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Security-Policy", self.server.policy)
        self.send_header("Content-Type", kind + text)
        self.send_header("Content-Length", str(len(found)))
        self.end_headers()
        if body:
            self.wfile.write(found)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # http.server's name
        """Silent: whoever runs the demo reads the panel in that terminal."""
