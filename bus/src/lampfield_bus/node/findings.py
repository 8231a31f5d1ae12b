"""What a `doctor` finds, one line each. It examines nothing itself."""

import sys
from collections.abc import Iterable
from typing import Literal, NamedTuple

from lampfield_bus.node.run import FAILED, OK

__all__ = ["Finding", "report"]


class Finding(NamedTuple):
    """One line: `fail` is what keeps the service from working, `note` what one should know."""

    grade: Literal["ok", "note", "fail"]
    text: str


def report(findings: Iterable[Finding]) -> int:
    """Prints every finding as it comes; returns the exit status: 1 when one of them is a `fail`."""
    failed = False
    for finding in findings:
        sys.stdout.write(f"{finding.grade:5}{finding.text}\n")
        sys.stdout.flush()
        failed = failed or finding.grade == "fail"
    return FAILED if failed else OK
