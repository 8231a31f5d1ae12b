"""Captured ESL streams: their frames, and their bytes in pieces of any size."""

import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path

DATA = Path(__file__).parent.parent / "data" / "esl"
CAPTURES = tuple(sorted(path.name.removesuffix(".json.esl") for path in DATA.glob("*.json.esl")))

_UUID = re.compile(rb"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})")


def capture(name: str) -> Path:
    """The trimmed capture of this name."""
    return DATA / f"{name}.json.esl"


def answer(name: str) -> str:
    """The text of an `api` answer: `bridged.show_calls_as_json`."""
    return (DATA / "api" / f"{name}.txt").read_text(encoding="utf-8")


def crowded(name: str, rows: int) -> str:
    """The same answer of a switch on which more goes on: so many rows, each with a uuid of its own."""
    told = json.loads(answer(name))["rows"]
    many = [{**told[number % len(told)], "uuid": str(uuid.UUID(int=number))} for number in range(rows)]
    return json.dumps({"row_count": rows, "rows": many}, separators=(",", ":"))


def frames(path: Path) -> list[tuple[dict[str, str], bytes]]:
    """Each frame's headers and body."""
    stream = path.read_bytes()
    found = []
    start = 0
    while start < len(stream):
        end = stream.index(b"\n\n", start) + 2
        headers = dict(line.split(": ", 1) for line in stream[start:end].decode().splitlines() if line)
        length = int(headers.get("Content-Length", "0"))
        found.append((headers, stream[end : end + length]))
        start = end + length
    return found


def events(name: str) -> list[bytes]:
    """The bodies of a capture's events."""
    return [body for headers, body in frames(capture(name)) if headers["Content-Type"] == "text/event-json"]


def pieces(stream: bytes, size: int) -> Iterator[bytes]:
    """The stream as a socket might deliver it, `size` bytes at a time."""
    return (stream[start : start + size] for start in range(0, len(stream), size))


def others_like(stream: bytes, times: int) -> Iterator[bytes]:
    """The same so often, each time with uuids of its own: other calls (and another FreeSWITCH's, which only a heartbeat
    or a connection would tell).
    """
    parts = _UUID.split(stream)  # every other one is a uuid
    for _ in range(times):
        fresh = {known: str(uuid.uuid4()).encode() for known in parts[1::2]}
        yield b"".join(fresh.get(part, part) for part in parts)
