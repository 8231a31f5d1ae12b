import json
import re
from collections import defaultdict
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from demo_switch import templates
from demo_switch.templates import Event, Made
from demo_switch.values import Values
from support.demo_switch import Diary

DATA = Path(__file__).parents[2] / "data" / "demo" / "header_sets.json"
# No call from outside was captured, nor an answered one to outside: which gateway it is, these variables tell.
NOT_CAPTURED = {"": set[str](), "caller": {"variable_sip_gateway"}, "callee": {"variable_sip_gateway_name"}}


def _outside(headers: dict[str, str]) -> str:
    """`caller` or `callee` on a leg through the gateway."""
    if not headers.get("Channel-Name", "").startswith("sofia/external/"):
        return ""
    return "caller" if headers["Call-Direction"] == "inbound" else "callee"


def _of_a_user(header: str, party: str) -> bool:
    """Headers of a phone of this switch, which such a leg has not (plays/outside.json)."""
    return any(fnmatch(header, pattern) for pattern in templates.edits()[party].drop)


def _type(event: dict[str, Any]) -> str:
    action = next((event[name] for name in ("CC-Action", "Action", "VM-Action") if name in event), "")
    return " ".join(part for part in (event["Event-Name"], event.get("Event-Subclass", ""), action) if part)


@pytest.fixture(scope="module")
def day() -> list[Event]:
    return Diary(seed=5, rate=30).live(600).events


def test_every_event_has_the_headers_that_the_captures_show(day: list[Event]) -> None:
    data = json.loads(DATA.read_text())
    names = data["names"]
    made: dict[tuple[str, str], set[frozenset[str]]] = defaultdict(set)
    for event in day:
        headers = json.loads(event.frame("json").split(b"\n\n", 1)[1])
        made[_type(headers), _outside(headers)].add(frozenset(headers))
    assert {kind for kind, _ in made} <= set(data["types"]), "an event that no capture shows"
    for (kind, outside), sets in made.items():
        always = {names[index] for index in data["types"][kind]["always"]}
        if outside:
            always = {header for header in always if not _of_a_user(header, outside)}
        ever = always | {names[index] for index in data["types"][kind]["sometimes"]} | NOT_CAPTURED[outside]
        for headers in sets:
            assert always <= headers, f"{kind} lacks {sorted(always - headers)}"
            assert headers <= ever, f"{kind} has {sorted(headers - ever)}"


def test_a_day_has_every_event_that_tells_of_calls(day: list[Event]) -> None:
    assert {
        *("CHANNEL_CREATE", "CHANNEL_PROGRESS", "CHANNEL_ANSWER", "CHANNEL_BRIDGE", "CHANNEL_HOLD", "CHANNEL_UNHOLD"),
        *("CHANNEL_UNBRIDGE", "CHANNEL_HANGUP", "CHANNEL_HANGUP_COMPLETE", "CHANNEL_DESTROY", "CHANNEL_CALLSTATE"),
        *("CALL_UPDATE", "HEARTBEAT", "MESSAGE_WAITING", "CUSTOM"),
    } <= {event.name for event in day}
    assert {
        *("sofia::register", "sofia::unregister", "sofia::expire", "sofia::register_failure", "sofia::gateway_state"),
        *("callcenter::info", "conference::maintenance", "vm::maintenance"),
    } <= {event.subclass for event in day}


def test_nothing_of_a_template_is_left_in_an_event(day: list[Event]) -> None:
    for event in day:
        assert "«".encode() not in event.frame("json")
        assert "«".encode() not in event.frame("plain")


def test_plain_and_json_tell_the_same(day: list[Event]) -> None:
    for event in day[:400]:
        lines = event.frame("plain").split(b"\n\n", 1)[1].decode().splitlines()
        plain = [line.split(": ", 1)[0] for line in lines if line]
        pairs = json.loads(event.frame("json").split(b"\n\n", 1)[1], object_pairs_hook=list)
        assert plain == [name for name, _ in pairs]


