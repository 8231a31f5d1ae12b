from pathlib import Path

import pytest

from demo_switch.options import Options, parse


def test_without_arguments_the_defaults_hold() -> None:
    assert parse([], {}) == Options()


def test_an_option_can_be_set_in_the_environment_and_the_command_line_beats_it() -> None:
    environment = {"LAMPFIELD_DEMO_PORT": "18021", "LAMPFIELD_DEMO_DB_LAG": "0", "LAMPFIELD_DEMO_SEED": ""}
    options = parse(["--db-lag", "0.5", "--replay", "call.esl", "--pause", "0.1"], environment)
    assert options == Options(port=18021, db_lag=0.5, replay=Path("call.esl"), pause=0.1)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--port", "99999"], "--port"),
        (["--port", "x"], "--port"),
        (["--speed", "0"], "--speed"),
        (["--speed", "inf"], "--speed"),
        (["--rate", "-1"], "--rate"),
        (["--phones", "3"], "--phones"),
        (["--client-queue", "0"], "--client-queue"),
    ],
)
def test_a_bad_value_names_its_option_and_ends_with_status_2(
    arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(arguments, {})
    assert ended.value.code == 2
    assert f"argument {named}" in capsys.readouterr().err


def test_a_bad_value_in_the_environment_is_refused_too() -> None:
    with pytest.raises(SystemExit) as ended:
        parse([], {"LAMPFIELD_DEMO_PORT": "many"})
    assert ended.value.code == 2


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_and_version_are_told(argument: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse([argument], {})
    assert ended.value.code == 0
    assert "demo-switch" in capsys.readouterr().out
