"""Two hundred callers in flows: how long mod_httapi waits for a document, and what one costs.

call-control is a process of its own, without a broker; every caller asks as mod_httapi does, a connection for each
request, hears a prompt for a second or so, presses a key, and calls again when the call is over. Beside it uvicorn with
the same settings that answers the same bytes to everybody: what is not ours.
"""

import asyncio
import contextlib
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from call_control.pretend import encoded
from measure import Row

__all__ = ["rows"]

CALLERS = 200
SECONDS = 20.0
HEARS = (0.5, 1.5)  # seconds between an answer and the next request
TARGET_MS = 50.0
CLOCK_TICK = os.sysconf("SC_CLK_TCK")

_BARE = """
import asyncio, sys
from call_control.server import Server, listening
WORK = b'<playback file="a.wav"><bind>1</bind></playback>'
BODY = b'<document type="xml/freeswitch-httapi"><work>' + WORK + b'</work></document>'
HEADERS = [(b"content-type", b"text/xml"), (b"content-length", str(len(BODY)).encode())]
async def app(scope, receive, send):
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})
sock = listening("127.0.0.1", 0)
print(f"listening on http://127.0.0.1:{sock.getsockname()[1]}", file=sys.stderr, flush=True)
asyncio.run(Server(app).serve(sockets=[sock]))
"""


class Measured(NamedTuple):
    """Milliseconds that each request took, and the server's CPU time for one."""

    waits: list[float]
    cpu_ms: float


def rows() -> list[Row]:
    """The wait for a document, and its cost beside a constant answer."""
    ours = _measure([sys.executable, "-m", "call_control"])
    bare = _measure([sys.executable, "-c", _BARE])
    p50, p99 = _quantiles(ours.waits)
    bare50, bare99 = _quantiles(bare.waits)
    rate = len(ours.waits) / SECONDS
    return [
        Row(
            f"a document for one of {CALLERS} callers in flows ({rate:.0f} a second)",
            f"p50 {p50:.1f} ms, p99 {p99:.1f} ms (uvicorn alone: {bare50:.1f}, {bare99:.1f})",
            f"p99 < {TARGET_MS:.0f} ms",
            p99 < TARGET_MS,
        ),
        Row(
            "CPU time of a document",
            f"{ours.cpu_ms:.2f} ms, {ours.cpu_ms / bare.cpu_ms:.1f} times uvicorn's for a constant",
            "",
            None,
        ),
    ]


def _quantiles(waits: list[float]) -> tuple[float, float]:
    cuts = statistics.quantiles(waits, n=100)
    return cuts[49], cuts[98]


def _measure(command: list[str]) -> Measured:
    with _server(command) as (process, port):
        before = _cpu(process.pid)
        waits = asyncio.run(_everybody(port))
        return Measured(waits, (_cpu(process.pid) - before) * 1000 / len(waits))


@contextlib.contextmanager
def _server(command: list[str]) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        clean = {name: value for name, value in os.environ.items() if not name.startswith("LAMPFIELD_")}
        given = {
            "HTTP_PORT": "0",
            "MQTT_PORT": "1",
            "HEARTBEAT_FILE": f"{folder}/heartbeat",
            "FLOW_VALUES": "code=4711",
        }
        environment = {**clean, **{f"LAMPFIELD_{name}": value for name, value in given.items()}}
        with log.open("wb") as file:
            process = subprocess.Popen(command, env=environment, cwd=folder, stderr=file)
        try:
            end = time.monotonic() + 30
            while not (found := re.search(r"listening on http://127\.0\.0\.1:(\d+)", log.read_text())):
                if time.monotonic() > end or process.poll() is not None:
                    raise RuntimeError(log.read_text())
                time.sleep(0.05)
            yield process, int(found[1])
        finally:
            process.kill()
            process.wait()


def _cpu(pid: int) -> float:
    """Seconds of CPU that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICK


async def _everybody(port: int) -> list[float]:
    waits: list[float] = []
    until = time.monotonic() + SECONDS
    callers = [_caller(port, random.Random(number), until, waits) for number in range(CALLERS)]
    await asyncio.gather(*callers)
    return waits


async def _caller(port: int, chance: random.Random, until: float, waits: list[float]) -> None:
    """Calls the board, enters the code, chooses a message, hangs up, and calls again."""
    await asyncio.sleep(chance.uniform(0, HEARS[1]))
    while time.monotonic() < until:
        session = str(uuid.UUID(int=chance.getrandbits(128)))
        for more in ([], [("entered", "4711")], [("choice", "1")], [("exiting", "true")]):
            kind = [] if not more or more[0][0] == "exiting" else [("input_type", "dtmf")]
            began = time.monotonic()
            answer = await _ask(port, session, [*more, *kind])
            waits.append((time.monotonic() - began) * 1000)
            if not answer.startswith(b"HTTP/1.1 200") or b"<document" not in answer:
                raise RuntimeError(answer[:200])
            await asyncio.sleep(chance.uniform(*HEARS))


async def _ask(port: int, session: str, more: list[tuple[str, str]]) -> bytes:
    filler = [(f"Caller-Field-{number}", "x" * 20) for number in range(25)]  # as long as FreeSWITCH's
    fields = [("session_id", session), ("httapi_profile", "lampfield"), *filler, *more]
    body = encoded(fields).encode()
    head = (
        f"POST /httapi/board HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUser-Agent: mod_httapi/1.0\r\nAccept: */*\r\n"
        f"Connection: close\r\nContent-Length: {len(body)}\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head.encode() + body)
    answer = await reader.read()
    writer.close()
    return answer
