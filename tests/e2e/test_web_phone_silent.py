"""The telephone in a Chromium that has no microphone, or may not use it: it says which, and nobody is kept waiting."""

from pathlib import Path

import pytest

from support.sip_server import SipServer
from support.waiting import until
from support.web_phone import Phones, ended, press
from support.web_wall import chromium, opened, words

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]


@pytest.mark.parametrize(
    ("flags", "outcome", "said"),
    [
        ((), "nomicrophone", "Plug one in"),
        (("--use-fake-device-for-media-stream",), "denied", "may not use the microphone"),
    ],
)
def test_a_visitor_is_told_what_to_do(tmp_path: Path, flags: tuple[str, ...], outcome: str, said: str) -> None:
    with (
        SipServer(tmp_path / "sip") as sip,
        Phones(sip).serving() as phones,
        chromium(*flags) as context,
        opened(context, phones.url) as tab,
    ):
        asked = {"permission": {"name": "microphone"}, "setting": "denied", "origin": phones.url.rstrip("/")}
        context.new_cdp_session(tab).send("Browser.setPermission", asked)
        press(tab, "Call")
        ended(tab, outcome)
        assert said in words(tab, "call-button .status")
        until(lambda: sip.sockets == 0, what="the end of its socket")
        assert phones.tokens == [], "no token is asked for before there is a microphone"
