"""The wall in a browser as docker-compose.yml serves it: nginx's page, the broker behind it, a real Chromium."""

import http.client
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext
from playwright.sync_api import Page as Tab

from demo_switch.page import HEADERS, policy
from support.broker import Bus
from support.compose import TAG, Stack
from support.documents import fenced
from support.https import Certificate
from support.panel import depicts
from support.waiting import until
from support.web_wall import chromium, lamps, opened, seen, words

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

DISPLAY = "led-renderer-1"
UPGRADE = {
    "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Protocol": "mqtt",
    "Sec-WebSocket-Key": "c2l4dGVlbiBieXRlcyBsb25n",
}  # fmt: skip


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A certificate and its key, as `deploy/web-tls.yml` wants to be told of them."""
    folder = tmp_path_factory.mktemp("tls")
    folder.chmod(0o755)
    made = Certificate(folder / "own")
    made.key.chmod(0o644)
    told = {"LAMPFIELD_WEB_CERT": str(made.path), "LAMPFIELD_WEB_KEY": str(made.key)}
    return told | {"LAMPFIELD_WEB_TLS_BIND": "127.0.0.1", "LAMPFIELD_WEB_TLS_PORT": "0"}


@pytest.fixture(scope="module")
def stack(compose: Callable[..., Stack], certificate: dict[str, str]) -> Stack:
    stack = compose(files=["deploy/web-tls.yml"], **certificate)
    stack.up("--wait", "web-wall", "led-renderer")
    return stack


@pytest.fixture(scope="module")
def context() -> Iterator[BrowserContext]:
    with chromium(viewport={"width": 1000, "height": 700}, ignore_https_errors=True) as started:
        yield started


@pytest.fixture
def bus(stack: Stack) -> Iterator[Bus]:
    with stack.bus() as bus:
        yield bus


@pytest.fixture
def tab(context: BrowserContext, stack: Stack) -> Iterator[Tab]:
    before = logins(stack)
    with opened(context, f"http://localhost:{stack.web_port}/") as shown:
        seen(lambda: words(shown, "#link") == "live", 20, "the bus")
        until(lambda: logins(stack) > before, 20, "this page's line in the broker's log")
        yield shown


def logins(stack: Stack) -> int:
    """How often a page came in as the user `wall`."""
    return stack.compose("logs", "--no-color", "mosquitto").count(", u'wall'")


def asked(stack: Stack, path: str, **headers: str) -> tuple[int, dict[str, str]]:
    """Status and headers of an answer of nginx's."""
    with closing(http.client.HTTPConnection("127.0.0.1", stack.web_port, timeout=10)) as connection:
        connection.request("GET", path, headers={"Host": "wall.example:8080", **headers})
        with connection.getresponse() as answer:
            return answer.status, dict(answer.getheaders())


def test_the_page_comes_with_its_headers_and_nothing_else_does(stack: Stack) -> None:
    for path, status in (("/", 200), ("/app.js", 200), ("/config.json", 200), ("/nothing", 404)):
        answered, told = asked(stack, path)
        assert (path, answered) == (path, status)
        assert told["Content-Security-Policy"] == policy("ws://wall.example:8080", "wss://wall.example:8080")
        assert HEADERS.items() <= told.items()
        assert told["Server"] == "nginx"
    assert asked(stack, "/../etc/passwd")[0] in (400, 404)


def test_the_broker_is_for_the_page_of_the_same_origin_only(stack: Stack) -> None:
    own, foreign = "http://wall.example:8080", "http://evil.example"
    assert asked(stack, "/mqtt", Origin=own, **UPGRADE)[0] == 101
    assert asked(stack, "/mqtt", Origin=foreign, **UPGRADE)[0] == 403
    assert asked(stack, "/mqtt", **UPGRADE)[0] == 403


def test_a_text_that_is_published_is_seen_pixel_by_pixel(stack: Stack, bus: Bus, tab: Tab) -> None:
    bus.wait_until_online(f"display/{DISPLAY}")
    stack.pub(f"display/{DISPLAY}/cmd/notify", '{"text": "hello", "hold": true, "id": "e2e"}')
    frame = f"display/{DISPLAY}/frame"
    bus.wait_for(lambda: depicts(bus.latest.get(frame, b"").decode(), "hello"), 15)
    seen(lambda: lamps(tab, DISPLAY) == bus.latest[frame].decode(), what="the same picture on the page")
    stack.pub(f"display/{DISPLAY}/cmd/dismiss", "*")


