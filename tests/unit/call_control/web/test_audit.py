import json
import logging
import stat
from pathlib import Path

import pytest

from call_control.web.audit import Audit

AT = 1_795_388_000_000


def test_a_line_for_each_in_a_file_that_is_the_owner_s(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    audit = Audit(path, lambda: AT)
    audit.tell("call", "accepted", {"token": "reception", "to": "1001\n", "key": None})
    path.rename(tmp_path / "audit.jsonl.1")  # as logrotate does
    audit.tell("call", "refused", {"token": "reception"})
    first = json.loads((tmp_path / "audit.jsonl.1").read_text())
    assert first == {
        "at": "2026-11-22T22:53:20.000Z", "action": "call", "outcome": "accepted", "token": "reception", "to": "1001\n",
    }  # fmt: skip
    assert path.read_text().count("\n") == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_without_a_file_it_stands_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    Audit(None, lambda: AT).tell("end", "accepted", {"call": "x"})
    assert '"action": "end"' in caplog.text


def test_what_cannot_be_written_is_raised(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="audit"):
        Audit(tmp_path / "none" / "audit.jsonl", lambda: AT).tell("call", "accepted", {})
