"""Every state of every page of the telephone: axe-core has nothing against it, and it fits wherever it is read.

What it looks like, for people: scripts/phone-pictures, which walks through the same states.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import BrowserContext, ViewportSize
from playwright.sync_api import Page as Tab

from support.https import Certificate
from support.phone_states import answer_states, call_states, codes, doctor_states
from support.sip_server import SipServer
from support.waiting import until
from support.web_phone import FAKE_MEDIA, FOLDER, Phones, call, ended, press, sign_in, state
from support.web_wall import WebBroker, chromium, opened

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]

AXE: Final = (FOLDER / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
DESK: Final = ViewportSize(width=900, height=560)
NARROW: Final = ViewportSize(width=320, height=640)  # as 1280 pixels at 400 % (WCAG 2.2, 1.4.10)
HALF: Final = ViewportSize(width=640, height=500)  # as 1280 pixels at 200 %; text alone may be enlarged, too (1.4.4)
# What does not fit: the page itself, or a text that is wider than its place.
TOO_WIDE: Final = """() => {
  const roots = [document, ...Array.from(document.querySelectorAll("call-button"), ({ shadowRoot }) => shadowRoot)];
  const cut = roots.flatMap(root => Array.from(root.querySelectorAll("button, p, li, h1, label")))
    .filter(node => node.checkVisibility() && node.clientWidth > 0 && node.scrollWidth > node.clientWidth + 1)
    .map(node => node.outerHTML.slice(0, 120));
  if (document.documentElement.scrollWidth > innerWidth) cut.push(`page: ${document.documentElement.scrollWidth}`);
  return cut;
}"""
OUTLINE: Final = "(node => node.matches(':focus-visible') && parseFloat(getComputedStyle(node).outlineWidth))"
FOCUSED: Final = "document.activeElement.shadowRoot?.activeElement ?? document.activeElement"


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate(tmp_path_factory.mktemp("trusted") / "tls")


@pytest.fixture(scope="module")
def context(trusted: Certificate) -> Iterator[BrowserContext]:
    with chromium(*FAKE_MEDIA, trusted.flag, viewport=DESK) as started:
        yield started


def held_to_the_rules(states: Iterator[tuple[str, Tab]]) -> list[str]:
    """The states' names, after each was looked at."""
    names = []
    for name, tab in states:
        names.append(name)
        tab.bring_to_front()
        tab.evaluate(AXE + "; 0")
        tab.emulate_media(color_scheme="dark", reduced_motion="reduce")
        assert faults(tab) == [], f"{name}, dark"
        tab.emulate_media(color_scheme="light")
        assert faults(tab) == [], f"{name}, light"
        for size, text in ((NARROW, "100%"), (HALF, "100%"), (HALF, "200%")):
            tab.set_viewport_size(size)
            tab.evaluate("size => { document.documentElement.style.fontSize = size }", text)
            assert tab.evaluate(TOO_WIDE) == [], f"{name}, {size}, text {text}"
        tab.evaluate("document.documentElement.style.fontSize = ''")
        tab.set_viewport_size(DESK)
    return names


def faults(tab: Tab) -> list[str]:
    """What axe-core finds wrong with the page as it is: its id, and where."""
    found = tab.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]]


@pytest.mark.parametrize("lang", ["en", "de"])
def test_every_state_of_the_call_page(context: BrowserContext, phones: Phones, lang: str) -> None:
    with opened(context, phones.url + "answer.html") as desk, opened(context, f"{phones.url}?lang={lang}") as visitor:
        sign_in(desk)
        assert len(held_to_the_rules(call_states(visitor, desk, phones))) == 25


@pytest.mark.parametrize("lang", ["en", "de"])
def test_every_state_of_the_answer_page(context: BrowserContext, sip: SipServer, tmp_path: Path, lang: str) -> None:
    broker = WebBroker(tmp_path / "broker").start()
    try:
        with Phones(sip, bus={"broker": broker.url, "queues": ["support@default"]}).serving() as phones:
            assert len(held_to_the_rules(answer_states(context, phones, broker, f"?lang={lang}"))) == 24
    finally:
        broker.kill()


