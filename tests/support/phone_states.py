"""Every state that a person meets on the telephone's pages, brought about as it comes about.

Each walk yields the state's name while the tab is in it: what is photographed (scripts/phone-pictures) is what is held
to axe-core's rules (tests/e2e/test_web_phone_states.py). Names are those of core/outcomes.js where there are some.
"""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Final

import msgspec
from playwright.sync_api import BrowserContext
from playwright.sync_api import Page as Tab

from demo_switch.stage import free_port
from lampfield_bus import channels as c
from lampfield_bus import messages as m
from lampfield_bus.examples import EXAMPLES
from lampfield_bus.instants import rfc3339
from support.https import Certificate, TlsRelay
from support.renderer import tell_health, tell_switch
from support.sip_server import SipServer
from support.waiting import now, until
from support.web_phone import Phones, ended, enter, ready, sign_in, sound, state
from support.web_wall import WebBroker, opened, tell, words

__all__ = ["MICROPHONE", "PULLED", "answer_states", "call_states", "codes", "doctor_states", "does", "examine", "main"]

State = tuple[str, Tab]
"""A name, and the tab that shows it."""

# getUserMedia as a test wants it: null as it is, "" never answers, else it fails with this name. Chromium's own
# refusals: tests/e2e/test_web_phone_silent.py.
MICROPHONE: Final = """fault => {
  const devices = navigator.mediaDevices;
  delete devices.getUserMedia;
  if (fault !== null) devices.getUserMedia = () =>
    fault === "" ? new Promise(() => {}) : Promise.reject(new DOMException("as the test wants it", fault));
}"""
# A microphone that can be pulled out, silenced by its key, and put back: the browser's fake one can none of it.
PULLED: Final = """() => {
  const devices = navigator.mediaDevices;
  const real = devices.getUserMedia.bind(devices);
  let plugged = true;
  let track = null;
  devices.getUserMedia = async (wanted) => {
    if (!plugged) throw new DOMException("none", "NotFoundError");
    const stream = await real(wanted);
    [track] = stream.getAudioTracks();
    return stream;
  };
  window.pull = () => {
    plugged = false;
    track.stop();
    track.dispatchEvent(new Event("ended"));
  };
  window.put = () => {
    plugged = true;
    devices.dispatchEvent(new Event("devicechange"));
  };
  window.silence = (muted) => {
    Object.defineProperty(track, "muted", { value: muted, configurable: true });
    track.dispatchEvent(new Event(muted ? "mute" : "unmute"));
  };
}"""
_BY_MICROPHONE: Final = {
    "denied": "NotAllowedError", "nomicrophone": "NotFoundError", "micbusy": "NotReadableError",
    "insecure": "InsecureError",
}  # fmt: skip
_BY_TOKEN: Final = {
    "unknown": HTTPStatus.NOT_FOUND, "crowded": HTTPStatus.TOO_MANY_REQUESTS, "offline": HTTPStatus.BAD_GATEWAY,
    "unavailable": "1009", "refused": "2000",
}  # fmt: skip
_BY_STATUS: Final = {"busy": "486", "noanswer": "480", "incompatible": "488", "failed": "500"}


def main(tab: Tab) -> None:
    """The call page's one button, whatever stands on it."""
    tab.locator("call-button .main").click()


def does(tab: Tab, name: str) -> None:
    """One of the answer page's buttons, in any language."""
    tab.locator(f"main [data-does={name}]").click()


def call_states(visitor: Tab, desk: Tab, phones: Phones) -> Iterator[State]:
    """The call page's; `desk` is an answer page that is signed in as 1000."""
    yield "idle", visitor
    visitor.evaluate(MICROPHONE, "")
    main(visitor)
    until(lambda: state(visitor) == "asking", what="asking")
    yield "asking", visitor
    main(visitor)
    ended(visitor, "cancelled")
    yield "cancelled", visitor
    for outcome, fault in _BY_MICROPHONE.items():
        visitor.evaluate(MICROPHONE, fault)
        main(visitor)
        ended(visitor, outcome)
        yield outcome, visitor
    visitor.evaluate(MICROPHONE, None)
    yield from _connecting(visitor, phones)
    for outcome, decided in _BY_TOKEN.items():
        phones.token = lambda _, decided=decided: decided  # type: ignore[misc] # bound at once
        main(visitor)
        ended(visitor, outcome)
        yield outcome, visitor
    phones.token = lambda _: "1000"
    for outcome, status in _BY_STATUS.items():
        phones.sip.manner("1000", status)
        main(visitor)
        ended(visitor, outcome)
        yield outcome, visitor
    phones.sip.manner("1000", "180")
    yield from _talked(visitor, desk, phones.sip)


def _connecting(visitor: Tab, phones: Phones) -> Iterator[State]:
    decided = threading.Event()

    def slowly(_: str) -> HTTPStatus:
        decided.wait(30)
        return HTTPStatus.BAD_GATEWAY

    phones.token = slowly
    main(visitor)
    until(lambda: state(visitor) == "connecting", what="connecting")
    yield "connecting", visitor
    decided.set()
    ended(visitor, "offline")


