"""lampfield_bus.node.settings."""

import os
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import pytest
from pydantic import Field, SecretStr

from lampfield_bus.node import settings as s
from lampfield_bus.node.settings import CommaList, LowerCase, Name, NodeSettings, Port, load


class Settings(NodeSettings):
    """What a service's look like."""

    switch: Name = Field(default="main", description="the switch")
    esl_port: Port = Field(default=8021, description="the port")
    esl_password: SecretStr = Field(default=SecretStr("ClueCon"), description="the password")
    groups: CommaList = Field(default=(), description="groups")
    brightness: Annotated[int, Field(ge=0, le=15)] = Field(default=4, description="brightness")
    driver: Annotated[Literal["auto", "none"], LowerCase] = Field(default="auto", description="driver")
    rotate: Annotated[float, Field(gt=0)] = Field(default=1.0, description="something")


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of ours, and no `.env`."""
    for name in os.environ:
        if name.startswith("LAMPFIELD_") or name == "TZ":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def refusal(capsys: pytest.CaptureFixture[str], settings: type[NodeSettings] = Settings) -> list[str]:
    """The lines with which bad settings are refused."""
    with pytest.raises(SystemExit) as stopped:
        load(settings, "prog")
    assert stopped.value.code == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err.splitlines()


def test_the_defaults_are_the_designs() -> None:
    made = load(Settings, "prog")
    assert (made.mqtt_host, made.mqtt_port, made.mqtt_username, made.mqtt_password) == ("localhost", 1883, None, None)
    assert (made.mqtt_tls, made.topic_root, made.tz) == (False, "lampfield/v1", None)
    assert (made.log_level, made.log_format) == ("info", "text")


def test_the_environment_beats_the_env_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("LAMPFIELD_MQTT_HOST=file\nLAMPFIELD_SWITCH=file\nTZ=Asia/Tokyo\n", encoding="utf-8")
    monkeypatch.setenv("LAMPFIELD_MQTT_HOST", "environment")
    made = load(Settings, "prog")
    assert (made.mqtt_host, made.switch, made.tz) == ("environment", "file", "Asia/Tokyo")


def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LAMPFIELD_MQTT_PORT", "LAMPFIELD_MQTT_CA_FILE", "LAMPFIELD_MQTT_PASSWORD_FILE", "TZ"):
        monkeypatch.setenv(name, "")
    assert load(Settings, "prog") == Settings()


def test_unknown_variables_belong_to_somebody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAMPFIELD_SOMETHING_ELSE", "x")
    Path(".env").write_text("LAMPFIELD_MORE=1\nOTHER=2\n", encoding="utf-8")
    assert load(Settings, "prog") == Settings()


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("LAMPFIELD_MQTT_PORT", "70000", "LAMPFIELD_MQTT_PORT: '70000' is out of range; allowed: 1-65535"),
        ("LAMPFIELD_MQTT_PORT", "mqtt", "LAMPFIELD_MQTT_PORT: 'mqtt' is not a number; allowed: 1-65535"),
        ("LAMPFIELD_MQTT_HOST", "a b", "LAMPFIELD_MQTT_HOST: 'a b' is not a host; allowed: a name or an address"),
        ("LAMPFIELD_BRIGHTNESS", "16", "LAMPFIELD_BRIGHTNESS: '16' is out of range; allowed: 0-15"),
        ("LAMPFIELD_BRIGHTNESS", "4.5", "LAMPFIELD_BRIGHTNESS: '4.5' is not a number; allowed: 0-15"),
        ("LAMPFIELD_ROTATE", "0", "LAMPFIELD_ROTATE: '0' is out of range; allowed: a number over 0"),
        ("LAMPFIELD_MQTT_TLS", "maybe", "LAMPFIELD_MQTT_TLS: 'maybe' is neither on nor off; allowed: on, off"),
        (
            "LAMPFIELD_LOG_LEVEL",
            "loud",
            "LAMPFIELD_LOG_LEVEL: 'loud' is not one of them; allowed: debug, info, warning",
        ),
        ("LAMPFIELD_LOG_FORMAT", "xml", "LAMPFIELD_LOG_FORMAT: 'xml' is not one of them; allowed: text, json"),
        ("LAMPFIELD_TOPIC_ROOT", "/a", "LAMPFIELD_TOPIC_ROOT: '/a' is not a topic; allowed:"),
        ("LAMPFIELD_TOPIC_ROOT", "a/#", "LAMPFIELD_TOPIC_ROOT: 'a/#' is not a topic; allowed:"),
        ("LAMPFIELD_MQTT_CA_FILE", "nope.pem", "LAMPFIELD_MQTT_CA_FILE: 'nope.pem' no such file; allowed: a file"),
        ("LAMPFIELD_MQTT_CA_FILE", "/", "LAMPFIELD_MQTT_CA_FILE: '/' is a folder; allowed: a file"),
        ("LAMPFIELD_MQTT_PASSWORD_FILE", "nope", "LAMPFIELD_MQTT_PASSWORD_FILE: 'nope': No such file or directory"),
        ("TZ", "Mars/Olympus", "TZ: 'Mars/Olympus' is not a time zone; allowed: a name such as Europe/Berlin"),
        ("TZ", "/etc/passwd", "TZ: '/etc/passwd' is not a time zone"),
        ("TZ", "America", "TZ: 'America' is not a time zone"),
    ],
)
def test_a_bad_value_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, line: str
) -> None:
    monkeypatch.setenv(name, value)
    [told] = refusal(capsys)
    assert told.startswith(f"prog: {line}")
    assert "allowed: " in told


def test_every_bad_variable_has_its_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LAMPFIELD_MQTT_PORT", "0")
    monkeypatch.setenv("LAMPFIELD_ESL_PORT", "0")
    monkeypatch.setenv("TZ", "x")
    assert [line.split(":")[1].strip() for line in refusal(capsys)] == [
        "LAMPFIELD_MQTT_PORT",
        "TZ",
        "LAMPFIELD_ESL_PORT",
    ]


def test_a_secret_comes_from_a_file_without_its_last_line_feed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("pass word \n\n", encoding="utf-8")
    monkeypatch.setenv("LAMPFIELD_MQTT_PASSWORD_FILE", str(tmp_path / "secret"))
    monkeypatch.setenv("LAMPFIELD_ESL_PASSWORD_FILE", str(tmp_path / "secret"))
    made = load(Settings, "prog")
    assert made.mqtt_password is not None
    assert made.mqtt_password.get_secret_value() == "pass word \n"
    assert made.esl_password.get_secret_value() == "pass word \n"


def test_the_env_file_may_name_the_secrets_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hidden\n", encoding="utf-8")
    Path(".env").write_text(f"LAMPFIELD_MQTT_PASSWORD_FILE={tmp_path}/secret\n", encoding="utf-8")
    made = load(Settings, "prog")
    assert made.mqtt_password == SecretStr("hidden")


def test_a_secret_and_its_file_at_once_are_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("a", encoding="utf-8")
    monkeypatch.setenv("LAMPFIELD_MQTT_PASSWORD", "hidden-value")
    monkeypatch.setenv("LAMPFIELD_MQTT_PASSWORD_FILE", str(tmp_path / "secret"))
    [line] = refusal(capsys)
    assert line == "prog: LAMPFIELD_MQTT_PASSWORD_FILE: LAMPFIELD_MQTT_PASSWORD is set too; allowed: one of the two"


def test_no_secret_is_ever_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAMPFIELD_MQTT_PASSWORD", "hidden-value")
    assert "hidden-value" not in repr(load(Settings, "prog"))


def test_a_certificate_with_tls_off_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Whoever gives an authority to trust does not want to send the password in the clear."""
    (tmp_path / "ca.pem").touch()
    monkeypatch.setenv("LAMPFIELD_MQTT_CA_FILE", str(tmp_path / "ca.pem"))
    assert refusal(capsys) == [
        "prog: LAMPFIELD_MQTT_CA_FILE: is set while TLS is off; allowed: with LAMPFIELD_MQTT_TLS=on"
    ]
    monkeypatch.setenv("LAMPFIELD_MQTT_TLS", "on")
    assert load(Settings, "prog").mqtt_ca_file == tmp_path / "ca.pem"


