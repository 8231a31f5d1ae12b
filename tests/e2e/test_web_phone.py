"""The telephone in a browser for as long as a working day is: outages, crashes, many calls, and the board on the wall.

Needs no container: it is here because it takes longer than `make test` has.
"""

import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import BrowserContext
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page as Tab

from led_renderer.view import CallCounts, View
from led_renderer.widgets import calls
from led_renderer.widgets.base import Options
from support.broker import Broker
from support.captures import events
from support.esl_server import EslServer, Obedient, frame
from support.publisher import Publisher
from support.relay import Relay
from support.renderer import Renderer
from support.sip_server import PASSWORD, SipServer
from support.waiting import allowed, until
from support.web_phone import (
    FAKE_MEDIA,
    Phones,
    answer,
    call,
    ended,
    press,
    ready,
    sign_in,
    silence,
    sound,
    state,
    talk,
)
from support.web_wall import chromium, opened, words

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def context() -> Iterator[BrowserContext]:
    with chromium(*FAKE_MEDIA, viewport={"width": 900, "height": 760}) as started:
        yield started


def test_muted_means_that_nothing_is_heard(visitor: Tab, desk: Tab) -> None:
    talk(visitor, desk)
    press(visitor, "Mute")
    until(lambda: "nobody hears you" in words(visitor, "call-button .box"), what="the word of it")

    silence(desk)
    press(visitor, "Mute")
    sound(desk)
    press(visitor, "Keypad")
    press(visitor, "Key 5")
    visitor.keyboard.press("#")
    press(desk, "Hang up")
    ended(visitor, "ended")


def test_hold_is_silence_for_both_until_it_is_resumed(visitor: Tab, desk: Tab) -> None:
    talk(visitor, desk)
    press(desk, "Hold")
    until(lambda: "On hold" in words(desk, ".callstatus"), what="hold")
    silence(visitor)
    press(desk, "Hold")
    sound(visitor)
    visitor.close(run_before_unload=False)
    ended(desk, "ended")


def test_one_tab_holds_an_extension_and_another_may_take_it_over(
    context: BrowserContext, phones: Phones, sip: SipServer
) -> None:
    page = phones.url + "answer.html"
    with opened(context, page) as desk, opened(context, page) as other:
        sign_in(desk, "1005")
        other.locator("[name=extension]").fill("1005")
        other.locator("[name=password]").fill(PASSWORD)
        press(other, "Sign in")
        until(lambda: "in another tab" in words(other, ".line"), what="the other tab")
        press(other, "Use it in this tab")
        until(lambda: words(other, ".line").startswith("Ready"), what="the change of tabs")
        until(lambda: "is now used in another tab" in words(desk, ".line"), what="the word of it")
        press(other, "Sign out")
        until(lambda: not sip.registered("1005"), what="the end of the registration")


def test_it_answers_by_itself_where_that_was_asked_for(visitor: Tab, desk: Tab) -> None:
    desk.get_by_label("Answer by itself").check()
    press(visitor, "Call")
    until(lambda: (state(visitor), state(desk)) == ("talking", "talking"), what="talking")


def test_a_server_that_restarts_in_mid_call_takes_nothing_from_those_who_talk(
    visitor: Tab, desk: Tab, sip: SipServer
) -> None:
    talk(visitor, desk)
    sip.restart()
    until(lambda: "Trying again" in words(desk, ".line") or ready(desk), what="the loss to be said")
    until(lambda: ready(desk), 30, "the registration again")
    assert (state(visitor), state(desk)) == ("talking", "talking")
    sound(visitor)
    sound(desk)
    until(lambda: sip.contacts == 2, 20, "the visitor's return: a BYE before that would reach nobody")
    press(desk, "Hang up")
    ended(visitor, "ended")


def test_another_network_does_not_end_a_call(context: BrowserContext, sip: SipServer) -> None:
    with (
        Relay(sip.port) as relay,
        Phones(sip, server=relay.url, guest_server=relay.url).serving() as phones,
        opened(context, phones.url + "answer.html") as desk,
        opened(context, phones.url) as visitor,
    ):
        sign_in(desk)
        talk(visitor, desk)
        relay.cut()
        until(lambda: relay.connections >= 2, 20, "both to come back")
        until(lambda: ready(desk), 20, "the registration again")
        assert (state(visitor), state(desk)) == ("talking", "talking")
        sound(visitor)
        sound(desk)
        before = sip.pages
        relay.cut()
        context.set_offline(offline=True)
        context.set_offline(offline=False)  # `online`: the page does not wait for its turn
        until(lambda: relay.connections >= 2, 20, "both again")
        until(lambda: ready(desk), 20, "the registration again")
        until(lambda: len(sip.pages - before) == 2, 20, "both their sockets: a BYE before that is lost")
        press(visitor, "Hang up")
        ended(desk, "ended")


def test_a_tab_that_crashes_is_noticed_by_its_silence(desk: Tab, context: BrowserContext, phones: Phones) -> None:
    visitor = context.new_page()
    visitor.goto(phones.url)
    talk(visitor, desk)
    with contextlib.suppress(PlaywrightError):
        visitor.goto("chrome://crash")  # no pagehide, no BYE
    until(lambda: "No sound" in words(desk, ".callstatus") or state(desk) == "lost", 40, "the silence to be said")
    until(lambda: state(desk) == "lost", 40, "the end")
    visitor.close()  # or the context that all tests share could not be told to be offline