def _talked(visitor: Tab, desk: Tab, sip: SipServer) -> Iterator[State]:
    main(visitor)
    until(lambda: (state(visitor), state(desk)) == ("ringing", "ringing"), 20, "ringing")
    yield "ringing", visitor
    does(desk, "decline")
    ended(visitor, "declined")
    yield "declined", visitor
    visitor.evaluate(PULLED)
    main(visitor)
    _answered(visitor, desk)
    yield "talking", visitor
    yield from _unheard(visitor, "call-button .status")
    yield from _unmoved(visitor, "call-button .note", sip)
    visitor.locator("call-button .keypad").click()
    visitor.locator("call-button .mute").click()
    yield "muted-keypad", visitor
    main(visitor)
    ended(visitor, "ended")
    yield "ended", visitor


def _answered(visitor: Tab, desk: Tab) -> None:
    until(lambda: state(desk) == "ringing", 20, "ringing")
    does(desk, "answer")
    until(lambda: (state(visitor), state(desk)) == ("talking", "talking"), 20, "talking")
    sound(desk)


def _unheard(tab: Tab, status: str) -> Iterator[State]:
    """In a call; `tab` has a microphone that can be PULLED. What is said of it stands at `status`."""
    heard = words(tab, status)
    for name, goes, comes in (("silenced", "silence(true)", "silence(false)"), ("unplugged", "pull()", "put()")):
        tab.evaluate(goes)
        until(lambda: words(tab, status) != heard, what="the word of it")
        yield name, tab
        tab.evaluate(comes)
        until(lambda: words(tab, status) == heard, what="that it is heard again")


def _unmoved(tab: Tab, place: str, sip: SipServer) -> Iterator[State]:
    """In a call, and the only one; what is said of it stands at `place`."""

    def another_network(manner: str) -> None:
        count = int(sip.value("reinvited", manner) or 0)
        sip.manner("reinvite", manner)
        sip.cut()
        until(lambda: int(sip.value("reinvited", manner) or 0) >= count + 2, 20, "a re-INVITE of both")

    another_network("488")
    until(lambda: "SIP 488" in words(tab, place), what="the word of it")
    yield "unmoved", tab
    another_network("491")  # which brings both back before either is let through
    sip.manner("reinvite", "passed")
    until(lambda: words(tab, place) == "", 20, "the end of it")


def answer_states(context: BrowserContext, phones: Phones, broker: WebBroker, query: str = "") -> Iterator[State]:
    """The answer page's. `phones` shows the lamp and the queue `support@default` of `broker`, which runs."""
    page = f"{phones.url}answer.html{query}"
    working = phones.config
    with opened(context, page) as desk:
        yield from _out(desk, phones)
        phones.config = working
        desk.reload()
        with broker.bus() as bus, opened(context, phones.url) as visitor:
            sign_in(desk)
            until(lambda: desk.locator("[data-lamp=unknown]").count() == 1, what="a dark lamp")
            yield "ready-lamp-dark", desk
            tell_switch(bus)

            def lamp(name: str) -> None:
                tell_health(bus)  # what tells of lamps is believed for 45 s, and this walk takes longer
                shown = msgspec.structs.replace(EXAMPLES[m.Extension], state=name, registered=True)
                tell(bus, c.SWITCH_EXTENSION.publication(c.SWITCH_EXTENSION.topic("main", "1000"), shown))
                until(lambda: desk.locator(f"[data-lamp={name}]").count() == 1, what=f"a lamp that is {name}")

            lamp("idle")
            since = rfc3339(now() - 95_000)
            queue = msgspec.structs.replace(EXAMPLES[m.Queue], waiting=2, longest_wait_since=since)
            tell(bus, c.SWITCH_QUEUE.publication(c.SWITCH_QUEUE.topic("main", "support@default"), queue))
            until(lambda: desk.locator("[data-lamp=idle] li").count() == 1, what="the lamp and the queue")
            yield "ready", desk
            with opened(context, page) as other:
                yield from _tabs(desk, other)
            yield from _calls(visitor, desk, phones, lamp)
        yield from _away(desk, phones.sip)


def _out(desk: Tab, phones: Phones) -> Iterator[State]:
    yield "signed-out", desk
    sign_in(desk, password="wrong")
    until(lambda: desk.locator("body").get_attribute("data-line") == "wrongPassword", what="the refusal")
    yield "wrong-password", desk
    with socket.create_server(("127.0.0.1", 0)) as mute:  # takes connections, and says nothing
        phones.config = {**phones.config, "server": f"ws://127.0.0.1:{mute.getsockname()[1]}"}
        desk.reload()
        sign_in(desk, password="waits")
        until(lambda: desk.locator("body").get_attribute("data-line") == "signing", what="signing in")
        yield "registering", desk
    phones.config = {**phones.config, "server": f"ws://127.0.0.1:{free_port()}"}
    desk.reload()
    sign_in(desk, password="nobody")
    until(lambda: desk.locator("body").get_attribute("data-line") == "away", what="the word of it")
    yield "unreached", desk


