"""The wall in a browser: the image's nginx and the demo's server answer alike, and its user sees no number."""

import re
import tomllib
from pathlib import Path

from demo_switch.page import HEADERS, policy
from lampfield_bus.access import kinds, rights
from lampfield_bus.channels import CHANNELS

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "services" / "web-wall"
ADDED = dict(re.findall(r'^ +add_header ([\w-]+) "(.*)" always;$', (FOLDER / "nginx.conf").read_text(), re.MULTILINE))


def test_both_servers_send_the_same_headers() -> None:
    rules = ADDED.pop("Content-Security-Policy")
    assert rules == policy("ws://$http_host", "wss://$http_host")
    assert ADDED == HEADERS


def test_no_location_drops_the_headers_by_adding_its_own() -> None:
    # nginx inherits add_header only where a block has none itself.
    text = (FOLDER / "nginx.conf").read_text(encoding="utf-8")
    assert [
        block for block in re.findall(r"location [^{]*\{(.*?)\n    \}", text, re.DOTALL) if "add_header" in block
    ] == []


def test_the_page_has_nothing_inline() -> None:
    text = (FOLDER / "public" / "index.html").read_text(encoding="utf-8")
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:|https?://", text) == []


def test_its_user_sees_displays_and_counts_and_nobody_s_number() -> None:
    (wall,) = kinds((FOLDER / "access.toml").read_text(encoding="utf-8")).values()
    granted = rights(wall)
    assert granted.write == ()
    readable = {row.address for row in CHANNELS if row.filter() in granted.read}
    retained = {row.address for row in CHANNELS if row.retained and row.writer in ("switch", "display", "sip")}
    assert (
        readable
        == {*wall.reads}
        >= {row for row in retained if "/fence" not in row} - {row.address for row in CHANNELS if row.parties}
    )
    assert [row.address for row in CHANNELS if row.parties and row.address in readable] == []


def test_its_paragraph_is_one_user() -> None:
    assert list(tomllib.loads((FOLDER / "access.toml").read_text(encoding="utf-8"))) == ["wall"]
