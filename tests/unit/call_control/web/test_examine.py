from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from call_control.settings import Settings
from call_control.web.examine import findings
from call_control.web.token_file import TokenFile
from call_control.web.tokens import Token, digest
from lampfield_bus.node.findings import Finding
from support.web_switch import WebSwitch


@pytest.fixture
def switch() -> Iterator[WebSwitch]:
    made = WebSwitch()
    with made.server:
        yield made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tokens.json"
    TokenFile(path).write([Token(name="a", sha256=digest("x"), scopes=["calls:create"])])
    return path


def examine(switch: WebSwitch, file: Path, **settings: Any) -> list[Finding]:
    given = {"esl_host": ("127.0.0.1",), "esl_port": switch.server.port, "tokens_file": file, **settings}
    return list(findings(Settings(**given)))


def only(found: list[Finding], text: str) -> str:
    (grade,) = [each.grade for each in found if text in each.text]
    return grade


def test_where_all_is_well(switch: WebSwitch, file: Path) -> None:
    found = examine(switch, file, call_from=("1000",), call_to=("1001",), guest_to=("1000",))
    assert [each.grade for each in found] == ["ok", "ok", "note", "ok", "ok"]
    assert only(found, "1 tokens, for their owner's eyes alone") == "ok"
    assert only(found, "its password is ClueCon") == "note"
    assert only(found, "user/1000@pbx.example.org") == "ok"
    assert only(found, "calls may be started there") == "ok"
    assert not any(b"originate {" in line for line in switch.server.wire)


def test_what_is_not_set_is_a_note(switch: WebSwitch, file: Path) -> None:
    notes = [each.text for each in examine(switch, file) if each.grade == "note"]
    assert [text.rpartition("LAMPFIELD_")[2] for text in notes[:3]] == [
        "CALL_FROM is empty", "CALL_TO is empty", "GUEST_TO is empty",
    ]  # fmt: skip


def test_without_a_token_freeswitch_is_not_asked(switch: WebSwitch, tmp_path: Path) -> None:
    assert [each.grade for each in examine(switch, tmp_path / "none.json")] == ["note"]
    assert switch.server.wire == []


def test_a_file_that_others_may_read_fails(switch: WebSwitch, file: Path) -> None:
    file.chmod(0o640)
    assert only(examine(switch, file), "is -rw-r-----: others may read or write it; chmod 600") == "fail"
    file.write_text("{")
    assert [each.grade for each in examine(switch, file)] == ["fail"]


def test_a_user_who_may_not_originate(switch: WebSwitch, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(switch, "_originate", lambda *_: "-ERR permission denied\n")
    assert only(examine(switch, file), "originate says '-ERR permission denied'") == "fail"


def test_a_freeswitch_without_mod_hash(switch: WebSwitch, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = switch._api
    monkeypatch.setattr(switch, "_api", lambda text: "false" if text.startswith("module_exists") else answer(text))
    assert only(examine(switch, file), "mod_hash is not loaded") == "note"
    assert only(examine(switch, file, guest_to=("1000",)), "mod_hash is not loaded") == "fail"


def test_a_domain_that_cannot_be_dialled(switch: WebSwitch, file: Path) -> None:
    switch.domain = "a,b"
    assert only(examine(switch, file), "set LAMPFIELD_DOMAIN") == "fail"
    assert only(examine(switch, file, domain="pbx"), "user/1000@pbx") == "ok"


def test_no_freeswitch_and_a_wrong_password(switch: WebSwitch, file: Path) -> None:
    found = examine(switch, file, esl_password="other")
    assert only(found, "refused the password") == "fail"
    assert "set LAMPFIELD_ESL_PASSWORD" in found[-1].text
    switch.server.kill()
    assert "is FreeSWITCH running" in examine(switch, file)[-1].text
    switch.server.start()