def _tabs(desk: Tab, other: Tab) -> Iterator[State]:
    enter(other)
    until(lambda: other.locator("body").get_attribute("data-line") == "elsewhere", what="the other tab")
    yield "second-tab", other
    does(other, "takeOver")
    until(lambda: ready(other), what="the change of tabs")
    until(lambda: desk.locator("body").get_attribute("data-line") == "takenOver", what="the word of it")
    yield "taken-over", desk
    does(desk, "takeOver")
    until(lambda: ready(desk), what="the change back")


def _calls(visitor: Tab, desk: Tab, phones: Phones, lamp: Callable[[str], None]) -> Iterator[State]:
    main(visitor)
    until(lambda: state(desk) == "ringing", 20, "ringing")
    lamp("ringing")
    yield "ringing", desk
    main(visitor)
    ended(desk, "missed")
    lamp("idle")
    yield "missed", desk
    main(visitor)
    until(lambda: state(desk) == "ringing", 20, "ringing")
    does(desk, "decline")
    ended(desk, "refused")
    yield "declined", desk
    desk.evaluate(PULLED)
    main(visitor)
    _answered(visitor, desk)
    lamp("active")
    yield "talking", desk
    yield from _unheard(desk, ".callstatus")
    yield from _unmoved(desk, ".call .hint", phones.sip)
    does(desk, "mute")
    does(desk, "keypad")
    yield "muted-keypad", desk
    does(desk, "mute")
    does(desk, "keypad")
    does(desk, "hold")
    until(lambda: desk.locator("[data-does=hold]").get_attribute("aria-pressed") == "true", what="hold")
    lamp("held")
    yield "held", desk
    does(desk, "hold")
    until(lambda: desk.locator("[data-does=hold]").get_attribute("aria-pressed") == "false", what="the end of it")
    lamp("active")
    yield from _transfers(visitor, desk, phones)
    lamp("idle")
    desk.evaluate(MICROPHONE, "NotAllowedError")
    main(visitor)
    until(lambda: state(desk) == "ringing", 20, "ringing")
    does(desk, "answer")
    ended(desk, "denied")
    yield "denied", desk
    desk.evaluate(MICROPHONE, None)


def _transfers(visitor: Tab, desk: Tab, phones: Phones) -> Iterator[State]:
    phones.sip.manner("refer", "404")
    does(desk, "transfer")
    yield "transfer", desk
    _transfer(desk, "1002; evil")
    yield "transfer-bad", desk
    _transfer(desk, "1002")
    until(lambda: words(desk, ".call .hint") != "", what="the refusal")
    yield "not-transferred", desk
    phones.sip.manner("refer", "202")
    does(desk, "transfer")
    _transfer(desk, "1003")
    until(lambda: phones.sip.value("referred", "last") == "sip:1003@127.0.0.1", what="the REFER")
    yield "transferring", desk
    main(visitor)
    ended(desk, "transferred")
    yield "transferred", desk


def _transfer(desk: Tab, to: str) -> None:
    desk.locator("[name=to]").fill(to)
    desk.locator("[name=to]").press("Enter")


def _away(desk: Tab, sip: SipServer) -> Iterator[State]:
    sip.stop()
    until(lambda: desk.locator("body").get_attribute("data-line") == "away", what="the loss")
    yield "reconnecting", desk
    sip.start()
    until(lambda: ready(desk), 30, "the registration again")


def doctor_states(
    context: BrowserContext, phones: Phones, trusted: Certificate, unknown: Certificate, query: str = ""
) -> Iterator[State]:
    """The doctor page's; `context` trusts one of both certificates."""
    page = f"doctor.html{query}"
    with (
        TlsRelay(phones.sip.port, unknown) as wss,
        TlsRelay(phones.server_address[1], trusted) as https,
        opened(context, phones.url + page) as tab,
        opened(context, f"https://localhost:{https.port}/{page}") as secure,
    ):
        yield "unused", tab
        examine(tab, phones.sip.url)
        yield "good", tab
        examine(tab, f"ws://127.0.0.1:{free_port()}")
        yield "closed", tab
        examine(tab, f"wss://127.0.0.1:{wss.port}")
        yield "certificate", tab
        examine(secure, "ws://192.0.2.1:5066")
        yield "mixed", secure


def examine(tab: Tab, server: str) -> None:
    """The doctor page's button, until there is a result."""
    tab.locator("body").evaluate("body => body.removeAttribute('data-result')")
    tab.locator("[name=server]").fill(server)
    tab.locator("[type=submit]").click()
    until(lambda: tab.locator("body").get_attribute("data-result") is not None, 40, "the result")


def codes(tab: Tab) -> set[str]:
    """What the doctor page found, as programs read it."""
    return {check["code"] for check in json.loads(tab.locator("#result").text_content() or "")["checks"]}
