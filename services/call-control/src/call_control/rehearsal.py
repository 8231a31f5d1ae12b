"""`call-control check FLOW` and `call-control try FLOW`: a flow without FreeSWITCH. Shell: a file, and a terminal."""

import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO
from xml.etree.ElementTree import fromstring, indent, tostring

from call_control.documents.permissions import SHIPPED, Permissions
from call_control.flows.tree import explored, written
from call_control.flows.turns import Upload
from call_control.httapi.calls import Calls, Reply, World
from call_control.httapi.library import Entry, Library, read
from call_control.httapi.profiles import permissions
from call_control.httapi.request import parse, query
from call_control.pretend import Deed, Pretend, Wait, encoded
from call_control.settings import PROGRAM, Settings
from lampfield_bus.node.run import FAILED, OK

__all__ = ["check", "rehearse"]

CONTENT_TYPE = "text/xml; charset=utf-8"
MAX_REQUESTS = 200


def check(settings: Settings, flow: str, profile: str | None = None) -> int:
    """Prints what a caller can reach, and everything that is wrong; the exit status."""
    entry, may = _entry(settings, flow), _profile(settings, profile)
    if entry is None or may is None:
        return FAILED
    for fault in entry.faults:
        sys.stdout.write(f"{fault}\n")
    if entry.faults or entry.source is None:
        return FAILED
    if entry.written is not None:
        found = written(entry.written, may)
        sys.stdout.write(f"{entry.name}: {entry.written.about}\n" if entry.written.about else "")
    else:
        found = explored(entry.source, may, settings.values)
    for line in (*found.tree, *(f"{entry.name}: {fault}" for fault in found.faults)):
        sys.stdout.write(f"{line}\n")
    for name in entry.unset:
        why = f"is not set, so it is not served; LAMPFIELD_FLOW_VALUES={name}=…"
        sys.stdout.write(f"{entry.name}: values.{name}: {why}\n")
    if not found.faults:
        sys.stdout.write(f"{entry.name}: the profile permits all of it\n")
    return FAILED if found.faults or entry.unset else OK


def rehearse(settings: Settings, flow: str, profile: str | None = None, calls: int | None = None) -> int:
    """A call in this terminal: keys come from the keyboard, a line each; the exit status."""
    entry, may = _entry(settings, flow), _profile(settings, profile)
    if entry is None or may is None:
        return FAILED
    for fault in entry.faults:
        sys.stdout.write(f"{fault}\n")
    if entry.source is None or entry.faults:
        return FAILED
    for name in entry.unset:
        sys.stdout.write(f"{entry.name}: values.{name} is not set: it stands empty here\n")
    source = entry.source
    stage = Calls(lambda _: source, {"lampfield": may})
    world = World(calls, settings.values, settings.zone)
    _Stage(stage, world, may, entry.name, sys.stdin, sys.stdout).play()
    return OK


def _entry(settings: Settings, flow: str) -> Entry | None:
    """A flow by its name, or by the path of its file."""
    path = Path(flow)
    if path.suffix in (".yaml", ".py"):
        return read(path, settings.values)
    library = Library(settings.flows_dir, settings.values)
    if flow in library.entries:
        return library.entries[flow]
    sys.stderr.write(f"{PROGRAM}: there is no flow {flow!r}; there are: {', '.join(sorted(library.entries))}\n")
    return None


def _profile(settings: Settings, name: str | None) -> Permissions | None:
    known = permissions(settings.httapi_conf)
    if name is None:
        return known.get("lampfield", SHIPPED)
    if name not in known:
        sys.stderr.write(f"{PROGRAM}: there is no profile {name!r}; there are: {', '.join(known)}\n")
    return known.get(name)


class _Stage:
    """One pretended call."""

    def __init__(
        self, calls: Calls, world: World, may: Permissions, flow: str, keyboard: TextIO, screen: TextIO
    ) -> None:
        self._calls = calls
        self._world = world
        self._flow = flow
        self._keyboard = keyboard
        self._screen = screen
        stamp = str(time.time_ns() // 1000)
        caller = [("Caller-Caller-ID-Name", "Try"), ("Caller-Caller-ID-Number", "1000"),
                  ("Caller-Destination-Number", "5000"), ("Caller-Channel-Created-Time", stamp),
                  ("Caller-Channel-Answered-Time", "0")]  # fmt: skip
        own = [("method", "POST"), ("httapi_profile", "lampfield")]
        url = f"http://127.0.0.1:8081/httapi/{flow}"
        self._switch = Pretend(str(uuid.uuid4()), url, may, own=own, caller=caller)

    def play(self) -> None:
        """Until the call is over, or left to the dialplan."""
        self._say("keys and Enter; Enter alone: none; q: the caller hangs up\n")
        for _ in range(MAX_REQUESTS):
            reply = self._ask()
            if self._switch.state != "asks":
                break
            body = b"" if reply.xml is None else reply.xml
            self._perform(200 if reply.xml is not None else 500, body)
        self._say(f"the call is over: {self._switch.cause or 'the dialplan went on'}\n")

    def _ask(self) -> Reply:
        parameters = self._switch.request()
        told = [(name, value) for name, value in parameters if not name.startswith("Caller-")][5:]
        self._say(f"> POST {self._switch.asked} {encoded(told)}".rstrip() + "\n")
        uploads = [Upload(each.filename, 1) for each in self._switch.uploads]
        for each in self._switch.uploads:
            self._say(f"> with the file {each.filename}\n")
        self._switch.uploads.clear()
        request = parse(query(encoded(parameters)), uploads)
        reply = self._calls.receive(self._flow, request, time.time_ns() // 1_000_000, self._world)
        for show in reply.shows:
            self._say(f"  shows on {show.group}: {show.text}\n")
        if reply.fault:
            self._say(f"  {reply.fault}\n")
        return reply

    def _perform(self, status: int, body: bytes) -> None:
        for line in _pretty(body):
            self._say(f"< {line}\n")
        performance = self._switch.perform(status, CONTENT_TYPE, body)
        keys: str | None = None
        while True:
            try:
                happening = performance.send(keys) if keys is not None else next(performance)
            except StopIteration:
                return
            keys = None
            if isinstance(happening, Deed):
                self._say(f"  {happening.text}\n")
            else:
                keys = self._press(happening)

    def _press(self, wait: Wait) -> str:
        self._say(f"  {wait.text} [{' '.join(wait.binds)}] keys: ")
        line = self._keyboard.readline()
        if not line or line.strip() == "q":
            self._say("" if line else "\n")
            self._switch.hang_up()
            return ""
        return line.strip()

    def _say(self, text: str) -> None:
        self._screen.write(text)
        self._screen.flush()


def _pretty(body: bytes) -> Iterator[str]:
    if body:
        root = fromstring(body)  # noqa: S314 (our own document)
        indent(root)
        yield from tostring(root, encoding="unicode").splitlines()[1:-1]
