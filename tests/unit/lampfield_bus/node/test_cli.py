"""lampfield_bus.node.cli."""

from importlib import metadata
from pathlib import Path

import pytest

from lampfield_bus.node.cli import Argument, Commands, Word, check, main
from lampfield_bus.node.settings import NodeSettings


class Calls:
    """Commands that tell what was called."""

    def __init__(self) -> None:
        self.made: list[object] = []

    def commands(self) -> Commands:
        return Commands(
            run=lambda: self._note("run", 0),
            check=lambda end_hung: self._note(("check", end_hung), 1),
            doctor=lambda: self._note("doctor", 3),
            forget=lambda name, force: self._note(("forget", name, force), 4),
            others={
                "tune": Word("turn a knob", lambda: self._note("tune", 5)),
                "play": Word(
                    "play files",
                    lambda files, loop, volume: self._note(("play", files, loop, volume), 6),
                    (
                        Argument("files", "what", many=True),
                        Argument("--loop", "over and over", bool),
                        Argument("--volume", "how loud", int),
                    ),
                ),
            },
        )

    def _note(self, what: object, status: int) -> int:
        self.made.append(what)
        return status


@pytest.mark.parametrize(
    ("arguments", "called", "status"),
    [
        ([], "run", 0),
        (["run"], "run", 0),
        (["check"], ("check", False), 1),
        (["check", "--end-hung"], ("check", True), 1),
        (["doctor"], "doctor", 3),
        (["tune"], "tune", 5),
        (["play", "a.wav"], ("play", ["a.wav"], False, None), 6),
        (["play", "a.wav", "b.wav", "--loop", "--volume", "3"], ("play", ["a.wav", "b.wav"], True, 3), 6),
        (["forget", "hall"], ("forget", "hall", False), 4),
        (["forget", "--force", "hall"], ("forget", "hall", True), 4),
    ],
)
def test_each_word_runs_its_command_and_returns_its_status(arguments: list[str], called: object, status: int) -> None:
    calls = Calls()
    assert main("bus", "summary", "display", calls.commands(), arguments) == status
    assert calls.made == [called]


def test_version_is_the_distributions(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main("bus", "summary", "display", Calls().commands(), ["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"bus {metadata.version('lampfield-bus')}\n"


def test_help_names_every_word(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main("bus", "what it is", "display", Calls().commands(), ["--help"])
    assert stopped.value.code == 0
    text = capsys.readouterr().out
    assert all(
        word in text
        for word in ("what it is", "run", "check", "doctor", "forget", "display", "turn a knob", ".env.example")
    )


@pytest.mark.parametrize("arguments", [["fly"], ["forget"], ["check", "now"], ["--colour"]])
def test_bad_usage_is_status_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    calls = Calls()
    with pytest.raises(SystemExit) as stopped:
        main("bus", "summary", "display", calls.commands(), arguments)
    assert stopped.value.code == 2
    assert calls.made == []
    assert "usage: bus" in capsys.readouterr().err


def test_check_reads_the_heartbeat_of_the_one_that_is_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert check(NodeSettings, "bus", lambda settings: f"at {settings.mqtt_host}")(False) == 1
    assert f"no heartbeat in {tmp_path}/bus-at localhost.heartbeat" in capsys.readouterr().out
