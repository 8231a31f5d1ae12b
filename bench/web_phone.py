"""From a visitor's click to talking: ms after the click at which the call page says each state, over ws and over wss.

    PYTHONPATH=tests .venv/bin/python bench/web_phone.py [--calls 20]

Headless Chromium with its fake microphone at both ends, kamailio between them (for wss with a TLS relay before it); the
answer page is clicked by a script as soon as it rings, so that nobody's patience is measured. Prints medians and the
slowest of all, and the load of the machine meanwhile: with other work on its cores the figures are not worth writing
down. Needs what `make test` installs.
"""

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Final

from playwright.sync_api import BrowserContext
from playwright.sync_api import Page as Tab

from support.https import Certificate, TlsRelay
from support.phone_states import main as press_main
from support.sip_server import SipServer
from support.waiting import until
from support.web_phone import FAKE_MEDIA, Phones, ended, sign_in, state
from support.web_wall import chromium, opened

STATES: Final = ("asking", "connecting", "ringing", "talking")
WARM: Final = 2  # calls that are not counted: programs are compiled, sockets' names resolved
AT_ONCE: Final = """new MutationObserver(() => document.body.dataset.call === "ringing"
  && document.querySelector("[data-does=answer]").click()).observe(document.body, {attributes: true})"""
Times = dict[str, int]


def calls(context: BrowserContext, sip: SipServer, server: str, count: int) -> list[Times]:
    """What the call page noted of each call."""
    with (
        Phones(sip, server=server).serving() as phones,
        opened(context, phones.url + "answer.html") as desk,
        opened(context, phones.url) as visitor,
    ):
        sign_in(desk)
        desk.evaluate(f"{AT_ONCE}; 0")
        return [one_call(visitor, desk) for _ in range(WARM + count)][WARM:]


def one_call(visitor: Tab, desk: Tab) -> Times:
    """From the click until both have hung up."""
    press_main(visitor)
    until(lambda: state(visitor) == "talking", 30, "talking")
    noted: Times = visitor.evaluate("document.querySelector('call-button').timeline")
    press_main(visitor)
    ended(desk, "ended")
    return noted


def table(found: dict[str, list[Times]]) -> str:
    """Markdown: a row per state."""
    lines = ["| the page says | " + " | ".join(f"{way}: median | slowest" for way in found) + " |"]
    lines.append("|---|" + "---|" * 2 * len(found))
    for name in STATES:
        cells = []
        for times in found.values():
            values = [one[name] for one in times]
            cells.append(f"{statistics.median(values):.0f} | {max(values)}")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def run() -> None:
    """Both ways in one browser."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--calls", type=int, default=20)
    count = options.parse_args().calls
    with tempfile.TemporaryDirectory() as scratch:
        certificate = Certificate(Path(scratch) / "tls")
        with (
            SipServer(Path(scratch) / "sip") as sip,
            TlsRelay(sip.port, certificate) as relay,
            chromium(*FAKE_MEDIA, certificate.flag) as context,
        ):
            ways = {"ws": sip.url, "wss": f"wss://localhost:{relay.port}"}
            found = {way: calls(context, sip, url, count) for way, url in ways.items()}
    load = os.getloadavg()[0]
    sys.stdout.write(
        f"{table(found)}\n\n{count} calls each, in ms after the click; load {load:.1f} of {os.cpu_count()}\n"
    )


if __name__ == "__main__":
    run()
