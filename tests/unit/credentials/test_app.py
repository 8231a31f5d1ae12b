"""Each command and what it leaves behind; no broker runs. With one: tests/integration/test_credentials.py."""

import json
from pathlib import Path

import pytest

from credentials import authority
from credentials.app import load_kinds
from support.locked import Locked


@pytest.fixture
def locked(tmp_path: Path) -> Locked:
    locked = Locked(tmp_path)
    locked.app().ensure()
    return locked


def files(locked: Locked) -> dict[str, bytes]:
    folders = (locked.places.own, locked.places.broker, locked.places.services)
    return {str(path): path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}


def roles(locked: Locked) -> set[str]:
    table = json.loads((locked.places.broker / "dynamic-security.json").read_bytes())
    assert {role["rolename"] for role in table["roles"]} == {client["username"] for client in table["clients"]}
    return {role["rolename"] for role in table["roles"]}


def test_the_first_start_makes_everything_and_the_next_changes_nothing(locked: Locked) -> None:
    services = {"switch-main", "displays", "home-assistant-main", "control-main", "sip-main"}
    assert roles(locked) == {"keeper", "viewer", "operator", "wall", "phone"} | services
    before = files(locked)
    locked.app().ensure()
    assert files(locked) == before


def test_every_file_is_its_owners_alone_and_each_service_gets_its_own_password(locked: Locked) -> None:
    assert {Path(path).stat().st_mode & 0o777 for path in files(locked)} == {0o600}
    for service, user in (("esl-publisher", "switch-main"), ("led-renderer", "displays")):
        found = [path.name for path in (locked.places.services / service).iterdir()]
        assert found == ["mqtt_password"]
        text = (locked.places.services / service / "mqtt_password").read_text(encoding="ascii")
        assert text == f"{locked.password(user)}\n"


def test_no_password_is_said_but_by_those_who_are_asked(locked: Locked) -> None:
    names = ["keeper", "viewer", "operator", "wall", "switch-main", "displays", "home-assistant-main"]
    names += ["control-main", "sip-main", "phone"]
    locked.app().rotate()
    assert not any(locked.password(name) in line for name in names for line in locked.said)
    del locked.said[:]
    locked.app().show()
    assert [line for line in locked.said if line.startswith("viewer ") and line.endswith("reads everything")]
    assert [line for line in locked.said if "writes display/+/{availability,info," in line]
    assert [line.split()[:2] for line in locked.said] == [[name, locked.password(name)] for name in sorted(names)]
    del locked.said[:]
    locked.app().password("viewer")
    assert locked.said == [locked.password("viewer")]


def test_a_program_in_the_brokers_container_is_told_who_it_is(locked: Locked) -> None:
    clients = locked.places.broker / "clients"
    assert (clients / "mosquitto_pub").read_text(encoding="ascii").splitlines() == [
        "-u operator",
        f"-P {locked.password('operator')}",
        "-V 5",
        "-q 1",
    ]
    assert "-u viewer" in (clients / "mosquitto_sub").read_text(encoding="ascii")


def test_a_display_that_was_added_is_told_its_settings(locked: Locked) -> None:
    locked.app().add("display", "Küche 2/b", numbers=False)
    lines = locked.said[-1].splitlines()
    assert "LAMPFIELD_DISPLAY=Küche 2/b" in lines
    assert f"LAMPFIELD_MQTT_PASSWORD={locked.password('display-Küche 2/b')}" in lines
    table = json.loads((locked.places.broker / "dynamic-security.json").read_bytes())
    (role,) = [role for role in table["roles"] if role["rolename"] == "display-Küche 2/b"]
    topics = {line["topic"] for line in role["acls"]}
    assert "lampfield/v1/display/Küche 2%2Fb/frame" in topics
    assert "lampfield/v1/switch/+/call/+" not in topics


def test_what_was_added_survives_a_start_and_what_was_removed_stays_away(locked: Locked) -> None:
    locked.app().add("display", "lobby")
    locked.app().add("display", "hall")
    locked.app().remove("display", "hall")
    locked.app().ensure()
    assert {"display-lobby"} == {name for name in roles(locked) if name.startswith("display-")}


