"""The wall in a real Chromium, on a real mosquitto: what it shows is what the bus says, or it says that it is not.

One browser, one tab, one broker and one display for all of them: each test leaves the bus as it found it.
"""

import json
import os
import re
import subprocess
import sys
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
from support.broker import Bus, retained
from support.processes import left
from support.renderer import Renderer, tell_calls, tell_switch
from support.waiting import now
from support.web_wall import (
    ART,
    DIST,
    OTHER,
    WebBroker,
    chromium,
    is_grey,
    lamps,
    opened,
    seen,
    served,
    tell,
    tell_display,
    wall_lamps,
    words,
)

CARD = '[data-display="{}"]'


@pytest.fixture(scope="module")
def context() -> Iterator[BrowserContext]:
    with chromium(viewport={"width": 1000, "height": 700}) as started:
        yield started


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebBroker]:
    started = WebBroker(tmp_path_factory.mktemp("broker")).start()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def the_tab(context: BrowserContext, broker: WebBroker) -> Iterator[Tab]:
    with served(broker, login=False) as page, opened(context, page.url) as shown:
        yield shown


@pytest.fixture
def tab(the_tab: Tab) -> Tab:
    the_tab.evaluate("location.hash = '#wall'")
    seen(lambda: words(the_tab, "#link") == "live", 20, "the bus")
    return the_tab


@pytest.fixture(scope="module")
def hall(broker: WebBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Renderer]:
    with Renderer(broker, tmp_path_factory.mktemp("hall"), "hall", GROUPS="floor") as renderer:
        yield renderer


@pytest.fixture
def bus(broker: WebBroker) -> Iterator[Bus]:
    with broker.bus() as client:
        yield client.subscribe()
    with broker.bus() as client:
        for topic in retained(broker):
            if not topic.startswith("display/hall/"):
                client.publish(topic, retain=True)


def life(tab: Tab, display: str = "hall") -> str:
    return words(tab, f"{CARD.format(display)} .life")


def test_a_frame_is_shown_pixel_by_pixel(tab: Tab, bus: Bus) -> None:
    bus.publish("display/pixels/frame", ART, retain=True, qos=0)
    seen(lambda: lamps(tab, "pixels") == ART, what="the frame")
    assert is_grey(tab, "pixels"), "nobody says that this display lives"
    tell_display(bus, "pixels")
    bus.publish("display/pixels/frame", OTHER, retain=True, qos=0)
    seen(lambda: lamps(tab, "pixels") == OTHER and not is_grey(tab, "pixels"), what="the next frame")


def test_a_real_display_is_found_by_itself_and_mirrored(tab: Tab, bus: Bus, hall: Renderer) -> None:
    seen(lambda: life(tab) == "live", 25, "a live display")
    bus.publish("display/hall/cmd/page", "clock")
    seen(lambda: "page clock (held)" in words(tab, f"{CARD.format('hall')} .facts"), what="its page")
    seen(lambda: lamps(tab, "hall") == bus.latest["display/hall/frame"].decode(), what="its frame")
    tab.locator(f"{CARD.format('hall')} a").click()
    seen(lambda: words(tab, ".alone .life") == "live", what="the display alone")
    box = tab.locator(".alone canvas.lamps").bounding_box()
    assert box is not None
    assert box["width"] > 900
    bus.publish("display/hall/cmd/page", "auto")


def test_a_display_that_dies_looks_dead(tab: Tab, bus: Bus, broker: WebBroker, tmp_path: Path) -> None:
    with Renderer(broker, tmp_path, "mortal") as mortal:
        bus.wait_for(lambda: "display/mortal/health" in bus.latest, 25)
        seen(lambda: life(tab, "mortal") == "live" and not is_grey(tab, "mortal"), 25, "a live display")
        assert mortal.process is not None
        mortal.process.kill()
        seen(lambda: life(tab, "mortal").startswith("lost"), what="its loss")
    seen(lambda: is_grey(tab, "mortal"), what="a grey picture")
    assert words(tab, f"{CARD.format('mortal')} .stale").startswith("LOST")


