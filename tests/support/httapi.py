"""Recorded exchanges of mod_httapi, and a FreeSWITCH for call-control that is not there: it asks over real HTTP."""

import json
import threading
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from call_control.documents.permissions import SHIPPED, Permissions
from call_control.httapi.form import FileBegan, Form
from call_control.httapi.request import query
from call_control.pretend import Deed, Pretend, Recorded, Wait, encoded

__all__ = ["DATA", "SCENARIOS", "Exchange", "Phone", "exchanges", "multipart", "parameters", "presses"]

DATA = Path(__file__).parents[1] / "data" / "httapi"
SCENARIOS = sorted(path.stem for path in DATA.glob("*.jsonl"))
WAV = b"RIFF$\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0@\x1f\0\0\x80>\0\0\2\0\x10\0data\0\0\0\0"


class Exchange(NamedTuple):
    """One request and its answer; `answer` is text."""

    method: str
    target: str
    content_type: str = ""
    authorization: str = ""
    body: str = ""
    status: int = 0
    answer_type: str = ""
    answer: str = ""


def exchanges(scenario: str) -> list[Exchange]:
    """What was recorded of one call."""
    lines = (DATA / f"{scenario}.jsonl").read_text(encoding="utf-8").splitlines()
    return [Exchange(**json.loads(line)) for line in lines]


def parameters(exchange: Exchange) -> tuple[list[tuple[str, str]], list[str]]:
    """The parameters of a recorded request, and the names of the files that came with it."""
    body = exchange.body.encode("latin-1")
    if not exchange.content_type.startswith("multipart/"):
        return [*query(body.decode()), *query(exchange.target.partition("?")[2])], []
    form = Form(exchange.content_type)
    names = [event.name for event in form.feed(body) if isinstance(event, FileBegan)]
    form.close()
    return form.parameters, names


def multipart(fields: Sequence[tuple[str, str]], files: Sequence[tuple[Recorded, bytes]]) -> tuple[str, bytes]:
    """Content type and body as curl makes them: fields, files, and `exiting` behind the files."""
    boundary = "-" * 24 + uuid.uuid4().hex[:16]
    last = [field for field in fields if field[0] == "exiting"]
    body = b""
    for name, value in (field for field in fields if field[0] != "exiting"):
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    for recorded, data in files:
        head = f'Content-Disposition: form-data; name="{recorded.part}"; filename="{recorded.filename}"'
        body += f"--{boundary}\r\n{head}\r\nContent-Type: application/octet-stream\r\n\r\n".encode() + data + b"\r\n"
    for name, value in last:
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    return f"multipart/form-data; boundary={boundary}", body + f"--{boundary}--\r\n".encode()


class Phone:
    """A caller at a FreeSWITCH that is not there. `keys` tells what the caller presses at each prompt."""

    def __init__(
        self,
        url: str,
        keys: Callable[[Wait], str],
        *,
        permissions: Permissions = SHIPPED,
        recording: bytes = WAV,
        number: str = "1000",
    ) -> None:
        self.id = str(uuid.uuid4())
        caller = [("Caller-Caller-ID-Number", number), ("Caller-Destination-Number", "5000"),
                  ("Caller-Channel-Answered-Time", "0")]  # fmt: skip
        own = [("method", "POST"), ("httapi_profile", "lampfield")]
        self.switch = Pretend(self.id, url, permissions, own=own, caller=caller)
        self.said: list[str] = []
        self.statuses: list[int] = []
        self._keys = keys
        self._recording = recording

    def call(self, limit: int = 60) -> list[str]:
        """The whole call; what FreeSWITCH did, in words."""
        for _ in range(limit):
            if not self.step():
                return self.said
        raise AssertionError(f"the call goes on for ever: {self.said[-5:]}")

    def step(self) -> bool:
        """One request, and what its answer says; whether another follows."""
        status, kind, body = self.ask()
        if self.switch.state != "asks":
            return False  # that was the last one
        self._perform(status, kind, body)
        return True

    def ask(self) -> tuple[int, str, bytes]:
        """One request; status, content type and body of its answer."""
        fields = self.switch.request()
        files = [(each, self._recording) for each in self.switch.uploads]
        self.switch.uploads.clear()
        kind, body = "application/x-www-form-urlencoded", encoded(fields).encode()
        if files:
            kind, body = multipart(fields, files)
        headers = {"Content-Type": kind, "User-Agent": "mod_httapi/1.0"}
        request = urllib.request.Request(self.switch.asked, body, headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                told = answer.status, answer.headers.get("Content-Type", ""), answer.read()
        except urllib.error.HTTPError as error:
            told = error.code, error.headers.get("Content-Type", ""), error.read()
        self.statuses.append(told[0])
        return told

    def _perform(self, status: int, kind: str, body: bytes) -> None:
        performance = self.switch.perform(status, kind, body)
        keys: str | None = None
        while True:
            try:
                happening = performance.send(keys) if keys is not None else next(performance)
            except StopIteration:
                return
            self.said.append(happening.text)
            keys = None if isinstance(happening, Deed) else self._keys(happening)


def presses(*keys: str) -> Callable[[Wait], str]:
    """A caller who presses these, prompt by prompt, and nothing more."""
    left: Iterator[str] = iter(keys)
    lock = threading.Lock()

    def press(_: Wait) -> str:
        with lock:
            return next(left, "")

    return press