def test_it_is_in_as_the_user_wall_and_an_operator_may_send(stack: Stack, bus: Bus, tab: Tab) -> None:
    bus.wait_until_online(f"display/{DISPLAY}")
    tab.get_by_role("link", name="Send").click()
    tab.get_by_role("button", name="Log in").first.click()
    tab.get_by_label("Password").fill(stack.password("operator"))
    tab.get_by_label("Password").press("Enter")
    seen(lambda: words(tab, "#account") == "Log out operator", what="the login")
    tab.locator("[name=target]").select_option(f"display/{DISPLAY}")
    tab.get_by_label("Text").fill("sent")
    tab.get_by_role("button", name="Send", exact=True).click()
    until(lambda: f"{DISPLAY} done" in words(tab, ".outcomes"), what="the display's answer")
    bus.wait_for(lambda: depicts(bus.latest.get(f"display/{DISPLAY}/frame", b"").decode(), "sent"), 15)


def test_it_lives_on_when_passwords_are_new_and_the_broker_has_another_address(stack: Stack, tab: Tab) -> None:
    before = logins(stack)
    stack.keys("rotate")
    stack.forget_passwords()
    seen(lambda: logins(stack) > before and words(tab, "#link") == "live", 30, "the bus, with the new password")
    stack.compose("rm", "--stop", "--force", "mosquitto")
    seen(lambda: words(tab, "#banner").startswith("No bus since "), 20, "the banner")
    stack.up("--no-deps", "mosquitto")
    seen(lambda: words(tab, "#banner") == "" and lamps(tab, DISPLAY) != "", 40, "the wall again")


def test_by_tls_it_is_the_same(stack: Stack, context: BrowserContext, certificate: dict[str, str]) -> None:
    (bound, *_) = stack.container("web-wall").ports["8443/tcp"] or []
    port = bound["HostPort"]
    trusted = ssl.create_default_context(cafile=certificate["LAMPFIELD_WEB_CERT"])
    with closing(http.client.HTTPSConnection("localhost", int(port), timeout=10, context=trusted)) as connection:
        connection.request("GET", "/")
        with connection.getresponse() as answer:
            assert answer.status == 200
    with opened(context, f"https://localhost:{port}/#send") as tab:
        seen(lambda: words(tab, "#link") == "live", 20, "the bus by wss")
        tab.get_by_role("button", name="Log in").first.click()
        seen(lambda: words(tab, "dialog") != "", what="the dialog")
        assert words(tab, "dialog .clear") == ""


def test_the_reverse_proxy_of_the_documentation_stands_before_it(
    stack: Stack, context: BrowserContext, certificate: dict[str, str], tmp_path: Path
) -> None:
    (recipe,) = fenced("nginx")
    (tmp_path / "nginx.conf").write_text(f"events {{}} http {{ {recipe.text} }}", encoding="utf-8")
    wall = stack.container("web-wall")
    kept = {certificate["LAMPFIELD_WEB_CERT"]: "fullchain.pem", certificate["LAMPFIELD_WEB_KEY"]: "privkey.pem"}
    proxy = stack.client.containers.run(
        f"lampfield/web-wall:{TAG}",
        entrypoint=["nginx", "-e", "stderr", "-c", "/nginx.conf", "-g", "daemon off;"],
        user="0",
        network_mode=f"container:{wall.id}",  # beside it, so that 127.0.0.1:8080 is the page's
        volumes=[f"{tmp_path}/nginx.conf:/nginx.conf:ro"]
        + [f"{file}:/etc/ssl/wall.example/{name}:ro" for file, name in kept.items()],
        detach=True,
    )
    (network,) = wall.attrs["NetworkSettings"]["Networks"].values()
    try:
        until(lambda: listens(network["IPAddress"], 443), 20, "the proxy")
        with opened(context, f"https://{network['IPAddress']}/") as tab:
            seen(lambda: words(tab, "#link") == "live", 20, "the bus through it")
    finally:
        proxy.remove(force=True)


def listens(host: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0


def test_a_key_that_it_cannot_read_is_said(compose: Callable[..., Stack], tmp_path: Path) -> None:
    for name in ("certificate.pem", "key.pem"):
        (tmp_path / name).write_text("secret", encoding="ascii")
    (tmp_path / "key.pem").chmod(0o400)
    stack = compose(
        files=["deploy/web-tls.yml"],
        LAMPFIELD_WEB_TLS_BIND="127.0.0.1",
        LAMPFIELD_WEB_CERT=str(tmp_path / "certificate.pem"),
        LAMPFIELD_WEB_KEY=str(tmp_path / "key.pem"),
        LAMPFIELD_WEB_TLS_PORT="0",
    )
    stack.up("--no-deps", "web-wall")
    said = "web-wall: the key cannot be read by user 10001"
    until(lambda: said in stack.compose("logs", "--no-color", "web-wall"), 20, said)
