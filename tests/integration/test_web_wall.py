"""The wall in a real Chromium, on a real mosquitto: what it shows is what the bus says, or it says that it is not."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import BrowserContext
from playwright.sync_api import Page as Tab

from lampfield_bus import channels as c
from lampfield_bus import messages as m
from lampfield_bus.examples import EXAMPLES
from lampfield_bus.instants import rfc3339
from support.broker import Bus
from support.renderer import Renderer, tell_calls, tell_switch
from support.waiting import until
from support.web_wall import DIST, WebBroker, chromium, lamps, opened, served, words

ART = "".join("".join("#" if (x * 7 + y * 3) % 5 == 0 else "." for x in range(32)) + "\n" for y in range(8))
CARD = '[data-display="{}"]'
NOTE = '[data-display="hall"] .note'


@pytest.fixture(scope="module")
def context() -> Iterator[BrowserContext]:
    with chromium(viewport={"width": 1000, "height": 700}) as started:
        yield started


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[WebBroker]:
    started = WebBroker(tmp_path / "broker").start()
    yield started
    started.stop()


@pytest.fixture
def bus(broker: WebBroker) -> Iterator[Bus]:
    with broker.bus() as client:
        yield client.subscribe()


@pytest.fixture
def tab(context: BrowserContext, broker: WebBroker) -> Iterator[Tab]:
    with served(broker, login=False) as page, opened(context, page.url) as shown:
        until(lambda: words(shown, "#link") == "live", what="the bus")
        yield shown


@pytest.fixture
def hall(broker: WebBroker, tmp_path: Path) -> Iterator[Renderer]:
    with Renderer(broker, tmp_path, "hall", GROUPS="floor") as renderer:
        yield renderer


def now() -> int:
    return time.time_ns() // 1_000_000


def life(tab: Tab, display: str = "hall") -> str:
    return words(tab, f"{CARD.format(display)} .life")


def is_grey(tab: Tab, display: str = "hall") -> bool:
    leds = tab.locator(f"{CARD.format(display)} .leds")
    return "grayscale" in leds.evaluate("node => getComputedStyle(node).filter")


def tell(bus: Bus, publication: m.Publication) -> None:
    bus.publish(publication.topic, publication.payload, retain=publication.retain, qos=publication.qos)


def tell_display(bus: Bus, display: str, at: int | None = None) -> None:
    """Everything that makes a page believe in a display, its health as of `at` (ms)."""
    health = m.DisplayHealth(
        at=rfc3339(at or now()), uptime=1.0, frames=1, skipped_frames=0, spi_bytes=0, spi_errors=0, messages=1,
        rejected=0, clock_skew=None, rss_bytes=1,
    )  # fmt: skip
    tell(bus, c.DISPLAY_AVAILABILITY.publication(c.DISPLAY_AVAILABILITY.topic(display), "online"))
    tell(bus, c.DISPLAY_FRAME.publication(c.DISPLAY_FRAME.topic(display), ART))
    tell(bus, c.DISPLAY_HEALTH.publication(c.DISPLAY_HEALTH.topic(display), health))


def test_a_frame_is_shown_pixel_by_pixel(tab: Tab, bus: Bus) -> None:
    bus.publish("display/hall/frame", ART, retain=True, qos=0)
    until(lambda: lamps(tab, "hall") == ART, what="the frame")
    other = ART.translate(str.maketrans("#.", ".#"))
    bus.publish("display/hall/frame", other, retain=True, qos=0)
    until(lambda: lamps(tab, "hall") == other, what="the next frame")


def test_a_real_display_is_found_by_itself_and_mirrored(tab: Tab, bus: Bus, hall: Renderer) -> None:
    until(lambda: life(tab) == "live", 25, "a live display")
    bus.publish("display/hall/cmd/page", "clock")
    until(lambda: "page clock (held)" in words(tab, f"{CARD.format('hall')} .facts"), what="its page")
    until(lambda: lamps(tab, "hall") == bus.latest["display/hall/frame"].decode(), what="its frame")
    tab.locator(f"{CARD.format('hall')} a").click()
    until(lambda: words(tab, ".alone .life") == "live", what="the display alone")
    box = tab.locator(".alone canvas.lamps").bounding_box()
    assert box is not None
    assert box["width"] > 900


def test_a_display_that_dies_looks_dead(tab: Tab, hall: Renderer) -> None:
    until(lambda: life(tab) == "live", 25, "a live display")
    assert hall.process is not None
    hall.process.kill()
    until(lambda: life(tab).startswith("lost"), what="its loss")
    assert is_grey(tab)
    assert words(tab, f"{CARD.format('hall')} .stale").startswith("LOST")


def test_a_display_whose_health_is_old_is_lost_whatever_else_it_says(tab: Tab, bus: Bus) -> None:
    tell_display(bus, "fresh")
    tell_display(bus, "old", at=now() - 61_000)
    until(lambda: life(tab, "fresh") == "live", what="the fresh one")
    until(lambda: life(tab, "old").startswith("lost 1:0"), what="the old one")
    assert (is_grey(tab, "fresh"), is_grey(tab, "old")) == (False, True)


def test_a_display_that_was_deleted_while_the_page_was_away_leaves_no_ghost(
    tab: Tab, broker: WebBroker, bus: Bus
) -> None:
    tell_display(bus, "gone")
    until(lambda: life(tab, "gone") == "live", what="the display")
    broker.restart()  # its store is in memory: nothing is retained afterwards
    until(lambda: tab.locator(CARD.format("gone")).count() == 0, 15, "the end of the ghost")


def test_the_page_says_that_the_broker_is_gone_and_comes_back_by_itself(
    tab: Tab, broker: WebBroker, hall: Renderer
) -> None:
    until(lambda: life(tab) == "live", 25, "a live display")
    broker.kill()
    until(lambda: words(tab, "#banner").startswith("No bus since "), what="the banner")
    assert words(tab, "#link").startswith("no bus 0:0")
    assert life(tab) == "no bus"
    assert is_grey(tab)
    broker.start()
    until(lambda: words(tab, "#banner") == "" and life(tab) == "live", 20, "everything again")
    assert not is_grey(tab)


def test_a_broker_that_stands_still_is_noticed(tab: Tab, broker: WebBroker) -> None:
    broker.pause()
    until(lambda: words(tab, "#banner").startswith("No bus since "), 30, "the banner")
    broker.resume()
    until(lambda: words(tab, "#banner") == "", 20, "the bus")


def test_a_text_is_sent_shown_and_answered(tab: Tab, bus: Bus, hall: Renderer) -> None:
    until(lambda: life(tab) == "live", 25, "a live display")
    tab.get_by_role("link", name="Send").click()
    tab.locator("[name=target]").select_option("group/floor")
    tab.get_by_label("Text").fill("Héllo <b>all</b>")
    tab.get_by_role("button", name="Send", exact=True).click()
    until(lambda: "hall done" in words(tab, ".outcomes"), what="the answer")
    assert "“Héllo <b>all</b>” → floor" in words(tab, ".outcomes")
    until(lambda: json.loads(bus.latest["display/hall/state"])["notification"] is not None, what="the notification")
    assert json.loads(bus.payloads("group/floor/cmd/notify")[0])["text"] == "Héllo <b>all</b>"


def test_page_brightness_and_power_are_set(tab: Tab, bus: Bus, hall: Renderer) -> None:
    def state(*fields: str) -> tuple[object, ...]:
        told = json.loads(bus.latest.get("display/hall/state", b"{}"))
        return tuple(told.get(field) for field in fields)

    until(lambda: life(tab) == "live", 25, "a live display")
    tab.get_by_role("link", name="Send").click()
    tab.locator("[name=target]").select_option("display/hall")
    tab.locator("[name=page]").select_option("clock")
    tab.get_by_role("button", name="Stay on it").click()
    tab.get_by_label("Brightness").fill("11")
    tab.get_by_role("button", name="Set", exact=True).click()
    tab.get_by_role("button", name="Off").click()
    until(lambda: state("brightness", "power") == (11, "off"), what="brightness and power")
    until(lambda: state("page", "page_mode") == ("clock", "manual"), what="the page")
    tab.get_by_role("button", name="Rotate again").click()
    until(lambda: state("page_mode") == ("auto",), what="the rotation")


def test_what_is_refused_or_not_answered_is_said(tab: Tab, bus: Bus) -> None:
    tell_display(bus, "deaf")
    until(lambda: life(tab, "deaf") == "live", what="the display")
    tab.get_by_role("link", name="Send").click()
    tab.locator("[name=target]").select_option("display/deaf")
    tab.get_by_role("button", name="Identify").click()
    until(lambda: "deaf no answer" in words(tab, ".outcomes"), what="the silence")
    transaction = json.loads(bus.payloads("display/deaf/cmd/identify")[0])["transaction"]
    result = {"cmd": "identify", "ok": False, "error": "<img src=x onerror=alert(1)>", "transaction": transaction}
    bus.publish("display/deaf/result", json.dumps(result))
    until(lambda: "refused: <img src=x onerror=alert(1)>" in words(tab, ".outcomes"), what="the refusal")


def test_a_switch_is_read_as_tables_and_not_at_all_when_it_is_lost(tab: Tab, bus: Bus) -> None:
    tell_switch(bus, active=2)
    tab.get_by_role("link", name="Switch").click()
    until(lambda: "active 2" in words(tab, ".counters"), what="the calls")
    queue = EXAMPLES[m.Queue]
    assert isinstance(queue, m.Queue)
    waiting = msgspec.structs.replace(queue, longest_wait_since=rfc3339(now() - 75_000))
    tell(bus, c.SWITCH_QUEUE.publication(c.SWITCH_QUEUE.topic("main", "support@default"), waiting))
    until(lambda: "1:17" in words(tab, "#table-queues"), what="a wait that counts")
    bus.publish("switch/main/availability", "offline", retain=True)
    until(lambda: words(tab, ".trouble").startswith("NO PBX"), what="the loss")
    assert words(tab, ".counters") + words(tab, ".tables") == ""


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\u202e"


def test_hostile_names_and_texts_are_texts(tab: Tab, bus: Bus) -> None:
    tell_switch(bus)
    for name in (HOSTILE.replace("/", "%2F"), "__proto__", "a" * 900):
        bus.publish(f"display/{name}/frame", ART, retain=True, qos=0)
    until(lambda: tab.locator(".card").count() == 3, what="three cards")
    call = msgspec.to_builtins(EXAMPLES[m.Call]) | {"caller": {"number": HOSTILE, "name": HOSTILE}}
    bus.publish("switch/main/call/c1", json.dumps(call), retain=True)
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tab.get_by_role("link", name="Switch").click()
    until(lambda: "alert(2)" in words(tab, "#table-calls"), what="the call")
    assert tab.locator("main script, main img").count() == 0
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


NO_FRAMES = {
    "ragged": b"##\n#\n",
    "no UTF-8": b"\xff\xfe\n",
    "HTML": b"<b>\n<b>\n",
    "huge": b"#" * 100_000,
    "larger than any panel": (b"#" * 2048 + b"\n") * 9,
    "empty rows": b"\n\n",
    "CR LF": b"#.\r\n",
}


def test_a_frame_that_is_none_is_not_the_one_before(tab: Tab, bus: Bus) -> None:
    unread = "its frame cannot be read"
    for what, frame in NO_FRAMES.items():
        tell_display(bus, "hall")
        until(lambda: lamps(tab, "hall") == ART and unread not in words(tab, NOTE), what="the frame")
        bus.publish("display/hall/frame", frame, retain=True, qos=0)
        until(lambda: lamps(tab, "hall") == "" and unread in words(tab, NOTE), 20, f"a note: {what}")


def test_payloads_that_cannot_be_read_break_nothing(tab: Tab, bus: Bus) -> None:
    tell_switch(bus, active=1)
    for part in ("switch/main/calls", "switch/main/queue/q", "switch/main/recent", "display/d/info", "display/d/state"):
        for payload in (b"[" * 100_000, b'{"total": "many"}', b"\x80", b"null"):
            bus.publish(part, payload, retain=True)
    tab.get_by_role("link", name="Switch").click()
    until(lambda: "calls ?" in words(tab, ".counters"), what="a question mark for what is not known")
    tell_calls(bus, 4)
    until(lambda: "calls 4" in words(tab, ".counters"), what="the next number")


PASSWORDS = {"wall": "see", "operator": "do"}
ACL = """
user wall
topic read lampfield/v1/display/#
topic read lampfield/v1/switch/+/calls
user operator
topic readwrite lampfield/v1/#
"""


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[WebBroker]:
    """A broker that asks who comes in."""
    users, acl = tmp_path / "users", tmp_path / "acl"
    for name, password in PASSWORDS.items():
        create = [] if users.exists() else ["-c"]
        subprocess.run(["mosquitto_passwd", "-b", *create, users, name, password], check=True, capture_output=True)
    acl.write_text(ACL, encoding="utf-8")
    options = ("allow_anonymous false", f"password_file {users}", f"acl_file {acl}")
    started = WebBroker(tmp_path / "locked", settings=options).start()
    yield started
    started.stop()


def test_a_viewer_looks_and_an_operator_sends(context: BrowserContext, locked: WebBroker) -> None:
    with served(locked, username="wall", secret="viewer.txt") as page:  # the name of a file
        page.files["/viewer.txt"] = b"see\n"
        with opened(context, page.url + "#send") as tab:
            until(lambda: words(tab, "#link") == "live", what="the bus")
            assert tab.get_by_role("button", name="Identify").is_disabled()
            tab.get_by_role("button", name="Log in").first.click()
            tab.get_by_label("User").fill("operator")
            tab.get_by_label("Password").fill("wrong")
            tab.locator("dialog .primary").click()
            until(lambda: "does not accept" in words(tab, "dialog .fault"), what="the refusal")
            assert words(tab, "#link") == "live", "trying disturbs nobody who looks"
            tab.get_by_label("Password").fill("do")
            tab.get_by_label("Password").press("Enter")
            until(lambda: words(tab, "#account") == "Log out operator", what="the login")
            until(lambda: tab.get_by_role("button", name="Identify").is_enabled(), what="the form")
            assert tab.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie])") == '[{},{},""]'
            tab.reload()
            until(lambda: words(tab, "#account") == "Log in", what="forgetting")


def test_a_viewer_s_new_password_is_fetched(context: BrowserContext, locked: WebBroker) -> None:
    with served(locked, username="wall", secret="viewer.txt") as page:  # the name of a file
        page.files["/viewer.txt"] = b"old"
        with opened(context, page.url) as tab:
            until(lambda: "does not accept" in words(tab, "#banner"), what="the refusal")
            page.files["/viewer.txt"] = b"see"
            until(lambda: words(tab, "#link") == "live", 15, "the bus")


@pytest.mark.parametrize("broker_of_the_demo", ["mosquitto", "embedded"])
def test_the_demo_serves_it(context: BrowserContext, tmp_path: Path, broker_of_the_demo: str) -> None:
    program = "from demo_switch import broker, stage; stage._WEB_PORT = 0; "
    program += "" if broker_of_the_demo == "mosquitto" else "broker.mosquitto = lambda: None; "
    command = [sys.executable, "-c", f"{program} raise SystemExit(stage.main())"]
    environment = {**os.environ, "TMPDIR": str(tmp_path), "DEMO_PAGE": str(DIST)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as demo:
        try:
            assert demo.stdout is not None
            with opened(context, demo.stdout.readline().rpartition(" ")[2].strip()) as tab:
                until(lambda: "#" in lamps(tab, "demo"), 20, "the demo's panel")
                until(lambda: life(tab, "demo") == "live", 20, "its health")
        finally:
            demo.terminate()
