"""The telephone in a real Chromium, over a real SIP server: what is said at one end is heard at the other.

What takes longer (outages, crashes, many calls) is in tests/e2e/test_web_phone.py.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import BrowserContext
from playwright.sync_api import Page as Tab

from lampfield_bus import channels as c
from lampfield_bus import messages as m
from lampfield_bus.examples import EXAMPLES
from support.broker import Bus
from support.https import Certificate, TlsRelay
from support.phone_states import PULLED
from support.relay import Relay
from support.renderer import tell_switch
from support.sip_server import SipServer
from support.waiting import until
from support.web_phone import (
    FAKE_MEDIA,
    Phones,
    answer,
    call,
    ended,
    hear_keys,
    keys_heard,
    press,
    sign_in,
    silence,
    sound,
    state,
    talk,
    wait_for_meters,
)
from support.web_wall import WebBroker, chromium, opened, words

# `web-phone` and the node that `make web` found lie beside Python's own programs.
NODE_PATH = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """The one certificate that the browser trusts besides the world's."""
    return Certificate(tmp_path_factory.mktemp("trusted") / "tls")


@pytest.fixture(scope="module")
def context(trusted: Certificate) -> Iterator[BrowserContext]:
    with chromium(*FAKE_MEDIA, trusted.flag, viewport={"width": 900, "height": 700}) as started:
        yield started


@pytest.fixture(scope="module")
def sip(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SipServer]:
    started = SipServer(tmp_path_factory.mktemp("sip")).start()
    yield started
    started.stop()


def test_a_page_calls_a_page_and_both_hear(visitor: Tab, desk: Tab) -> None:
    call(visitor, desk)
    assert "It rings" in words(visitor, "call-button .box")
    assert words(desk, ".callstatus") == "Web visitor calls."
    assert desk.title().startswith("☎")
    answer(visitor, desk)
    for tab in (visitor, desk):
        wait_for_meters(tab)
    until(lambda: words(visitor, "call-button .timer") >= "0:01", what="the timer")
    press(visitor, "Hang up")
    ended(visitor, "ended")
    ended(desk, "ended")
    assert "You talked for 0:0" in words(visitor, "call-button .box")
    assert "Web visitor 0:0" in words(desk, ".calls")


def test_declined_is_said_to_the_visitor(visitor: Tab, desk: Tab) -> None:
    call(visitor, desk)
    press(desk, "Decline")
    ended(visitor, "declined")
    assert words(visitor, "call-button .status") == "The call was declined."
    assert words(visitor, "call-button .note") == "SIP 603"
    assert words(desk, ".callstatus") == "You declined the call of Web visitor."


def test_who_hangs_up_while_a_call_is_being_answered_leaves_nobody_waiting(visitor: Tab, desk: Tab) -> None:
    desk.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = () => new Promise(() => {}) }"
    )  # nobody says yes or no
    call(visitor, desk)
    press(desk, "Answer")
    until(lambda: state(desk) == "answering", what="the question for the microphone")
    press(desk, "Hang up")
    ended(visitor, "declined")
    assert state(desk) == "ended"


def test_a_visitor_who_gives_up_is_missed(visitor: Tab, desk: Tab) -> None:
    call(visitor, desk)
    press(visitor, "Cancel")
    ended(visitor, "cancelled")
    ended(desk, "missed")
    assert "missed" in words(desk, ".calls")
    assert desk.title() == "Telephone"


def test_a_second_visitor_meets_busy_and_is_remembered(
    visitor: Tab, desk: Tab, context: BrowserContext, phones: Phones
) -> None:
    talk(visitor, desk)
    with opened(context, phones.url + "?lang=de") as second:
        assert words(second, "h1") == "Rufen Sie uns an"
        press(second, "Anrufen")
        ended(second, "busy")
        assert words(second, "call-button .status").startswith("Besetzt.")
    assert state(desk) == "talking"
    assert "missed" in words(desk, ".calls")


def test_183_is_ringing_as_180_is(visitor: Tab, desk: Tab, sip: SipServer) -> None:
    sip.manner("1000", "183")
    call(visitor, desk)
    press(desk, "Answer")
    until(lambda: state(visitor) == "talking", what="talking")


@pytest.mark.parametrize(
    ("decided", "outcome", "said"),
    [
        ("1007", "unavailable", "Nobody is there"),
        (HTTPStatus.NOT_FOUND, "unknown", "nobody to be called"),
        (HTTPStatus.TOO_MANY_REQUESTS, "crowded", "Too many calls"),
        (HTTPStatus.BAD_GATEWAY, "offline", "cannot be reached"),
    ],
)
def test_whoever_cannot_be_reached(
    visitor: Tab, phones: Phones, decided: str | HTTPStatus, outcome: str, said: str
) -> None:
    phones.token = lambda _: decided
    press(visitor, "Call")
    ended(visitor, outcome)
    assert said in words(visitor, "call-button .status")