def test_custom_events_tell_their_subclass_first(day: list[Event]) -> None:
    custom = next(event for event in day if event.subclass == "sofia::register")
    assert (
        custom.frame("json")
        .split(b"\n\n", 1)[1]
        .startswith(b'{"Event-Subclass":"sofia::register","Event-Name":"CUSTOM"')
    )


def test_headers_that_freeswitch_sends_twice_are_sent_twice() -> None:
    complete = next(
        template for template in templates.section("bridged", "end") if template.name == "CHANNEL_HANGUP_COMPLETE"
    )
    assert "Hangup-Cause#2" in complete.headers
    assert "#2" not in complete.json(Diary().pbx.emit(complete, _values()).values).decode()


def _values() -> Values:
    diary = Diary()
    desk, other = diary.day.office.phones[:2]
    return diary.pbx.begin("internal", desk, other, "1001").values


def test_names_are_filled_in_and_escaped_for_each_format() -> None:
    (template,) = templates.section("agent", "status")
    values = Values(
        {"core": "c", "hostname": "h", "callee": "1001", "agent.status": 'On "Break"'}, {"now": 1_795_388_315_512_161}
    )
    values["sequence"] = "1"
    assert json.loads(template.json(values))["CC-Agent-Status"] == 'On "Break"'
    assert b"CC-Agent-Status: On%20%22Break%22\n" in template.plain(values)


def test_a_leg_from_outside_lacks_what_the_directory_tells_of_a_user() -> None:
    inside = templates.section("bridged", "ring")
    outside = templates.section("bridged", "ring", (("a", "caller"),))
    create = next(template for template in outside if template.name == "CHANNEL_CREATE")
    assert "variable_user_name" in next(template for template in inside if template.name == "CHANNEL_CREATE").headers
    assert "variable_user_name" not in create.headers
    assert create.headers["variable_sip_gateway"] == "gw-ping"
    assert not any(template.name == "PRESENCE_IN" and template.leg == "a" for template in outside)
    assert not any(template.subclass == "sofia::register_attempt" for template in outside)


def test_a_leg_to_outside_names_its_gateway() -> None:
    section = templates.section("bridged", "ring", (("b", "callee"),))
    created = [template for template in section if template.name == "CHANNEL_CREATE"]
    assert [template.headers.get("variable_sip_gateway_name") for template in created] == [None, "gw-ping"]


def test_a_made_event_has_headers_and_a_body() -> None:
    event = Made({"Event-Name": "BACKGROUND_JOB", "Job-UUID": "j", "L": ["a", "b"]}, "+OK\n")
    assert event.header("L") == "a|:b"
    assert event.header("nothing") == ""
    assert event.headers()["Job-UUID"] == "j"
    assert event.frame("plain").endswith(b"Content-Length: 4\n\n+OK\n")
    assert json.loads(event.frame("json").split(b"\n\n", 1)[1])["_body"] == "+OK\n"


def test_events_follow_the_order_of_the_capture() -> None:
    order = [
        (template.name, template.leg)
        for section in ("ring", "answer", "end")
        for template in templates.section("bridged", section)
        if re.match("CHANNEL_(CREATE|ANSWER|BRIDGE|UNBRIDGE|HANGUP|HANGUP_COMPLETE|DESTROY)$", template.name)
    ]
    assert order == [
        ("CHANNEL_CREATE", "a"),
        ("CHANNEL_CREATE", "b"),
        ("CHANNEL_ANSWER", "b"),
        ("CHANNEL_ANSWER", "a"),
        ("CHANNEL_BRIDGE", "a"),
        ("CHANNEL_HANGUP", "a"),
        ("CHANNEL_HANGUP", "b"),
        ("CHANNEL_UNBRIDGE", "a"),
        ("CHANNEL_HANGUP_COMPLETE", "b"),
        ("CHANNEL_DESTROY", "b"),
        ("CHANNEL_HANGUP_COMPLETE", "a"),
        ("CHANNEL_DESTROY", "a"),
    ]
