"""Who did what, and what came of it: one JSON object per line, for the day on which a telephone bill is looked into.

Shell. To the file of LAMPFIELD_AUDIT_FILE (opened for each line, so that it may be rotated; readable by its owner
alone), else to the log. What cannot be written down is not done: whoever fills the disk shall not call for free. Tokens
never stand in it, only their names.
"""

import json
import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from lampfield_bus.instants import rfc3339

__all__ = ["Audit"]

_log = logging.getLogger(__name__)


class Audit:
    """`now` is ms since the epoch."""

    def __init__(self, path: Path | None, now: Callable[[], int]) -> None:
        self._path = path
        self._now = now

    def tell(self, action: str, outcome: str, about: Mapping[str, object]) -> None:
        """One line; what is None is left out. Raises OSError when it cannot be written."""
        known = {name: value for name, value in about.items() if value is not None}
        line = json.dumps({"at": rfc3339(self._now()), "action": action, "outcome": outcome, **known})
        if self._path is None:
            _log.info("%s", line)
            return
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.write(descriptor, line.encode() + b"\n")
        finally:
            os.close(descriptor)