def test_rotating_leaves_those_alone_to_whom_somebody_would_have_to_go(locked: Locked) -> None:
    locked.app().add("display", "lobby")
    before = {name: locked.password(name) for name in ("display-lobby", "displays", "keeper", "viewer")}
    locked.app().rotate()
    changed = {name for name in before if locked.password(name) != before[name]}
    assert changed == {"displays", "keeper", "viewer"}
    assert "display-lobby" in locked.said[-1]
    locked.app().rotate("display-lobby")
    assert locked.password("display-lobby") in locked.said[-1]


def test_a_switch_of_another_name_gets_a_user_of_its_own(tmp_path: Path) -> None:
    locked = Locked(tmp_path, settings={"LAMPFIELD_SWITCH": "berlin"})
    locked.app().ensure()
    handed = (locked.places.services / "esl-publisher" / "mqtt_password").read_text(encoding="ascii")
    assert handed == f"{locked.password('switch-berlin')}\n"


def test_for_a_broker_elsewhere_the_services_get_the_password_that_was_given(locked: Locked) -> None:
    locked.app(given="theirs").ensure()
    handed = {path.read_text(encoding="ascii") for path in locked.places.services.glob("*/mqtt_password")}
    assert handed == {"theirs\n"}
    assert locked.password("displays") != "theirs"


def test_another_root_is_in_every_right(locked: Locked) -> None:
    locked.app(root="office").ensure()
    table = json.loads((locked.places.broker / "dynamic-security.json").read_bytes())
    topics = {line["topic"] for role in table["roles"] for line in role["acls"]}
    assert {topic.split("/")[0] for topic in topics} == {"office", "$CONTROL", "$SYS", "homeassistant"}


def test_a_users_file_of_the_broker_that_was_cut_off_is_written_anew(locked: Locked) -> None:
    path = locked.places.broker / "dynamic-security.json"
    path.write_bytes(path.read_bytes()[:100])
    locked.app().ensure()
    assert roles(locked) >= {"keeper", "switch-main"}


def test_certificates_are_made_once_and_for_the_names_that_were_asked_for(locked: Locked) -> None:
    path = locked.places.broker / "server.pem"
    assert authority.names_of(path.read_bytes()) == {"mosquitto", "localhost", "127.0.0.1", "::1"}
    locked.app().certs(["pbx.example", "192.0.2.7", ""])
    assert authority.names_of(path.read_bytes()) >= {"mosquitto", "pbx.example", "192.0.2.7"}
    before = path.read_bytes()
    locked.app().ensure()
    assert path.read_bytes() == before


def test_a_certificate_that_ends_soon_is_renewed_with_its_names_but_nobodys_own(locked: Locked) -> None:
    ca = authority.Pair(*((locked.places.own / name).read_bytes() for name in ("ca.key", "ca.pem")))
    soon = authority.issue(ca, ["pbx.example"], days=30)
    for name, content in zip(("server.key", "server.pem"), soon, strict=True):
        (locked.places.broker / name).write_bytes(content)
    locked.app().ensure()
    renewed = (locked.places.broker / "server.pem").read_bytes()
    assert renewed != soon.certificate
    assert "pbx.example" in authority.names_of(renewed)

    locked.app().own_certs(soon.certificate, soon.key)
    locked.app().ensure()
    assert (locked.places.broker / "server.pem").read_bytes() == soon.certificate


def test_a_certificate_of_ones_own_must_be_its_keys(locked: Locked) -> None:
    one, other = (authority.issue(authority.make_authority(), ["pbx"]) for _ in range(2))
    before = files(locked)
    with pytest.raises(ValueError, match="do not belong together"):
        locked.app().own_certs(one.certificate, other.key)
    assert files(locked) == before


def test_the_authority_can_be_handed_out(locked: Locked) -> None:
    locked.app().ca()
    assert locked.said[-1].startswith("-----BEGIN CERTIFICATE-----")
    assert "PRIVATE" not in locked.said[-1]


@pytest.mark.parametrize("command", ["show", "password"])
def test_before_the_first_start_there_is_nothing_to_show(tmp_path: Path, command: str) -> None:
    app = Locked(tmp_path).app()
    with pytest.raises(ValueError, match=r"no users yet|there are: none"):
        app.show() if command == "show" else app.password("viewer")


def test_a_bad_paragraph_is_told_by_its_file(tmp_path: Path) -> None:
    (tmp_path / "sip-monitor.toml").write_text('[sip]\nwriter = "nobody"\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"^sip-monitor.toml: sip: writer:"):
        load_kinds(tmp_path)