def test_a_token_opens_one_call_and_no_second(visitor: Tab, desk: Tab, phones: Phones) -> None:
    talk(visitor, desk)
    press(visitor, "Hang up")
    ended(desk, "ended")
    used = f'{{"token": "{phones.tokens[-1]}", "to": "1000"}}'
    visitor.route("**/guest-tokens", lambda route: route.fulfill(status=201, body=used))
    press(visitor, "Call again")
    ended(visitor, "refused")
    assert words(visitor, "call-button .note") == "SIP 603"
    assert state(desk) == "ended"


def test_a_wrong_password_is_said_and_kept_nowhere(context: BrowserContext, phones: Phones) -> None:
    with opened(context, phones.url + "answer.html") as tab:
        sign_in(tab, password="wrong")
        until(lambda: "does not accept" in words(tab, ".line"), what="the refusal")
        assert tab.locator("[name=password]").input_value() == ""
        sign_in(tab)
        assert tab.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie])") == '[{},{},""]'


def test_another_site_embeds_the_button_under_a_strict_policy(
    context: BrowserContext, phones: Phones, desk: Tab
) -> None:
    site = phones.url.replace("localhost", "127.0.0.1").removesuffix("/")  # which is another origin
    phones.allowed_origins = {site}
    phones.token = lambda to: "1000" if to == "sales" else HTTPStatus.NOT_FOUND
    page = (
        f'<!doctype html><html lang="de"><title>Shop</title><h1>Shop</h1>'
        f'<script type="module" src="{phones.url}call-button.js"></script><call-button to="sales"></call-button>'
    )
    policy = f"default-src 'none'; script-src {phones.url}; connect-src {phones.url} {phones.sip.url}"
    phones.sites["/shop.html"] = (page, policy)
    with opened(context, f"{site}/shop.html") as shop:
        press(shop, "Anrufen")
        until(lambda: state(desk) == "ringing", what="ringing")
        press(desk, "Answer")
        until(lambda: state(shop) == "talking", what="talking")
        button = "document.querySelector('call-button').shadowRoot.querySelector('.main')"
        assert shop.evaluate(f"getComputedStyle({button}).borderRadius") == "999px", "its styles are let in"


def test_the_lamp_and_the_queue_are_what_the_bus_says(context: BrowserContext, sip: SipServer, tmp_path: Path) -> None:
    broker = WebBroker(tmp_path / "broker").start()
    config = {"broker": broker.url, "queues": ["support@default"]}
    with (
        Phones(sip, bus=config).serving() as phones,
        broker.bus() as bus,
        opened(context, phones.url + "answer.html") as desk,
    ):
        sign_in(desk, "1006")
        until(lambda: "nothing is known" in words(desk, ".lamps"), what="a dark lamp")
        tell_switch(bus)
        lamp = msgspec.structs.replace(EXAMPLES[m.Extension], state="ringing", registered=True)
        _tell(bus, c.SWITCH_EXTENSION.publication(c.SWITCH_EXTENSION.topic("main", "1006"), lamp))
        until(lambda: words(desk, ".lamp") == "Extension 1006: rings", what="the lamp")
        queue = msgspec.structs.replace(EXAMPLES[m.Queue], waiting=2, longest_wait_since=None)
        _tell(bus, c.SWITCH_QUEUE.publication(c.SWITCH_QUEUE.topic("main", "support@default"), queue))
        until(lambda: "Queue support@default: 2 waiting" in words(desk, ".lamps"), what="the queue")
        broker.stop()
        until(lambda: "no connection to the bus" in words(desk, ".lamps"), what="darkness")
        assert "2 waiting" not in words(desk, ".lamps")


def test_a_page_that_came_by_https_calls_over_wss(
    context: BrowserContext, sip: SipServer, trusted: Certificate
) -> None:
    with (
        TlsRelay(sip.port, trusted) as wss,
        Phones(sip, server=f"wss://localhost:{wss.port}").serving() as phones,
        TlsRelay(phones.server_address[1], trusted) as https,
        opened(context, f"https://localhost:{https.port}/answer.html") as desk,
        opened(context, f"https://localhost:{https.port}/") as visitor,
    ):
        sign_in(desk)
        assert "without TLS" not in words(desk, "main")
        assert [worker.url.rpartition("/")[2] for worker in desk.workers] == ["timers.js"], "our policy lets it run"
        talk(visitor, desk)
        press(visitor, "Hang up")
        ended(desk, "ended")


