"""`check FLOW` and `try FLOW`: what they print, and their exit status."""

import io
from pathlib import Path

import pytest

from call_control.rehearsal import check, rehearse
from call_control.settings import Settings
from support.httapi import DATA

SET = Settings(flow_values="code=4711,domain=pbx.example")  # type: ignore[arg-type]  # read as from the environment


def test_a_flow_that_is_right_is_told_and_permitted(capsys: pytest.CaptureFixture[str]) -> None:
    assert check(SET, "attendant") == 0
    out = capsys.readouterr().out
    assert "    key 2: sales: dial 1001\n" in out
    assert out.endswith("attendant: the profile permits all of it\n")


def test_a_value_that_is_not_set_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert check(Settings(), "board") == 1
    assert (
        "board: values.code: is not set, so it is not served; LAMPFIELD_FLOW_VALUES=code=…" in capsys.readouterr().out
    )


def test_another_profile_denies(capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(httapi_conf=DATA / "httapi.conf.xml", flow_values=SET.flow_values)
    assert check(settings, "attendant", "off") == 1
    assert "attendant: steps.sales: 1. execute: answer is denied, which ends the call" in capsys.readouterr().out
    assert check(settings, "attendant", "nowhere") == 1
    assert "there is no profile 'nowhere'; there are: default, ivr, full" in capsys.readouterr().err


def test_a_file_is_checked_before_it_is_served(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("steps:\n  a: {dial: '1', tries: 2}\n")
    assert check(Settings(), str(path)) == 1
    out = capsys.readouterr().out
    assert out == "mine.yaml:2: steps.a.tries: says nothing with dial; allowed with it: within, otherwise\n"
    program = tmp_path / "mine.py"
    program.write_text("from call_control.documents.actions import Hangup\ndef flow(call):\n    yield [Hangup()]\n")
    assert check(Settings(), str(program)) == 0
    assert check(Settings(), "nowhere") == 1
    assert "there is no flow 'nowhere'; there are: announcement, attendant, board" in capsys.readouterr().err


def test_a_call_in_the_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("4711#\n1\n"))
    assert rehearse(SET, "board", calls=3) == 0
    out = capsys.readouterr().out
    assert "> POST http://127.0.0.1:8081/httapi/board entered=4711&input_type=dtmf\n" in out
    assert "  says 3\n" in out
    assert "  shows on all: LUNCH\n" in out
    assert out.endswith("exiting=true\nthe call is over: NORMAL_CLEARING\n")


@pytest.mark.parametrize("typed", ["q\n", ""])
def test_whoever_hangs_up_ends_the_call(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], typed: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    assert rehearse(SET, "board") == 0
    assert capsys.readouterr().out.endswith("exiting=true\nthe call is over: NORMAL_CLEARING\n")


def test_a_recording_in_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "r.yaml"
    path.write_text("steps: {a: {record: f, next: b}, b: {show: 'kept {f}'}}")
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    assert rehearse(Settings(), str(path)) == 0
    assert "shows on all: kept " in capsys.readouterr().out
