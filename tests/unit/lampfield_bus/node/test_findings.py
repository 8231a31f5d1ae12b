"""lampfield_bus.node.findings."""

from collections.abc import Iterator

import pytest

from lampfield_bus.node.findings import Finding, report
from lampfield_bus.node.run import FAILED, OK


def test_each_finding_is_a_line_as_it_comes(capsys: pytest.CaptureFixture[str]) -> None:
    seen = []

    def findings() -> Iterator[Finding]:
        yield Finding("ok", "the broker lets us in")
        seen.append(capsys.readouterr().out)
        yield Finding("note", "the clock is 2 s off")

    assert report(findings()) == OK
    assert [*seen, capsys.readouterr().out] == ["ok   the broker lets us in\n", "note the clock is 2 s off\n"]


def test_one_failure_is_enough() -> None:
    assert report([Finding("fail", "no way"), Finding("ok", "fine")]) == FAILED
    assert report([]) == OK
