"""The image of the telephone in a browser, as docker-compose.yml runs it: what it serves, hands on, and refuses."""

import contextlib
import json
import re
from collections.abc import Callable
from email.message import Message
from http.client import HTTPConnection
from typing import NamedTuple

import pytest

from demo_switch.stage import free_port
from support.compose import Stack
from support.waiting import until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

UPGRADE = {
    "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}  # fmt: skip


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Message
    body: bytes


class Served:
    """The running image."""

    def __init__(self, stack: Stack, port: int) -> None:
        self.stack = stack
        self.port = port

    def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """One answer; of a WebSocket only its head."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=15)
        with contextlib.closing(connection):
            connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            with connection.getresponse() as answer:
                return Answer(answer.status, answer.headers, b"" if answer.status == 101 else answer.read())


@pytest.fixture(scope="module")
def served(compose: Callable[..., Stack], tmp_path_factory: pytest.TempPathFactory) -> Served:
    folder = tmp_path_factory.mktemp("phone")
    config = {
        "server": "wss://pbx.example:7443",
        "guest_server": "guest",
        "tokens": "https://control.example/guest-tokens",
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    folder.chmod(0o755)
    port = free_port()
    stack = compose(profile="phone", LAMPFIELD_PHONE_DIR=str(folder), LAMPFIELD_PHONE_PORT=str(port))
    stack.compose("build", "--quiet", "web-phone", limit=900)
    stack.up("mosquitto", "web-phone")
    until(lambda: stack.health("web-phone") == "healthy", 60, "the image")
    return Served(stack, port)


def test_the_pages_have_their_policy_and_it_follows_the_configuration(served: Served) -> None:
    assert " ws: wss:;" in served.get("/doctor.html").headers["Content-Security-Policy"], "it examines any server"
    for page in ("/", "/answer.html", "/doctor.html"):
        answer = served.get(page)
        assert answer.status == 200
        policy = answer.headers["Content-Security-Policy"]
        found = re.search(r"connect-src ([^;]*)", policy)
        assert found
        assert {"wss://pbx.example:7443", "https://control.example"} <= set(found[1].split())
        assert answer.headers["Permissions-Policy"] == "camera=(), geolocation=(), microphone=(self)"
        assert answer.headers["Access-Control-Allow-Origin"] is None


def test_other_sites_may_fetch_the_button_and_nothing_else(served: Served) -> None:
    for path, origin in (("/call-button.js", "*"), ("/config.json", "*"), ("/answer.js", None), ("/bus.txt", None)):
        assert served.get(path, Origin="https://shop.example").headers["Access-Control-Allow-Origin"] == origin, path
    assert (
        served.get("/call-button.js").headers["Content-Type"].startswith(("text/javascript", "application/javascript"))
    )
    assert json.loads(served.get("/config.json").body)["server"] == "wss://pbx.example:7443"


def test_the_button_goes_over_the_wire_compressed(served: Served) -> None:
    answer = served.get("/call-button.js", Accept_Encoding="gzip")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.body) < 100_000


def test_the_broker_is_there_for_its_own_pages_alone(served: Served) -> None:
    own = f"http://127.0.0.1:{served.port}"
    assert served.get("/mqtt", Origin="https://evil.example", **UPGRADE).status == 403
    with_protocol = {**UPGRADE, "Sec-WebSocket-Protocol": "mqtt"}
    assert served.get("/mqtt", Origin=own, **with_protocol).status == 101
    assert served.get("/bus.txt").body.decode().strip() == served.stack.password("phone")


def test_what_is_not_there_is_a_502_and_not_a_page(served: Served) -> None:
    assert served.get("/ws", **UPGRADE).status == 502
    assert served.get("/guest-tokens", "POST").status in (502, 504)
    assert served.get("/", "POST").status == 403


def test_it_refuses_an_address_that_would_end_a_line_of_its_configuration(served: Served) -> None:
    with pytest.raises(AssertionError, match="LAMPFIELD_PHONE_SIP: allowed"):
        served.stack.compose("run", "--rm", "--no-deps", "--env", "LAMPFIELD_PHONE_SIP=x;}", "web-phone")