def test_a_display_whose_health_is_old_is_lost_whatever_else_it_says(tab: Tab, bus: Bus) -> None:
    tell_display(bus, "fresh")
    tell_display(bus, "old", at=now() - 61_000)
    seen(lambda: life(tab, "fresh") == "live", what="the fresh one")
    seen(lambda: life(tab, "old").startswith("lost 1:0"), what="the old one")
    assert (is_grey(tab, "fresh"), is_grey(tab, "old")) == (False, True)


def test_tiles_of_a_wall_are_one_picture_and_a_lost_one_is_marked_in_it(tab: Tab, bus: Bus) -> None:
    for name, x, y in (("nw", 0, 0), ("ne", 32, 0), ("sw", 0, 8)):
        tell_display(bus, name, wall=m.WallPlace(name="lobby", width=64, height=16, x=x, y=y))
    bus.publish("display/ne/frame", OTHER, retain=True, qos=0)
    rows = [left + right for left, right in zip(ART.split(), OTHER.split(), strict=True)]
    rows += [left + "." * 32 for left in ART.split()]  # nobody hangs in the last quarter
    whole = "".join(f"{row}\n" for row in rows)
    seen(lambda: wall_lamps(tab, "lobby", 64, 16) == whole, what="one picture of three tiles")
    assert tab.locator(CARD.format("ne")).count() == 0
    assert words(tab, '[data-wall="lobby"] .parts') == "nw ne sw"
    bus.publish("display/sw/availability", "offline", retain=True)
    seen(lambda: words(tab, '[data-wall="lobby"] .life') == "2 of 3 live", what="the loss")
    assert words(tab, '[data-wall="lobby"] .stale').startswith("LOST")
    tab.locator('[data-wall="lobby"] a.slot').click()
    seen(lambda: words(tab, ".alone .life") == "2 of 3 live", what="the wall alone")
    tab.get_by_role("link", name="ne", exact=True).click()
    seen(lambda: words(tab, ".alone h2") == "ne", what="one of its displays")


def test_the_page_says_that_the_broker_is_gone_comes_back_and_brings_no_ghost(
    tab: Tab, broker: WebBroker, bus: Bus, hall: Renderer
) -> None:
    tell_display(bus, "gone")
    seen(lambda: life(tab) == "live" and life(tab, "gone") == "live", 25, "live displays")
    broker.kill()
    seen(lambda: words(tab, "#banner").startswith("No bus since "), what="the banner")
    assert words(tab, "#link").startswith("no bus 0:0")
    assert life(tab) == "no bus"
    assert is_grey(tab, "hall")
    broker.start()  # its store is in memory: nothing is retained but what living displays tell again
    seen(lambda: words(tab, "#banner") == "" and life(tab) == "live", 20, "everything again")
    seen(lambda: tab.locator(CARD.format("gone")).count() == 0, 15, "the end of the ghost")
    seen(lambda: not is_grey(tab, "hall"), what="its colour")


def test_a_broker_that_stands_still_is_noticed(tab: Tab, broker: WebBroker) -> None:
    broker.pause()
    seen(lambda: words(tab, "#banner").startswith("No bus since "), 30, "the banner")
    broker.resume()
    seen(lambda: words(tab, "#banner") == "", 20, "the bus")


def test_a_text_is_sent_shown_and_answered(tab: Tab, bus: Bus, hall: Renderer) -> None:
    seen(lambda: life(tab) == "live", 25, "a live display")
    tab.get_by_role("link", name="Send").click()
    tab.locator("[name=target]").select_option("group/floor")
    tab.get_by_label("Text").fill("Héllo <b>all</b>")
    tab.get_by_role("button", name="Send", exact=True).click()
    seen(lambda: "hall done" in words(tab, ".outcomes"), what="the answer")
    assert "“Héllo <b>all</b>” → floor" in words(tab, ".outcomes")
    seen(lambda: json.loads(bus.latest["display/hall/state"])["notification"] is not None, what="the notification")
    assert json.loads(bus.payloads("group/floor/cmd/notify")[-1])["text"] == "Héllo <b>all</b>"


