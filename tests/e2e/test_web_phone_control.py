"""A visitor's call with the token of a real call-control: what it stores in FreeSWITCH opens one call, and no second.

FreeSWITCH is two stand-ins here: support.web_switch takes call-control's commands, and what it is given to keep goes to
kamailio, which does what the dialplan for guests does.
"""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from support.call_control import Running
from support.locked import Locked
from support.sip_server import SipServer
from support.waiting import until
from support.web_phone import FAKE_MEDIA, Phones, answer, call, ended, press, sign_in
from support.web_switch import WebSwitch
from support.web_wall import chromium, opened, words

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]


class Kept(dict[str, str]):
    """FreeSWITCH's table of tokens; kamailio's dialplan has what stands in it."""

    def __init__(self, sip: SipServer) -> None:
        self._sip = sip

    def __setitem__(self, token: str, extension: str) -> None:
        super().__setitem__(token, extension)
        self._sip.store(token, extension)


@pytest.fixture(scope="module")
def context() -> Iterator[BrowserContext]:
    with chromium(*FAKE_MEDIA) as started:
        yield started


def test_a_token_of_call_control_s_opens_one_call(context: BrowserContext, tmp_path: Path, locked: Locked) -> None:
    switch = WebSwitch()
    key = "lft_of-a-page-that-everybody-may-read"
    settings = {"ESL_HOST": "127.0.0.1", "GUEST_TO": "1000", "TOKENS_FILE": str(tmp_path / "tokens.json")}
    with SipServer(tmp_path / "sip") as sip:
        switch.guests = Kept(sip)
        with Phones(sip, destinations={"sales": "1000", "boss": "1001"}, to="sales").serving() as phones, switch.server:
            grant = {"name": "page", "sha256": sha256(key.encode()).hexdigest(), "scopes": ["guests:invite"]}
            page = {**grant, "origins": [phones.url.removesuffix("/")]}
            (tmp_path / "tokens.json").write_text(json.dumps({"tokens": [page]}), encoding="utf-8")
            with Running(locked, tmp_path, **settings, ESL_PORT=str(switch.server.port)) as service:
                until(lambda: "connected to FreeSWITCH" in service.log, 30, "a link to FreeSWITCH")
                tokens = f"http://127.0.0.1:{service.port}/guest-tokens"  # another origin than the page's
                phones.config.update(tokens=tokens, guest_key=key)
                with opened(context, phones.url + "answer.html") as desk, opened(context, phones.url) as visitor:
                    sign_in(desk)
                    call(visitor, desk)
                    answer(visitor, desk)
                    (token,) = switch.guests
                    assert f"hash delete/web/{token}" in switch.scheduled[0]
                    press(visitor, "Hang up")
                    ended(desk, "ended")
                    press(visitor, "Call again")
                    until(lambda: len(switch.guests) == 2, what="another token for another call")
                    press(visitor, "Cancel")
                    ended(visitor, "cancelled")
                with opened(context, phones.url + "?to=boss") as visitor:
                    press(visitor, "Call")
                    ended(visitor, "unknown")  # nobody said that visitors may call 1001
                    assert words(visitor, "call-button .note") == "HTTP 403"
                with opened(context, phones.url + "doctor.html") as tab:
                    press(tab, "Examine")
                    until(lambda: tab.locator("[data-code=tokensFine]").count() == 1, 40, "the doctor's word for it")
                service.stop()
                with opened(context, phones.url) as visitor:
                    press(visitor, "Call")
                    ended(visitor, "offline")