@pytest.mark.parametrize("lang", ["en", "de"])
def test_every_state_of_the_doctor_page(
    context: BrowserContext, phones: Phones, trusted: Certificate, tmp_path: Path, lang: str
) -> None:
    found: dict[str, set[str]] = {}
    unknown = Certificate(tmp_path / "unknown")

    def noted() -> Iterator[tuple[str, Tab]]:
        for name, tab in doctor_states(context, phones, trusted, unknown, f"?lang={lang}"):
            found[name] = codes(tab) if name != "unused" else set()
            yield name, tab

    held_to_the_rules(noted())
    assert {"opened", "sip", "tokensFine", "microphoneFine"} <= found["good"]
    assert "closed" in found["closed"]
    assert "closedSecure" in found["certificate"]
    assert "mixed" in found["mixed"]


def focus(tab: Tab) -> str:
    """What has the focus: what it does, or its name, or its class."""
    told: str = tab.evaluate(
        f"(node => node.dataset.does || node.dataset.key || node.name || node.className || node.tagName)({FOCUSED})"
    )
    return told


def tabbed(tab: Tab, count: int) -> list[str]:
    """Where so many Tabs lead; each is to be seen."""
    order = []
    for _ in range(count):
        tab.keyboard.press("Tab")
        order.append(focus(tab))
        style = (
            f"(node => node.matches(':focus-visible') && parseFloat(getComputedStyle(node).outlineWidth))({FOCUSED})"
        )
        assert tab.evaluate(style) >= 2, order
    return order


def test_the_keyboard_alone_is_enough(context: BrowserContext, phones: Phones) -> None:
    with opened(context, phones.url + "answer.html") as desk, opened(context, phones.url) as visitor:
        desk.bring_to_front()
        assert tabbed(desk, 2) == ["extension", "password"]
        sign_in(desk)
        until(lambda: focus(desk) == "H1", what="the focus, which the form had")
        assert tabbed(desk, 1) == ["signOut"]
        visitor.bring_to_front()
        assert tabbed(visitor, 1) == ["main"]
        visitor.keyboard.press("Enter")
        until(lambda: state(desk) == "ringing", 20, "ringing")
        desk.bring_to_front()
        assert tabbed(desk, 2) == ["answer", "decline"]
        desk.keyboard.press("Shift+Tab")
        desk.keyboard.press("Enter")
        until(lambda: (state(visitor), state(desk)) == ("talking", "talking"), 20, "talking")
        until(lambda: focus(desk) == "hangUp", what="the focus on what is there instead")
        assert tabbed(desk, 3) == ["mute", "hold", "transfer"]
        desk.keyboard.press("Enter")
        assert focus(desk) == "to"
        desk.keyboard.press("Escape")
        assert (focus(desk), desk.locator("[name=to]").is_visible()) == ("transfer", False)
        visitor.bring_to_front()
        assert focus(visitor) == "main", "the focus stays where it was"
        assert tabbed(visitor, 2) == ["mute", "keypad"]
        visitor.keyboard.press("Enter")
        assert tabbed(visitor, 3) == ["1", "2", "3"]
        visitor.keyboard.press("Escape")
        assert focus(visitor) == "keypad"
        desk.bring_to_front()
        press(desk, "Hang up")
        ended(visitor, "ended")
        assert focus(visitor) == "main", "and comes back to it"
        until(lambda: focus(desk) == "H1", what="the focus, which a button had that is gone")


def test_what_moves_does_so_only_where_that_is_wanted(context: BrowserContext, phones: Phones) -> None:
    animated = "(document.querySelector('call-button')?.shadowRoot ?? document).getAnimations().length > 0"
    with opened(context, phones.url + "answer.html") as desk, opened(context, phones.url) as visitor:
        sign_in(desk)
        call(visitor, desk)
        for tab in (visitor, desk):
            tab.bring_to_front()
            tab.emulate_media(reduced_motion="no-preference")
            until(lambda: tab.evaluate(animated), what="something that moves")  # noqa: B023 - called at once
            tab.emulate_media(reduced_motion="reduce")
            until(lambda: not tab.evaluate(animated), what="rest")  # noqa: B023 - called at once