def test_a_certificate_without_its_key_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "cert.pem").touch()
    monkeypatch.setenv("LAMPFIELD_MQTT_TLS", "on")
    monkeypatch.setenv("LAMPFIELD_MQTT_CERT_FILE", str(tmp_path / "cert.pem"))
    [line] = refusal(capsys)
    assert line.startswith("prog: LAMPFIELD_MQTT_CERT_FILE: certificate or key is missing; allowed: both")


def test_words_are_read_in_any_case_and_lists_with_blanks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAMPFIELD_LOG_LEVEL", "WARNING")
    monkeypatch.setenv("LAMPFIELD_DRIVER", "None")
    monkeypatch.setenv("LAMPFIELD_GROUPS", "a, b ,,c")
    made = load(Settings, "prog")
    assert (made.log_level, made.driver, made.groups) == ("warning", "none", ("a", "b", "c"))


def test_the_zone_is_tz_else_the_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", ":Europe/Berlin")  # POSIX allows the colon
    assert load(Settings, "prog").zone == ZoneInfo("Europe/Berlin")
    monkeypatch.delenv("TZ")
    assert load(Settings, "prog").zone.utcoffset(datetime(2026, 7, 1, tzinfo=UTC)) is not None


@pytest.mark.parametrize("kind", ["link", "copy", "nothing", "nonsense"])
def test_the_systems_zone_is_found_however_localtime_is_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str
) -> None:
    localtime = tmp_path / "localtime"
    if kind == "link":
        (tmp_path / "zoneinfo" / "Europe").mkdir(parents=True)
        (tmp_path / "zoneinfo" / "Europe" / "Berlin").touch()
        localtime.symlink_to(tmp_path / "zoneinfo" / "Europe" / "Berlin")
    elif kind == "copy":
        localtime.write_bytes((resources.files("tzdata") / "zoneinfo" / "Europe" / "Berlin").read_bytes())
    elif kind == "nonsense":
        localtime.write_bytes(b"nonsense")
    monkeypatch.setattr(s, "LOCALTIME", localtime)
    summer = datetime(2026, 7, 1, tzinfo=UTC)
    hours = summer.astimezone(load(Settings, "prog").zone).utcoffset()
    assert hours is not None
    assert hours.total_seconds() == (7200 if kind in ("link", "copy") else 0)


def test_two_processes_on_one_machine_have_two_heartbeats(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = load(Settings, "prog")
    one, other = made.heartbeat_path("led-renderer", "hall"), made.heartbeat_path("led-renderer", "a/b")
    assert one.name == "led-renderer-hall.heartbeat"
    assert other.parent == one.parent
    monkeypatch.setenv("LAMPFIELD_HEARTBEAT_FILE", str(tmp_path / "beat"))
    assert load(Settings, "prog").heartbeat_path("led-renderer", "hall") == tmp_path / "beat"


def test_arguments_beat_everything_so_that_tests_need_no_environment() -> None:
    assert NodeSettings(mqtt_host="broker", tz="UTC").tz == "UTC"