def test_a_closed_tab_says_goodbye_before_it_is_answered_and_after(
    desk: Tab, context: BrowserContext, phones: Phones
) -> None:
    with opened(context, phones.url) as visitor:
        call(visitor, desk)
    ended(desk, "missed")
    with opened(context, phones.url) as visitor:
        talk(visitor, desk)
    began = time.monotonic()
    ended(desk, "ended")
    assert time.monotonic() - began < allowed(3)


def test_nobody_answers(context: BrowserContext, tmp_path: Path) -> None:
    with (
        SipServer(tmp_path / "impatient", ringing=3.0) as impatient,
        Phones(impatient).serving() as phones,
        opened(context, phones.url + "answer.html") as desk,
        opened(context, phones.url) as visitor,
    ):
        sign_in(desk)
        call(visitor, desk)
        ended(visitor, "noanswer")  # the server's patience: 480 with Q.850 19
        assert words(visitor, "call-button .note") == "SIP 480"
        ended(desk, "missed")
        phones.config["ring_seconds"] = 1
        visitor.reload()
        press(visitor, "Call")
        ended(visitor, "noanswer")  # the page's own
        until(lambda: words(desk, ".calls").count("missed") == 2, what="the second missed call")


def test_a_transfer_is_asked_for_and_a_refused_one_leaves_the_call(visitor: Tab, desk: Tab, sip: SipServer) -> None:
    talk(visitor, desk)
    sip.manner("refer", "404")
    press(desk, "Transfer")
    desk.get_by_label("Transfer to extension").fill("1002; evil")
    desk.locator("form.panel button").click()
    assert "digits, letters" in words(desk, "form.panel")
    desk.get_by_label("Transfer to extension").fill("1002")
    desk.locator("form.panel button").click()
    until(lambda: "could not be reached" in words(desk, ".call"), what="the refusal")
    assert (state(visitor), state(desk)) == ("talking", "talking")
    sip.manner("refer", "202")
    press(desk, "Transfer")
    desk.get_by_label("Transfer to extension").fill("1003")
    desk.locator("form.panel button").click()
    until(lambda: "Transferring to 1003" in words(desk, ".callstatus"), what="the transfer")
    until(lambda: sip.value("referred", "last") == "sip:1003@127.0.0.1", what="the REFER")
    press(visitor, "Hang up")
    ended(desk, "transferred")  # FreeSWITCH's BYE after its 202 means the same


def test_twenty_calls_leave_nothing_behind(visitor: Tab, desk: Tab, sip: SipServer) -> None:
    def weight(tab: Tab) -> int:
        session = tab.context.new_cdp_session(tab)
        session.send("HeapProfiler.collectGarbage")
        used: int = session.send("Runtime.getHeapUsage")["usedSize"]
        session.detach()
        return used

    weights: list[tuple[int, int]] = []
    for turn in range(20):
        press(visitor, "Call" if turn == 0 else "Call again")
        until(lambda: state(desk) == "ringing", 20, "ringing")
        press(desk, "Answer")
        until(lambda: state(visitor) == "talking", 20, "talking")
        press(visitor, "Hang up")
        ended(desk, "ended")
        if turn in (4, 19):
            until(lambda: sip.sockets == 1, what="one socket, the desk's")
            weights.append((weight(visitor), weight(desk)))
    (early_visitor, early_desk), (late_visitor, late_desk) = weights
    assert late_visitor < early_visitor + 1_000_000
    assert late_desk < early_desk + 1_000_000


def board(**counts: int) -> set[bytes]:
    """What the page `calls` may look like while there are so many: the handset of one that rings shakes."""
    view = View(CallCounts(**counts))
    options = Options(timezone=ZoneInfo("UTC"))
    return {str(calls.draw(view, (32, 8), at, options)[0]).encode() for at in (0, calls.SHAKE // 2)}


def test_a_call_lights_the_board(visitor: Tab, desk: Tab, tmp_path: Path, broker: Broker) -> None:
    """The SIP server of the tests is no FreeSWITCH: what one said of such a call is replayed as the browsers go on."""
    script = Obedient()
    said = [json.loads(body) for body in events("call_bridged")]
    answered = next(at for at, told in enumerate(said) if told["Answer-State"] == "answered")
    over = next(at for at, told in enumerate(said) if told["Event-Name"] == "CHANNEL_HANGUP")

    def say(*told: dict[str, str]) -> None:
        script.say(b"".join(frame(json.dumps(one).encode()) for one in told))

    with (
        EslServer(script) as server,
        Publisher(tmp_path, broker, server, EXTENSIONS="1000-1003", RESYNC_SECONDS="600"),
        Renderer(broker, tmp_path, "hall"),
        broker.bus() as bus,
    ):
        bus.subscribe()
        bus.wait_until_online("display/hall", limit=40)
        bus.publish("display/hall/cmd/page", "calls")
        bus.wait_for(lambda: script.listeners and bus.latest["display/hall/frame"] in board(), 40)
        call(visitor, desk)
        say(*said[:answered])
        bus.wait_for(lambda: json.loads(bus.latest["switch/main/calls"])["ringing"] == 1, 20)
        shaken = board(ringing=1) - board(active=1)
        bus.wait_for(lambda: bus.latest["display/hall/frame"] in shaken, 20)
        answer(visitor, desk)
        say(*said[answered:over])
        bus.wait_for(lambda: json.loads(bus.latest["switch/main/calls"])["active"] == 1, 20)
        bus.wait_for(lambda: bus.latest["display/hall/frame"] in board(active=1), 20)
        press(visitor, "Hang up")
        ended(desk, "ended")
        say(*said[over:])
        bus.wait_for(lambda: json.loads(bus.latest["switch/main/calls"])["total"] == 0, 20)
        bus.wait_for(lambda: bus.latest["display/hall/frame"] in board(), 20)