def test_page_brightness_and_power_are_set(tab: Tab, bus: Bus, hall: Renderer) -> None:
    def state(*fields: str) -> tuple[object, ...]:
        told = json.loads(bus.latest.get("display/hall/state", b"{}"))
        return tuple(told.get(field) for field in fields)

    seen(lambda: life(tab) == "live", 25, "a live display")
    tab.get_by_role("link", name="Send").click()
    tab.locator("[name=target]").select_option("display/hall")
    tab.locator("[name=page]").select_option("clock")
    tab.get_by_role("button", name="Stay on it").click()
    tab.get_by_label("Brightness").fill("11")
    tab.get_by_role("button", name="Set", exact=True).click()
    tab.get_by_role("button", name="Off").click()
    seen(lambda: state("brightness", "power") == (11, "off"), what="brightness and power")
    seen(lambda: state("page", "page_mode") == ("clock", "manual"), what="the page")
    tab.get_by_role("button", name="Rotate again").click()
    seen(lambda: state("page_mode") == ("auto",), what="the rotation")


def test_what_is_refused_or_not_answered_is_said(tab: Tab, bus: Bus) -> None:
    tell_display(bus, "deaf")
    seen(lambda: life(tab, "deaf") == "live", what="the display")
    tab.get_by_role("link", name="Send").click()
    tab.locator("[name=target]").select_option("display/deaf")
    tab.get_by_role("button", name="Identify").click()
    seen(lambda: "deaf no answer" in words(tab, ".outcomes"), what="the silence")
    transaction = json.loads(bus.payloads("display/deaf/cmd/identify")[0])["transaction"]
    result = {"cmd": "identify", "ok": False, "error": "<img src=x onerror=alert(1)>", "transaction": transaction}
    bus.publish("display/deaf/result", json.dumps(result))
    seen(lambda: "refused: <img src=x onerror=alert(1)>" in words(tab, ".outcomes"), what="the refusal")


def waits(tab: Tab) -> str:
    """How long the longest waits, as the table of queues tells it."""
    return "".join(re.findall(r"\d:\d\d", words(tab, "#table-queues")))


def test_a_switch_is_read_as_tables_and_not_at_all_when_it_is_lost(tab: Tab, bus: Bus) -> None:
    tell_switch(bus, active=2)
    tab.get_by_role("link", name="Switch").click()
    seen(lambda: "active 2" in words(tab, ".counters"), what="the calls")
    queue = EXAMPLES[m.Queue]
    assert isinstance(queue, m.Queue)
    waiting = msgspec.structs.replace(queue, longest_wait_since=rfc3339(now() - 75_000))
    tell(bus, c.SWITCH_QUEUE.publication(c.SWITCH_QUEUE.topic("main", "support@default"), waiting))
    seen(lambda: waits(tab), what="a wait")
    before = waits(tab)
    seen(lambda: waits(tab) > before, what="a wait that counts")
    assert "1:15" <= before < waits(tab) < "2:00"
    bus.publish("switch/main/availability", "offline", retain=True)
    seen(lambda: words(tab, ".trouble").startswith("NO PBX"), what="the loss")
    assert words(tab, ".counters") + words(tab, ".tables") == ""


CALL_ID = "ab/c@192.0.2.7"
INVITE = "INVITE sip:1000@pbx SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7\r\nCSeq: {} INVITE\r\n\r\n"


def tell_sip(bus: Bus, **dialog: object) -> None:
    """A sip-monitor with one dialog: an INVITE, another one, and that nobody is there."""
    health = EXAMPLES[m.SipHealth]
    assert isinstance(health, m.SipHealth)
    tell(bus, c.SIP_AVAILABILITY.publication(c.SIP_AVAILABILITY.topic("main"), "online"))
    lives = msgspec.structs.replace(health, at=rfc3339(now()))
    tell(bus, c.SIP_HEALTH.publication(c.SIP_HEALTH.topic("main"), lives))
    example = EXAMPLES[m.SipDialog]
    assert isinstance(example, m.SipDialog)
    changed = msgspec.structs.replace(example, call_id=CALL_ID, switch_call="c1", **dialog)
    tell(bus, c.SIP_DIALOG.publication(c.SIP_DIALOG.topic("main", CALL_ID), changed))
    one, other = "192.0.2.7:5060", "[2001:db8::1]:5060"
    said = [
        (one, other, INVITE.format(1)),
        (one, other, INVITE.format(2)),
        (other, one, "SIP/2.0 486 Busy Here\r\n\r\n"),
    ]
    messages = [
        m.SipMessage(
            at=rfc3339(1_764_124_800_000 + 250 * number), from_=source, to=target, transport="UDP",
            first_line=text.partition("\r\n")[0], cseq="1 INVITE", retransmission=False, body=text,
        )
        for number, (source, target, text) in enumerate(said)
    ]  # fmt: skip
    ladder = m.SipLadder(hosts=[one, other], messages=messages)
    tell(bus, c.SIP_LADDER.publication(c.SIP_LADDER.topic("main", CALL_ID), ladder))