def test_a_certificate_that_nobody_vouches_for_is_named(
    context: BrowserContext, phones: Phones, visitor: Tab, tmp_path: Path
) -> None:
    with TlsRelay(phones.sip.port, Certificate(tmp_path / "unknown")) as wss:
        address = f"wss://localhost:{wss.port}"
        phones.config["server"] = address
        visitor.reload()
        press(visitor, "Call")
        ended(visitor, "offline")
        with opened(context, f"{phones.url}doctor.html?server={address}#run") as doctor:
            until(
                lambda: "certificate is not trusted here" in words(doctor, "[data-code=closedSecure]"), 20, "its word"
            )
        shell = subprocess.run(
            ["web-phone", "doctor", "--json", address], check=False, capture_output=True, env=NODE_PATH, timeout=30
        )
        codes = {check["check"]: check["code"] for check in json.loads(shell.stdout)["checks"]}
        assert (shell.returncode, codes["certificate"]) == (1, "certificateSelf")
        assert codes["options"] == "sip", "all the rest is examined, too"


def test_keys_are_heard_at_the_other_end_however_fast_they_come(visitor: Tab, desk: Tab) -> None:
    hear_keys(desk)
    talk(visitor, desk)
    press(visitor, "Mute")  # tones alone
    press(visitor, "Keypad")
    visitor.locator("call-button .keypad").focus()
    visitor.keyboard.type("1590#")
    until(lambda: keys_heard(desk).endswith("1590#"), what="five keys", every=0.2)
    press(visitor, "Key 8")
    until(lambda: keys_heard(desk).endswith("#8"), what="the key of a click", every=0.2)
    visitor.keyboard.press("Escape")
    assert visitor.evaluate("document.activeElement.shadowRoot.activeElement.className") == "keypad", "focus is back"


def test_a_microphone_that_goes_is_said_and_another_is_taken(visitor: Tab, desk: Tab) -> None:
    for tab in (visitor, desk):
        tab.evaluate(PULLED)
    talk(visitor, desk)
    for tab, status, other in ((visitor, "call-button .status", desk), (desk, ".callstatus", visitor)):
        before = words(tab, status)

        def says(text: str, tab: Tab = tab, status: str = status) -> None:
            until(lambda: text in words(tab, status), what=text)

        tab.evaluate("silence(true)")
        says("Nobody hears you: your device has silenced the microphone.")
        tab.evaluate("silence(false)")
        says(before)
        tab.evaluate("pull()")
        says("Nobody hears you: your microphone is gone.")
        silence(other)
        tab.evaluate("put()")
        says(before)
        sound(other)


# Real notifications that a test sees; and a page that nobody looks at: Playwright's always has the focus.
WATCHED = """() => {
  document.hasFocus = () => false;
  window.focus = () => { window.brought = true; };
  const Real = Notification;
  window.shown = [];
  window.Notification = class extends Real {
    constructor(title, options) {
      super(title, options);
      window.shown.push(this);
    }
    close() {
      super.close();
      window.put_away = true; // its event comes from a desktop only
    }
  };
}"""


def test_a_notification_says_who_calls_and_brings_the_page_forward(
    visitor: Tab, desk: Tab, context: BrowserContext
) -> None:
    context.grant_permissions(["notifications", "microphone"])  # what is not named is denied
    desk.evaluate(WATCHED)
    desk.get_by_label("Show a notification when it rings").check()
    call(visitor, desk)
    assert desk.evaluate("[shown.length, shown[0].title, shown[0].requireInteraction]") == [
        1,
        "Web visitor calls.",
        True,
    ]
    desk.evaluate("shown[0].dispatchEvent(new Event('click'))")
    assert desk.evaluate("[window.brought, document.activeElement.dataset.does]") == [True, "answer"]
    assert state(desk) == "ringing", "a click on it is not yet an answer: somebody would be heard"
    assert not desk.evaluate("window.put_away")
    desk.keyboard.press("Enter")
    until(lambda: state(visitor) == "talking", what="talking")
    until(lambda: desk.evaluate("window.put_away === true"), what="its end when it is answered")
    until(lambda: desk.evaluate("document.activeElement.dataset.does") == "hangUp", what="the focus, which is not lost")


def test_a_transfer_that_the_other_one_refuses_gives_the_call_back(visitor: Tab, desk: Tab, sip: SipServer) -> None:
    talk(visitor, desk)
    press(desk, "Transfer")
    desk.get_by_label("Transfer to extension").fill("1003")
    desk.keyboard.press("Enter")
    until(lambda: sip.value("referred", "last") == "sip:1003@127.0.0.1", what="the REFER")
    assert "Transferring to 1003" in words(desk, ".callstatus")
    sip.notify("100 Trying")
    sip.notify("603 Decline")
    until(lambda: "1003 could not be reached" in words(desk, ".call"), what="the refusal")
    assert (state(visitor), state(desk)) == ("talking", "talking")
    press(desk, "Hang up")
    ended(visitor, "ended")


