"""What the documentation tells people to type and to write: code blocks, and the shell commands in them.

A block that is indented by four columns is shell unless DRAWINGS names it; a fenced one says what it is. So a command
that somebody adds is found, and fails tests/contract/test_documents.py until it is run or excused in `commands.py`.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

__all__ = ["PAGES", "ROOT", "Block", "Command", "blocks", "commands", "drawn", "fenced"]

ROOT: Final = Path(__file__).parents[2]
# What users read. CONTRIBUTING.md and docs/decisions are for those who change the code, topics.md is generated.
PAGES: Final = tuple(
    sorted(
        [
            ROOT / "README.md",
            ROOT / "SECURITY.md",
            *ROOT.glob("freeswitch/*.md"),
            *(page for page in ROOT.glob("docs/*.md") if page.name != "topics.md"),
            *ROOT.glob("docs/node-red/*.md"),
        ]
    )
)
# First lines of indented blocks that nobody types, and what they are.
DRAWINGS: Final = {
    "ESL bytes": "the line, drawn",
    "receive(input, at) → [Publication]": "the machines' door",
    "main thread = gevent hub, not monkey-patched": "threads, drawn",
    "link.send(publications): lock, dict, notify; never waits, never calls paho ──▶ OUTBOX": "the link, drawn",
    "while not stopping:": "a loop in outline",
    "HTTP ──▶ uvicorn ──▶": "call-control, drawn",
    "request ──▶ gate ──▶": "what answers mod_httapi, drawn",
    "HEP datagrams ──▶ listener": "sip-monitor, drawn",
    'devices: ["/dev/spidev0.0:/dev/spidev0.0"]': "lines of a compose file",
    '{"id": "5d3a4b1e-9e0b-4f3c-8a59-2f7c0c1d6f10", "kind": "click", "from": "1000", "to": "1001",': "an answer",
    "id: 7c1f09aa-12": "a server-sent event",
    'POST /guest-tokens   {"to": "1000"}': "a request",
    '201   {"token": "6f1c0d1b2a3948576f1c0d1b2a394857", "to": "1000",': "an answer",
    '{"at": "2026-11-22T23:11:53.341Z", "action": "call", "outcome": "accepted", "token": "reception",': "a log's line",
    "call 5d1c8c0e is active;": "what the program logs",
    "led-renderer: office.yaml:4:": "what the program prints",
    '<X-PRE-PROCESS cmd="set"': "a line of FreeSWITCH's configuration",
    '<list name="lampfield" default="deny">': "lines of FreeSWITCH's configuration",
    '<script type="module" src="https://phone.example/call-button.js"></script>': "lines of a web page",
    "script-src https://phone.example;": "a site's policy",
    '{"version": 1, "from": "page", "target": "wss://pbx.example:7443/", "ok": false, "checks": [': "the doctor's JSON",
    '<param name="capture-server" value="udp:127.0.0.1:9060;hep=3;capture_id=100"/>': "lines of FreeSWITCH's",
    '<param name="sip-capture" value="yes"/>': "lines of FreeSWITCH's",
    '<param name="inbound-use-callid-as-uuid" value="true"/>': "lines of FreeSWITCH's",
}


class Block(NamedTuple):
    """`language` is a fence's info string, `indented` where there is none; `line` is the first line's number."""

    page: Path
    line: int
    language: str
    text: str


class Command(NamedTuple):
    """One command with its continuation lines joined and its comment taken off; several joined by && are one."""

    page: str
    line: int
    text: str


def blocks(page: Path) -> Iterator[Block]:
    """Every code block of a page, in order."""
    fence, start, kept = "", 0, list[str]()
    before = ""
    for number, line in enumerate([*page.read_text(encoding="utf-8").splitlines(), ""], 1):
        if fence:
            if line.strip() == "```":
                yield Block(page, start, fence, "\n".join(kept))
                fence, kept = "", []
            else:
                kept.append(line)
        elif line.startswith("```"):
            fence, start = line[3:].strip() or "plain", number + 1
        elif line.startswith("    ") and (kept or not before.strip()):
            start = start if kept else number
            kept.append(line[4:])
        elif kept:
            yield Block(page, start, "indented", "\n".join(kept))
            kept = []
        before = line


def fenced(language: str) -> list[Block]:
    """All of that language, on all pages."""
    return [block for page in PAGES for block in blocks(page) if block.language == language]


def drawn(block: Block) -> str | None:
    """Which of DRAWINGS an indented block is."""
    return next((first for first in DRAWINGS if block.text.strip().startswith(first)), None)


def commands() -> list[Command]:
    """Every command that a page shows."""
    return [
        command
        for page in PAGES
        for block in blocks(page)
        if block.language == "indented" and drawn(block) is None
        for command in _commands(block)
    ]


def _commands(block: Block) -> Iterator[Command]:
    page = block.page.relative_to(ROOT).as_posix()
    start, text = 0, ""
    for number, line in enumerate(block.text.splitlines(), block.line):
        start = start if text else number
        text = f"{text} {_code(line)}".strip()
        if text.endswith("\\"):
            text = text.removesuffix("\\").strip()
        elif text:
            yield Command(page, start, text)
            text = ""


def _code(line: str) -> str:
    """Without the comment."""
    return re.sub(r"(^|\s+)#\s.*$", "", line).strip()
