from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esl_publisher.settings import MAX_EXTENSIONS, PROGRAM, Settings, _extensions
from lampfield_bus.node.settings import load

Load = Callable[..., Settings]


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Load:
    monkeypatch.chdir(tmp_path)  # no .env of somebody's

    def with_variables(**variables: str) -> Settings:
        for name, value in variables.items():
            monkeypatch.setenv(f"LAMPFIELD_{name}", value)
        return load(Settings, PROGRAM)

    return with_variables


def test_defaults(settings: Load) -> None:
    found = settings()
    assert found.switch == "main"
    assert found.esl_host == ("localhost",)
    assert found.esl_port == 8021
    assert found.esl_password.get_secret_value() == "ClueCon"
    assert found.domain is None
    assert found.extensions == ()
    assert found.resync_seconds == 60
    assert found.raw_events == ()
    assert found.hide_numbers is False


def test_every_setting_has_a_sentence() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1000", ("1000",)),
        ("1000-1003,2001", ("1000", "1001", "1002", "1003", "2001")),
        (" 1000 , 1001 ", ("1000", "1001")),
        ("001-003", ("001", "002", "003")),
        ("098-102", ("098", "099", "100", "101", "102")),
        ("0-2", ("0", "1", "2")),
        ("998-1001", ("998", "999", "1000", "1001")),
        ("1000,1000-1001", ("1000", "1001")),
        ("1000@other.example,front-desk", ("1000@other.example", "front-desk")),
    ],
)
def test_extensions(settings: Load, text: str, expected: tuple[str, ...]) -> None:
    assert settings(EXTENSIONS=text).extensions == expected


def test_raw_events(settings: Load) -> None:
    found = settings(RAW_EVENTS="DTMF, sofia::gateway_state,CUSTOM callcenter::info")
    assert found.raw_events == ("DTMF", "sofia::gateway_state", "callcenter::info")


def test_several_hosts(settings: Load) -> None:
    assert settings(ESL_HOST="pbx.example, 192.0.2.7").esl_host == ("pbx.example", "192.0.2.7")


def test_the_password_may_stand_in_a_file_and_is_never_shown(settings: Load, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hunter2\n", encoding="utf-8")
    found = settings(ESL_PASSWORD_FILE=str(tmp_path / "secret"))
    assert found.esl_password.get_secret_value() == "hunter2"
    assert "hunter2" not in repr(found)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SWITCH", "x" * 2000, "bytes"),
        ("ESL_HOST", "a b", "host"),
        ("ESL_HOST", "pbx.example:8021/x", "host"),
        ("ESL_HOST", ",", "host"),
        ("ESL_PORT", "0", "1-65535"),
        ("ESL_PORT", "eight", "number"),
        ("ESL_PASSWORD", "a\nb", "one line"),
        ("DOMAIN", "a b", "host"),
        ("EXTENSIONS", "1009-1000", "range"),
        ("EXTENSIONS", "001-0100", "range"),
        ("EXTENSIONS", "1-999999999999999", "more than 2000"),
        ("RESYNC_SECONDS", "0", "5-3600"),
        ("RESYNC_SECONDS", "86400", "5-3600"),
        ("RAW_EVENTS", "ALL", "names no event"),
        ("RAW_EVENTS", "CUSTOM", "names no event"),
        ("RAW_EVENTS", "dtmf", "names no event"),
        ("RAW_EVENTS", "DTMF\n\nexit", "names no event"),
        ("HIDE_NUMBERS", "maybe", "on, off"),
    ],
)
def test_a_bad_value_is_told_in_one_line(
    settings: Load, capsys: pytest.CaptureFixture[str], name: str, value: str, said: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        settings(**{name: value})
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"esl-publisher: LAMPFIELD_{name}: ")
    assert said in line


def test_a_bad_password_is_not_shown(settings: Load, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        settings(ESL_PASSWORD="hunter2\nx")
    assert "hunter2" not in capsys.readouterr().err


def test_raw_events_and_hidden_numbers_exclude_each_other(settings: Load, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        settings(RAW_EVENTS="DTMF", HIDE_NUMBERS="on")
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("esl-publisher: LAMPFIELD_RAW_EVENTS: ")
    assert "LAMPFIELD_HIDE_NUMBERS" in line
    assert "allowed: one of the two" in line


@given(st.integers(0, 99_999), st.integers(0, MAX_EXTENSIONS - 1))
def test_a_range_has_all_its_numbers_once(first: int, more: int) -> None:
    found = _extensions((f"{first}-{first + more}",))
    assert [int(number) for number in found] == list(range(first, first + more + 1))