def test_another_network_is_asked_for_until_it_is_taken_up(context: BrowserContext, sip: SipServer) -> None:
    with (
        Relay(sip.port) as near,
        Relay(sip.port) as far,
        Phones(sip, guest_server=near.url, server=far.url).serving() as phones,
        opened(context, phones.url + "answer.html") as desk,
        opened(context, phones.url) as visitor,
    ):

        def another_network(relay: Relay, manner: str) -> None:
            """Takes one page's socket away; its re-INVITE on the next meets this manner."""
            count = sip.value("reinvited", manner)
            sip.manner("reinvite", manner)
            relay.cut()
            until(lambda: sip.value("reinvited", manner) != count, 20, f"a re-INVITE that meets {manner}")

        def noted(tab: Tab, place: str, said: str) -> None:
            until(lambda: said in (words(tab, place) or "nothing"), 20, said)
            assert (state(visitor), state(desk)) == ("talking", "talking")

        sign_in(desk)
        talk(visitor, desk)
        another_network(near, "488")
        noted(visitor, "call-button .note", "did not take up your new connection (SIP 488)")
        sound(desk)  # by the path of before: an offer that was refused is taken back
        another_network(near, "silent")
        another_network(near, "passed")  # while the one before has no answer, and never will
        noted(visitor, "call-button .note", "nothing")
        sound(desk)
        another_network(far, "488")
        noted(desk, ".call .hint", "(SIP 488)")
        another_network(far, "491")
        sip.manner("reinvite", "passed")
        noted(desk, ".call .hint", "nothing")  # it tried again by itself
        sound(visitor)
        another_network(far, "481")
        ended(desk, "lost")
        ended(visitor, "ended")
        sip.manner("reinvite", "passed")


# Every text that a live region came to have: what a screen reader says.
ANNOUNCED = """() => {
  window.said = [];
  const root = document.querySelector("call-button")?.shadowRoot ?? document;
  for (const node of root.querySelectorAll("[role=status], [role=alert]")) {
    new MutationObserver(() => node.textContent && window.said.push(node.textContent))
      .observe(node, { childList: true, characterData: true, subtree: true });
  }
}"""


def test_each_state_is_announced_once_and_the_clock_never(visitor: Tab, desk: Tab) -> None:
    for tab in (visitor, desk):
        tab.evaluate(ANNOUNCED)
    talk(visitor, desk)
    until(lambda: words(visitor, "call-button .timer") >= "0:01", what="the timer")
    press(desk, "Hold")
    until(lambda: "On hold" in words(desk, ".callstatus"), what="hold")
    press(visitor, "Hang up")  # who is held may go
    ended(desk, "ended")
    said = visitor.evaluate("said")
    assert [text for text in said if text != "Connecting …"] == [
        "Please let this page use your microphone.", "It rings …", "You are talking.", "The call has ended.",
    ]  # fmt: skip
    assert desk.evaluate("said") == [
        "Web visitor calls.", "Answering …", "You are talking with Web visitor.",
        "On hold: neither of you hears the other.", "The call has ended.",
    ]  # fmt: skip


# As of somebody who wanted to hang up, and was a moment later than the other.
CLICK_TOO_LATE = """() => {
  const button = document.querySelector("call-button");
  button.addEventListener("callstate", ({ detail }) => {
    if (detail.state !== "ended" || window.late) return;
    window.late = true;
    button.shadowRoot.querySelector(".main").click();
    setTimeout(() => { window.then = button.state; }, 100);
  });
}"""


def test_the_second_click_of_a_double_one_does_nothing(visitor: Tab, desk: Tab) -> None:
    visitor.locator("call-button .main").dblclick()
    until(lambda: state(desk) == "ringing", what="ringing")
    desk.locator("[data-does=answer]").dblclick()
    until(lambda: (state(visitor), state(desk)) == ("talking", "talking"), what="talking")
    visitor.evaluate(CLICK_TOO_LATE)
    press(desk, "Hang up")
    until(lambda: visitor.evaluate("window.then"), what="the end, and a click that came too late for it")
    assert visitor.evaluate("window.then") == "ended"
    press(visitor, "Call again")  # waits until the button takes it
    until(lambda: state(desk) == "ringing", what="ringing")


def _tell(bus: Bus, publication: m.Publication) -> None:
    bus.publish(publication.topic, publication.payload, retain=publication.retain, qos=publication.qos)
