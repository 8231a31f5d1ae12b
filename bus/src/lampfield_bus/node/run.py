"""What every process does around its loop: logging, signals, exit statuses, and a clock that notices steps.

It decides nothing about a service. Signal handlers set a flag and call back; they never raise.
"""

import json
import logging
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Final, Literal, NamedTuple

from lampfield_bus.instants import rfc3339

__all__ = ["BAD_SETTING", "FAILED", "OK", "Clock", "LogOnce", "Now", "Stop", "configure_logging"]

OK: Final = 0
FAILED: Final = 1
BAD_SETTING: Final = 2

ABOUT: Final = ("switch", "display", "call")  # what a line of log may be about: a field of its own as JSON
STEP_MS = 1_000  # wall and monotonic clock apart by this much within one turn: the wall clock was stepped


class Now(NamedTuple):
    """One reading of both clocks, in ms; `stepped`: by how much the wall clock jumped since the last one, else 0."""

    wall: int
    monotonic: int
    stepped: int


class Clock:
    """Reads wall and monotonic clock together. A Pi boots without a clock, so the wall clock may jump by years."""

    def __init__(
        self,
        *,
        wall: Callable[[], int] = time.time_ns,
        monotonic: Callable[[], int] = time.monotonic_ns,
        step: int = STEP_MS,
    ) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._step = step
        self._offset: int | None = None

    def read(self) -> Now:
        """Now, and whether the wall clock was stepped. What is slewed, or stepped by less, passes unseen."""
        wall, monotonic = self._wall() // 1_000_000, self._monotonic() // 1_000_000
        offset = wall - monotonic
        jump = 0 if self._offset is None else offset - self._offset
        self._offset = offset
        return Now(wall, monotonic, jump if abs(jump) >= self._step else 0)


class Stop:
    """SIGTERM and SIGINT as a flag; `then` (an inbox's `notify`, a hub's `async_().send`) wakes the loop."""

    def __init__(self, then: Callable[[], None] | None = None) -> None:
        self._then = then
        self.requested = False

    def install(self) -> "Stop":
        """Handles both signals from now on. Main thread only."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._handle)
        return self

    def request(self) -> None:
        """What a signal does."""
        self.requested = True
        if self._then is not None:
            self._then()

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self.request()


class _Text(logging.Formatter):
    """`2026-11-22T23:11:53.341Z info lampfield_bus.node.link: connected`."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802 (logging's signature)
        return rfc3339(int(record.created * 1000))

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        return text.replace(record.levelname, record.levelname.lower(), 1)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's name)
        """What others sent is quoted in messages: it shall neither begin a line of its own nor move a cursor."""
        record.message = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in record.message)
        return super().formatMessage(record)


class _Json(logging.Formatter):
    """One JSON object per line: `at`, `level`, `logger`, `message`, what it is about, after an exception `exception`.

    What a line is about comes as `extra={"switch": …, "call": …}`.
    """

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": rfc3339(int(record.created * 1000)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update({name: getattr(record, name) for name in ABOUT if hasattr(record, name)})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def configure_logging(level: str, style: Literal["text", "json"] = "text") -> None:
    """Everything at `level` (`debug`, `info`, `warning`, `error`) and above goes to stderr, one record per line."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if style == "json" else _Text("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    logging.captureWarnings(capture=True)


class LogOnce:
    """Logs a message once per key: a bad message that comes a thousand times fills no disk.

    At most `bound` keys are remembered; the oldest is forgotten, so it may be logged again.
    """

    def __init__(self, logger: logging.Logger, bound: int = 256) -> None:
        self._logger = logger
        self._bound = bound
        self._seen: dict[object, None] = {}

    def warning(self, key: object, message: str, *arguments: object, error: Exception | None = None) -> None:
        """Logs `message` as a warning, with the traceback of `error`, unless this key was logged before."""
        if key in self._seen:
            return
        if len(self._seen) >= self._bound:
            del self._seen[next(iter(self._seen))]
        self._seen[key] = None
        self._logger.warning(message, *arguments, exc_info=error)