def test_a_call_s_signalling_is_found_read_compared_and_taken_away(tab: Tab, bus: Bus, tmp_path: Path) -> None:
    tell_switch(bus, active=1)
    tell_sip(bus)
    call = msgspec.to_builtins(EXAMPLES[m.Call]) | {"id": "c1"}
    bus.publish("switch/main/call/c1", json.dumps(call), retain=True)
    tab.get_by_role("link", name="SIP").click()
    seen(lambda: "486 Busy Here (USER_BUSY)" in words(tab, "#table-sip"), what="the dialog")
    tab.locator("[name=status]").fill("5xx")
    assert words(tab, "#table-sip tbody") == ""
    tab.locator("[name=status]").fill("4")
    tab.get_by_role("link", name="Switch").click()
    tab.locator("#table-calls tbody a").click()
    seen(lambda: words(tab, ".arrows") == "0.000 INVITE +0.250 INVITE +0.250 486 Busy Here", what="the ladder")
    assert words(tab, ".hosts") == "192.0.2.7:5060 [2001:db8::1]:5060"
    tab.locator(".arrows button").nth(1).click()
    assert "CSeq: 2 INVITE" in words(tab, ".message-text")
    tab.get_by_label("Compare with").select_option("0")
    assert words(tab, "[data-diff]") == "- CSeq: 1 INVITE + CSeq: 2 INVITE"
    with tab.expect_download() as saving:
        tab.get_by_role("button", name="Save as pcap").click()
    saving.value.save_as(tmp_path / "call.pcap")
    assert (tmp_path / "call.pcap").read_bytes().count(b"INVITE sip:1000@pbx SIP/2.0\r\nVia") == 2
    tab.get_by_role("button", name="Copy as text").click()
    seen(lambda: "Copied" in words(tab, ".sip > .row"), what="the clipboard")
    bus.publish(c.SIP_LADDER.topic("main", CALL_ID), retain=True)
    bus.publish("sip/main/availability", "offline", retain=True)
    tell_sip(bus, state="answered", ended_at=None)
    bus.publish("sip/main/availability", "offline", retain=True)
    tab.get_by_role("link", name="SIP").click()
    seen(lambda: words(tab, ".nodes .life").startswith("lost"), what="the monitor's loss")
    assert words(tab, "#table-sip tbody td:nth-child(4)") == "?"
    tab.locator("[name=status]").fill("")


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\u202e"


def test_hostile_names_and_texts_are_texts(tab: Tab, bus: Bus) -> None:
    tell_switch(bus)
    for name in (HOSTILE.replace("/", "%2F"), "__proto__", "a" * 900):
        bus.publish(f"display/{name}/frame", ART, retain=True, qos=0)
    seen(lambda: tab.locator(f".card:not({CARD.format('hall')})").count() == 3, what="three cards")
    call = msgspec.to_builtins(EXAMPLES[m.Call]) | {"caller": {"number": HOSTILE, "name": HOSTILE}}
    bus.publish("switch/main/call/c1", json.dumps(call), retain=True)
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tab.get_by_role("link", name="Switch").click()
    seen(lambda: "alert(2)" in words(tab, "#table-calls"), what="the call")
    assert tab.locator("main script, main img").count() == 0
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


NO_FRAMES = {
    "ragged": b"##\n#\n",
    "no UTF-8": b"\xff\xfe\n",
    "HTML": b"<b>\n<b>\n",
    "huge": b"#" * 40_000,
    "larger than any panel": (b"#" * 2048 + b"\n") * 9,
    "empty rows": b"\n\n",
    "CR LF": b"#.\r\n",
}


