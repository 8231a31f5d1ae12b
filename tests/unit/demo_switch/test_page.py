"""demo_switch.page."""

import http.client
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo_switch.page import HEADERS, Page, policy


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    folder = tmp_path / "dist"
    folder.mkdir()
    (folder / "index.html").write_text("<!doctype html>", encoding="utf-8")
    (folder / "app.js").write_text("export {};", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    with Page(folder, {"broker": "ws://127.0.0.1:9"}) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def get(page: Page, path: str, method: str = "GET") -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", page.server_address[1], timeout=5)
    connection.request(method, path)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response, body


@pytest.mark.parametrize(("path", "kind"), [("/", "text/html"), ("/app.js", "text/javascript")])
def test_a_file_is_served_with_its_type(page: Page, path: str, kind: str) -> None:
    response, body = get(page, path)
    assert (response.status, response.headers["Content-Type"]) == (200, f"{kind}; charset=utf-8")
    assert body


def test_every_answer_has_the_headers_and_the_policy_names_the_broker(page: Page) -> None:
    for path in ("/", "/config.json", "/nothing"):
        headers = get(page, path)[0].headers
        assert {name: headers[name] for name in HEADERS} == HEADERS
        assert headers["Content-Security-Policy"] == policy("ws://127.0.0.1:9")


def test_the_policy_lets_nothing_inline_in() -> None:
    assert "unsafe" not in policy("ws://127.0.0.1:9")
    assert "script-src 'self';" in policy()


def test_the_configuration_is_one_of_the_files(page: Page) -> None:
    assert json.loads(get(page, "/config.json")[1]) == {"broker": "ws://127.0.0.1:9"}


@pytest.mark.parametrize("path", ["/../secret.txt", "/%2e%2e/secret.txt", "//etc/passwd", "/nothing"])
def test_nothing_else_is_served(page: Page, path: str) -> None:
    response, body = get(page, path)
    assert (response.status, body) == (404, b"")


def test_head_has_no_body(page: Page) -> None:
    response, body = get(page, "/", "HEAD")
    assert (response.status, response.headers["Content-Length"], body) == (200, "15", b"")
