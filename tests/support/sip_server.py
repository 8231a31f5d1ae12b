"""A real SIP server of a test's own: kamailio on a free loopback port, with SIP over WebSocket, a registrar, a proxy.

What FreeSWITCH's dialplan for guests does with tokens is done by kamailio.cfg; `store` puts one in as call-control's
`hash insert/web/…` would.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from demo_switch.stage import free_port
from support.waiting import until

__all__ = ["PASSWORD", "SipServer"]

PASSWORD: Final = "4242-extension"
_CONFIGURATION: Final = Path(__file__).with_name("kamailio.cfg")
_MODULES: Final = ("/usr/lib/x86_64-linux-gnu/kamailio/modules", "/usr/lib/aarch64-linux-gnu/kamailio/modules",
                   "/usr/lib/kamailio/modules")  # fmt: skip


class SipServer:
    """One kamailio, its files in `directory`; `with` ends it. `ringing` is how long (s) it lets a telephone ring.

    `lines` are more of its configuration, behind the modules that it has anyhow.
    """

    def __init__(self, directory: Path, *, ringing: float = 30.0, lines: str = "") -> None:
        self.port = 0
        self.directory = directory
        self._ringing = ringing
        self._lines = lines
        self._notified = 0
        self._process: subprocess.Popen[bytes] | None = None
        directory.mkdir(parents=True, exist_ok=True)

    @property
    def url(self) -> str:
        """Where a page finds it."""
        return f"ws://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What it has logged."""
        return (self.directory / "log").read_text(encoding="utf-8", errors="replace")

    def start(self) -> Self:
        """Starts it; the first time on a free port, later on the same one."""
        fixed = self.port
        for _ in range(5):
            self.port = fixed or free_port()
            if self._try_to_start():
                return self
        raise AssertionError(f"kamailio did not start:\n{self.log}")

    def stop(self) -> None:
        """Ends it, at once: connections break, registrations and tokens are forgotten."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):  # it ended by itself, and its children with it
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def restart(self) -> None:
        """Ends it and starts it again on the same port."""
        self.stop()
        self.start()

    def store(self, token: str, extension: str) -> None:
        """A token that opens one call to this extension within a minute."""
        self.rpc("htable.sets", "web", token, extension)

    def manner(self, extension: str, manner: str) -> None:
        """How calls to it go: `180`, `183` instead of it, or a refusal with this status (400 to 699).

        Of `refer` and `reinvite`, how those requests in a call go; a re-INVITE also `silent` or `passed`.
        """
        self.rpc("htable.sets", "manner", extension, manner)

    def cut(self) -> None:
        """Closes the pages' WebSockets; they open others, after the 2 s that a browser takes to close one."""
        for page in self.pages:
            self.rpc("ws.close", int(page))

    def value(self, table: str, key: str) -> str | None:
        """What a table of kamailio.cfg holds there."""
        found = self.rpc("htable.get", table, key, tolerate=True).get("result")
        return None if found is None else str(found["item"]["value"])

    def notify(self, status: str) -> None:
        """Tells whoever sent the last REFER what came of it, as FreeSWITCH does: `603 Decline` (RFC 3515 2.4)."""
        call, near, far, contact = (self.value("referred", "dialog") or "").split(" ")
        body = f"SIP/2.0 {status}\r\n"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.settimeout(10)
            other.connect(("127.0.0.1", self.port))
            self._notified += 1
            own = f"127.0.0.1:{other.getsockname()[1]}"
            lines = (
                f"NOTIFY {contact} SIP/2.0", f"Via: SIP/2.0/UDP {own};branch=z9hG4bK{self._notified}",
                "Max-Forwards: 70", f"From: <sip:web@127.0.0.1>;tag={far}", f"To: <sip:1000@127.0.0.1>;tag={near}",
                f"Call-ID: {call}", f"CSeq: {1000 + self._notified} NOTIFY", "Event: refer",
                "Subscription-State: active", "Contact: <sip:web@127.0.0.1>", "Content-Type: message/sipfrag",
                f"Content-Length: {len(body)}", "", body,
            )  # fmt: skip
            other.send("\r\n".join(lines).encode())
            answer = other.recv(4096).decode()
        assert answer.startswith("SIP/2.0 200 "), answer

    @property
    def sockets(self) -> int:
        """Connections of pages."""
        found = self.rpc("core.tcp_list")["result"]
        return len(found) if isinstance(found, list) else int(bool(found))

    @property
    def contacts(self) -> int:
        """Pages that were heard since it started: what is for one of them finds the way."""
        return sum(len(slot["slot"]) for slot in self.rpc("htable.dump", "where")["result"])

    @property
    def pages(self) -> set[str]:
        """The WebSockets that are open, by their numbers: no two in a server's life have the same."""
        dumped = self.rpc("ws.dump")["result"].get("connections") or []
        return {each.partition(":")[0] for each in dumped if "state: OPEN" in each}

    def registered(self, extension: str) -> bool:
        """Whether some page registered this extension, and still is."""
        answer = self.rpc("ul.lookup", "location", extension + "@127.0.0.1", tolerate=True)
        return "result" in answer

    def rpc(self, method: str, *parameters: str | int, tolerate: bool = False) -> dict[str, Any]:
        """One command; AssertionError with what kamailio says to a bad one, unless that is tolerated."""
        own = self.directory / f"rpc-{time.monotonic_ns()}"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
            client.settimeout(5)
            client.bind(str(own))
            request = {"jsonrpc": "2.0", "method": method, "params": parameters, "id": 1}
            client.sendto(json.dumps(request).encode(), str(self.directory / "rpc"))
            answer: dict[str, Any] = json.loads(client.recv(65_536))
        own.unlink()
        assert tolerate or "error" not in answer, answer
        return answer

    def _try_to_start(self) -> bool:
        program = shutil.which("kamailio") or shutil.which("kamailio", path="/usr/sbin")
        assert program, "kamailio is not installed; `make test` installs it on a Debian with root"
        modules = next(path for path in _MODULES if Path(path).is_dir())
        words = {"PORT": str(self.port), "RPC": str(self.directory / "rpc"), "PASSWORD": PASSWORD, "MODULES": modules,
                 "RINGING": str(int(self._ringing * 1000)), "LINES": self._lines}  # fmt: skip
        text = _CONFIGURATION.read_text(encoding="utf-8")
        for word, value in words.items():
            text = text.replace(f"@{word}@", value)
        path = self.directory / "kamailio.cfg"
        path.write_text(text, encoding="utf-8")
        (self.directory / "rpc").unlink(missing_ok=True)
        with (self.directory / "log").open("ab") as log:
            command = [program, "-DD", "-E", "-f", str(path), "-Y", str(self.directory), "-m", "32", "-M", "4"]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        try:
            until(self._answers, 10, "kamailio")
        except AssertionError:
            self.stop()
            return False
        return True

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log
        with socket.socket() as probe:
            return (self.directory / "rpc").exists() and probe.connect_ex(("127.0.0.1", self.port)) == 0
