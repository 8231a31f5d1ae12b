"""A request to an ASGI application in this event loop, without a socket."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

__all__ = ["Answer", "ask", "stream"]


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def _scope(method: str, target: str, headers: Mapping[str, str], client: str) -> dict[str, Any]:
    path, _, query = target.partition("?")
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "path": path,
        "raw_path": path.encode(), "query_string": query.encode(), "root_path": "", "scheme": "http",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": (client, 50_000), "server": ("127.0.0.1", 8081), "state": {},
    }  # fmt: skip


async def ask(
    app: Any, method: str, target: str, body: object = None, *, client: str = "192.0.2.7", **headers: str
) -> Answer:
    """One request; headers are named with `_` for `-`. A body that is not bytes goes as JSON."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    payload = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    if body is not None:
        named = {"content-type": "application/json", **named}
    incoming = [{"type": "http.request", "body": payload, "more_body": False}]
    status, told, parts = 0, {}, []

    async def receive() -> dict[str, Any]:
        if not incoming:
            await asyncio.Event().wait()  # the client stays
        return incoming.pop()

    async def send(message: dict[str, Any]) -> None:
        nonlocal status, told
        if message["type"] == "http.response.start":
            status = message["status"]
            told = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            parts.append(message.get("body", b""))

    await app(_scope(method, target, named, client), receive, send)
    return Answer(status, told, b"".join(parts))


async def stream(app: Any, target: str, lines: "asyncio.Queue[str]", **headers: str) -> None:
    """A GET whose answer does not end: each piece goes to `lines`; cancel it to hang up."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    async def send(message: dict[str, Any]) -> None:
        if piece := message.get("body", b""):
            lines.put_nowait(piece.decode())

    await app(_scope("GET", target, named, "192.0.2.7"), receive, send)
