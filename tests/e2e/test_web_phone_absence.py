"""The pages when something is away: a server that starts later, a night's sleep, a person who looks at another page."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from support.sip_server import PASSWORD, SipServer
from support.waiting import until
from support.web_phone import FAKE_MEDIA, FOLDER, Phones, ended, enter, press, ready, sign_in, state, talk
from support.web_wall import WebBroker, chromium, opened, words

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def context() -> Iterator[BrowserContext]:
    with chromium(*FAKE_MEDIA) as started:
        yield started


def test_what_starts_later_is_found(context: BrowserContext, tmp_path: Path) -> None:
    broker, sip = WebBroker(tmp_path / "broker").start(), SipServer(tmp_path / "sip").start()
    broker.stop()
    sip.stop()
    with (
        Phones(sip, bus={"broker": broker.url}).serving() as phones,
        opened(context, phones.url + "answer.html") as desk,
        opened(context, phones.url) as visitor,
    ):
        enter(desk)
        until(lambda: "cannot be reached. No call reaches you" in words(desk, ".line"), what="the word of it")
        until(lambda: "no connection to the bus" in words(desk, ".lamps"), what="a dark lamp")
        press(visitor, "Call")
        ended(visitor, "offline")
        sip.start()
        until(lambda: ready(desk), 20, "the registration, without a hand")
        broker.start()
        until(lambda: "nothing is known" in words(desk, ".lamps"), 20, "the bus")
        press(visitor, "Call again")
        until(lambda: state(desk) == "ringing", 20, "ringing")
        press(visitor, "Cancel")
        ended(desk, "missed")
    sip.stop()
    broker.kill()


def test_a_configuration_that_comes_later_is_read(context: BrowserContext, tmp_path: Path) -> None:
    with (
        SipServer(tmp_path / "sip") as sip,
        Phones(sip).serving() as phones,
        opened(context, "about:blank") as desk,
    ):
        desk.route("**/config.json", lambda route: route.fulfill(status=502))
        desk.goto(phones.url + "answer.html")
        until(lambda: "config.json: 502" in words(desk, "[role=alert]"), what="what is wrong")
        desk.unroute("**/config.json")
        sign_in(desk)


def test_after_a_night_s_sleep_the_line_is_made_anew_and_a_call_that_lives_is_kept(
    context: BrowserContext, tmp_path: Path
) -> None:
    with SipServer(tmp_path / "sip") as sip, Phones(sip).serving() as phones, opened(context, phones.url) as visitor:
        desk = context.new_page()
        desk.clock.install()
        desk.goto(phones.url + "answer.html")
        sign_in(desk)
        talk(visitor, desk)
        desk.evaluate("""() => {
          window.states = [];
          const note = () => states.push(document.body.dataset.line);
          new MutationObserver(note).observe(document.body, { attributes: true });
        }""")
        desk.clock.set_system_time(desk.evaluate("Date.now()") / 1000 + 8 * 3600)
        until(lambda: "away" in desk.evaluate("states"), 20, "the doubt in a socket that may be dead")
        until(lambda: ready(desk), 20, "the registration again")
        assert state(desk) == "talking"
        press(visitor, "Hang up")
        ended(desk, "ended")
        desk.close()


def test_a_page_that_nobody_has_looked_at_for_minutes_is_still_called(tmp_path: Path) -> None:
    """Browsers let such a page's timers run once a minute: it missed its keepalives, and took that for sleep.

    Playwright's pages are always in sight, so another program drives the browser here.
    """
    with SipServer(tmp_path / "sip") as sip, Phones(sip).serving() as phones:
        script = Path(__file__).parents[1] / "support" / "hidden_page.mjs"
        program = ["node", str(script), phones.url, PASSWORD, str(tmp_path)]
        run = subprocess.run(program, check=False, capture_output=True, text=True, cwd=FOLDER, timeout=280)
        assert run.returncode == 0, run.stderr
        told = json.loads(run.stdout)
        assert told["visibility"] == "hidden"
        assert told["slowest"] > 30_000, "the browser slows such a page's own timers, of a second, down to a minute"
        assert told["line"] == ["signing", "ready"], "never away"
        assert sip.registered("1000")
