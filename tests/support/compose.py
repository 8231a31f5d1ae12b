"""A compose project of a test's own: docker-compose.yml as it stands, a name and a broker port that nobody else has.

The commands are those of README.md (the docker command line); what they made is looked at and broken by the docker SDK.
"""

import contextlib
import json
import os
import secrets
import subprocess
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import docker
from docker.models.containers import Container

from demo_switch.stage import free_port
from support.broker import Bus
from support.waiting import until

__all__ = ["MARKER", "ROOT", "TAG", "Stack"]

ROOT = Path(__file__).parents[2]
MARKER = "group/nobody/cmd/text"  # which no display is in
# Two work trees on one engine test their own images, not each other's.
TAG = f"test-{zlib.crc32(str(ROOT).encode()):08x}"
_ASK = """
import socket
s = socket.create_connection(("127.0.0.1", 8021), 5).makefile("rwb")
def reply():
    headers = {}
    while line := s.readline().strip():
        name, _, value = line.decode().partition(": ")
        headers[name] = value
    return s.read(int(headers.get("Content-Length", 0)))
reply()
for command in ("auth ClueCon", "api demo truth"):
    s.write(command.encode() + b"\\n\\n")
    s.flush()
    body = reply()
print(body.decode())
"""


class Stack:
    """One project: `up`, look, break, `down`. `files` are laid over docker-compose.yml, as compose does with -f."""

    def __init__(self, *, profile: str | None = None, files: Sequence[str] = (), **settings: str) -> None:
        self.name = f"lampfield-test-{secrets.token_hex(4)}"
        self.port, self.tls_port, self.web_port = (free_port() for _ in range(3))
        self.client = docker.from_env()
        self._command = ["docker", "compose", "--project-name", self.name, "--project-directory", str(ROOT)]
        for file in ("docker-compose.yml", *files):
            self._command += ["--file", str(ROOT / file)]
        self._profiles = [profile] if profile else []
        self._passwords: dict[str, str] = {}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("LAMPFIELD_", "COMPOSE_"))}
        self._environment = {**kept, "LAMPFIELD_BROKER_PORT": str(self.port), "LAMPFIELD_TAG": TAG}
        ports = {"LAMPFIELD_BROKER_TLS_PORT": str(self.tls_port), "LAMPFIELD_WEB_PORT": str(self.web_port)}
        self._environment |= {**ports, **settings}

    @property
    def environment(self) -> dict[str, str]:
        """What its commands run with, for those who type their own."""
        return dict(self._environment)

    def compose(self, *arguments: str, limit: float = 300) -> str:
        """Runs one compose command; its stdout. AssertionError with what it said when it fails."""
        profiles = [word for profile in self._profiles for word in ("--profile", profile)]
        done = subprocess.run(
            [*self._command, *profiles, *arguments],
            env=self._environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=limit,
            check=False,
        )
        assert done.returncode == 0, f"docker compose {' '.join(arguments)}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def with_profile(self, profile: str) -> Self:
        """The same project with one more profile, from now on."""
        self._profiles.append(profile)
        return self

    def up(self, *arguments: str) -> None:
        """Starts everything, in the background, from images that are there."""
        self.compose("up", "--detach", "--no-build", *arguments)

    def down(self) -> None:
        """Ends everything, volumes too."""
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "5")

    def close(self) -> None:
        """Lets go of the engine."""
        self.client.close()

    def left_behind(self) -> list[str]:
        """What of this project the engine still has."""
        mine: dict[str, str | list[str] | bool] = {"label": f"com.docker.compose.project={self.name}"}
        containers = self.client.containers.list(all=True, filters=mine)
        networks = self.client.networks.list(filters=mine)
        volumes = self.client.volumes.list(filters=mine)
        return [f"{type(found).__name__} {found.id}" for found in (*containers, *networks, *volumes)]

    def container(self, service: str, number: int = 1) -> Container:
        """The service's container as it is now."""
        found: Container = self.client.containers.get(f"{self.name}-{service}-{number}")
        return found

    def health(self, service: str, number: int = 1) -> str:
        """`starting`, `healthy` or `unhealthy`."""
        status: str = self.container(service, number).attrs["State"]["Health"]["Status"]
        return status

    def password(self, user: str) -> str:
        """`make -s password NAME=…`, as README.md says it."""
        return self.keys("password", user).strip()

    def keys(self, *words: str) -> str:
        """What `make credentials`, `add-display`, `rotate` … run."""
        return self.compose("run", "--rm", "--no-deps", "--no-TTY", "keys", *words)

    def bus(self, user: str = "viewer") -> Bus:
        """A client on the published port, as anyone on this host could have; `viewer` sees everything."""
        return Bus("127.0.0.1", self.port, login=(user, self._password(user))).subscribe()

    def forget_passwords(self) -> None:
        """They were rotated: `bus` asks for them again."""
        self._passwords.clear()

    def _password(self, user: str) -> str:
        if user not in self._passwords:
            self._passwords[user] = self.password(user)
        return self._passwords[user]

    def pub(self, topic: str, message: str) -> None:
        """`docker compose exec mosquitto mosquitto_pub -t … -m …`, as README.md says it."""
        self.compose("exec", "--no-TTY", "mosquitto", "mosquitto_pub", "-t", f"lampfield/v1/{topic}", "-m", message)

    def catch_up(self, bus: Bus) -> None:
        """Waits until all that the broker has had up to now is here, at a client that may write nothing.

        The client has subscribed to `group/#`. What the broker had from others before this message, it hands on before.
        """
        marker = secrets.token_hex(8)
        self.pub(MARKER, marker)
        bus.wait_for(lambda: marker.encode() in bus.payloads(MARKER))

    def truth(self) -> dict[str, Any] | None:
        """What is really going on in the demo switch, as a person there would count it; None: nobody answers yet."""
        answer = self.container("demo-switch").exec_run(["python", "-c", _ASK])
        if answer.exit_code != 0:
            return None
        told: dict[str, Any] = json.loads(answer.output)  # type: ignore[arg-type]  # bytes, as it is no stream
        return told

    def counts(self) -> dict[str, int] | None:
        """The calls by state that the bus should tell; None: the switch does not answer yet."""
        truth = self.truth()
        return None if truth is None else dict(truth["calls"])

    def legs(self) -> set[str] | None:
        """The channels that the switch has now; None: it does not answer."""
        truth = self.truth()
        return None if truth is None else set(truth["legs"])

    @contextlib.contextmanager
    def watching(self, service: str) -> Iterator[Callable[[], str]]:
        """Follows what a container writes to its terminal from now on; gives what that is so far.

        Not by its log: the engine keeps a line back until it ends, and a picture has no end of line.
        """
        name = str(self.container(service).name)
        command = ["docker", "attach", "--no-stdin", "--sig-proxy=false", name]
        with tempfile.NamedTemporaryFile() as output:
            follower = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.DEVNULL)
            try:
                yield lambda: Path(output.name).read_text(encoding="utf-8", errors="replace")
            finally:
                follower.kill()  # it holds SIGTERM back
                follower.wait(5)

    def kill(self, service: str) -> None:
        """kill -9, and nobody restarts it."""
        self.container(service).kill("SIGKILL")
        until(lambda: self.container(service).status == "exited", 10, f"the end of {service}")

    def start(self, service: str) -> float:
        """Starts it again; the monotonic instant at which the engine says it runs."""
        self.container(service).start()
        return time.monotonic()