def test_a_frame_that_is_none_is_not_the_one_before(tab: Tab, bus: Bus) -> None:
    note, unread = '[data-display="odd"] .note', "its frame cannot be read"
    for what, frame in NO_FRAMES.items():
        tell_display(bus, "odd")
        seen(lambda: lamps(tab, "odd") == ART and unread not in words(tab, note), what="the frame")
        bus.publish("display/odd/frame", frame, retain=True, qos=0)
        seen(lambda: lamps(tab, "odd") == "" and unread in words(tab, note), 20, f"a note: {what}")


def test_payloads_that_cannot_be_read_break_nothing(tab: Tab, bus: Bus) -> None:
    tell_switch(bus, active=1)
    for part in ("switch/main/calls", "switch/main/queue/q", "switch/main/recent", "display/d/info", "display/d/state"):
        for payload in (b"[" * 20_000, b'{"total": "many"}', b"\x80", b"null"):
            bus.publish(part, payload, retain=True)
    tab.get_by_role("link", name="Switch").click()
    seen(lambda: "calls ?" in words(tab, ".counters"), what="a question mark for what is not known")
    tell_calls(bus, 4)
    seen(lambda: "calls 4" in words(tab, ".counters"), what="the next number")


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
            seen(lambda: words(tab, "#link") == "live", what="the bus")
            assert tab.get_by_role("button", name="Identify").is_disabled()
            tab.get_by_role("button", name="Log in").first.click()
            tab.get_by_label("User").fill("operator")
            tab.get_by_label("Password").fill("wrong")
            tab.locator("dialog .primary").click()
            seen(lambda: "does not accept" in words(tab, "dialog .fault"), what="the refusal")
            assert words(tab, "#link") == "live", "trying disturbs nobody who looks"
            tab.get_by_label("Password").fill("do")
            tab.get_by_label("Password").press("Enter")
            seen(lambda: words(tab, "#account") == "Log out operator", what="the login")
            seen(lambda: tab.get_by_role("button", name="Identify").is_enabled(), what="the form")
            assert tab.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie])") == '[{},{},""]'
            tab.reload()
            seen(lambda: words(tab, "#account") == "Log in", what="forgetting")


def test_a_viewer_s_new_password_is_fetched(context: BrowserContext, locked: WebBroker) -> None:
    with served(locked, username="wall", secret="viewer.txt") as page:  # the name of a file
        page.files["/viewer.txt"] = b"old"
        with opened(context, page.url) as tab:
            seen(lambda: "does not accept" in words(tab, "#banner"), what="the refusal")
            page.files["/viewer.txt"] = b"see"
            seen(lambda: words(tab, "#link") == "live", 15, "the bus")


# Starts the demo as `make demo` does, its page on a free port; the second as where there is no mosquitto.
DEMO = "from demo_switch import broker, stage; stage._WEB_PORT = 0; {} raise SystemExit(stage.main())"
DEMOS = {"mosquitto": DEMO.format(""), "embedded": DEMO.format("broker.mosquitto = lambda: None;")}


@pytest.mark.parametrize("broker_of_the_demo", DEMOS)
def test_the_demo_shows_its_panel_here_and_in_a_browser_and_leaves_nothing(
    context: BrowserContext, tmp_path: Path, broker_of_the_demo: str
) -> None:
    command = [sys.executable, "-c", DEMOS[broker_of_the_demo]]
    environment = {**os.environ, "TMPDIR": str(tmp_path), "DEMO_PAGE": str(DIST)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as demo:
        try:
            assert demo.stdout is not None
            hint = [demo.stdout.readline() for _ in range(3)]
            with opened(context, hint[0].rpartition(" ")[2].strip()) as tab:
                seen(lambda: "#" in lamps(tab, "demo"), 20, "the demo's panel")
                seen(lambda: life(tab, "demo") == "live", 20, "its health")
        finally:
            demo.terminate()
        told, _ = demo.communicate(timeout=20)
    assert demo.returncode == 0, told
    assert "/cmd/text" in hint[-1]
    assert re.search(r"the panel at last:\n([#.]{32}\n){8}", told), told
    assert left(tmp_path) == []
    assert list(tmp_path.iterdir()) == []
