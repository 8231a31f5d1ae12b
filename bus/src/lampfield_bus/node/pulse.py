"""How a service that turns in a loop is known as healthy: a heartbeat while its links live. Shell: it writes a file."""

from pathlib import Path
from typing import Final, Protocol

from lampfield_bus.node.health import Heartbeat
from lampfield_bus.node.run import LogOnce, Now

__all__ = ["HEARTBEAT_MS", "Pulse"]

HEARTBEAT_MS: Final = 5_000


class _Link(Protocol):
    @property
    def alive(self) -> bool: ...


class Pulse:
    """The heartbeat in `path`, while every one of `links` has its threads; what hinders it is logged by `once`.

    A broker that is gone is not this process's illness.
    """

    def __init__(self, path: Path, once: LogOnce, *links: _Link) -> None:
        self._heartbeat = Heartbeat(path)
        self._once = once
        self._links = links
        self._due: int | None = None

    def beat(self, now: Now) -> None:
        """At every turn of the loop; writes every five seconds. RuntimeError when a thread of a link has ended."""
        if self._due is not None and now.monotonic < self._due:
            return
        self._due = now.monotonic + HEARTBEAT_MS
        if not all(link.alive for link in self._links):
            raise RuntimeError("a thread of the link has ended")
        try:
            self._heartbeat.touch(now.wall)
        except OSError as error:
            self._once.warning("heartbeat", "the heartbeat file cannot be written: %s", error)

    def stop(self) -> None:
        """A graceful stop leaves no heartbeat behind."""
        self._heartbeat.remove()
