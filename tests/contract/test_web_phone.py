"""The telephone in a browser: what its image sends, what it weighs, and what its user may read."""

import gzip
import json
import re
from pathlib import Path

from lampfield_bus.access import kinds, rights
from lampfield_bus.channels import CHANNELS

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "services" / "web-phone"
NGINX = (FOLDER / "nginx.conf").read_text(encoding="utf-8")
CALL_PAGE = ("index.html", "style.css", "icon.svg", "call.js", "call-button.js")
LIMIT = 100_000  # bytes, compressed


def test_no_location_drops_the_headers_by_adding_its_own() -> None:
    # nginx inherits add_header only where a block has none itself.
    blocks = re.findall(r"location [^{]*\{(.*?)\n    \}", NGINX, re.DOTALL)
    assert len(blocks) == 7
    assert [block for block in blocks if "add_header" in block] == []
    assert "add_header" not in (FOLDER / "socket.conf").read_text(encoding="utf-8")


def test_the_pages_have_nothing_inline() -> None:
    for page in (FOLDER / "public").glob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:|https?://", text) == [], page


def test_only_what_other_sites_embed_is_for_every_origin() -> None:
    for name in ("anybody", "resource_policy"):
        found = re.search(rf"map \$uri \${name} {{(.*?)}}", NGINX, re.DOTALL)
        assert found
        assert re.findall(r"(/\S+|default) ", found[1]) == ["/call-button.js", "/config.json", "default"]


def test_a_visitor_s_page_is_small() -> None:
    dist = FOLDER / "dist"
    assert (dist / "call-button.js").is_file(), "the pages are not built; `make web` builds them"
    weights = {name: len(gzip.compress((dist / name).read_bytes(), 6)) for name in CALL_PAGE}
    assert sum(weights.values()) <= LIMIT, weights


def test_the_configuration_holds_no_password() -> None:
    config = json.loads((ROOT / "phone" / "config.json").read_text(encoding="utf-8"))
    assert config["bus"]["secret"] == "bus.txt", "the name of a file"
    assert not [name for name in re.findall(r'"(\w+)":', json.dumps(config)) if "password" in name]


def test_its_user_sees_lamps_and_queues_and_nobody_s_number() -> None:
    (phone,) = kinds((FOLDER / "access.toml").read_text(encoding="utf-8")).values()
    granted = rights(phone)
    assert granted.write == ()
    readable = {row.address for row in CHANNELS if row.filter() in granted.read}
    assert readable == {*phone.reads}
    assert [row.address for row in CHANNELS if row.parties and row.address in readable] == []


def test_the_lamp_s_topics_are_rows_of_the_table() -> None:
    lamp = (FOLDER / "src" / "core" / "lamp.js").read_text(encoding="utf-8")
    addresses = re.findall(r'^  \w+: "(switch/.*)",$', lamp, re.MULTILINE)
    assert len(addresses) == 5
    assert set(addresses) <= {row.address for row in CHANNELS if row.retained}
    (phone,) = kinds((FOLDER / "access.toml").read_text(encoding="utf-8")).values()
    assert set(addresses) == {*phone.reads}, "what it subscribes to it may read, and nothing else"
