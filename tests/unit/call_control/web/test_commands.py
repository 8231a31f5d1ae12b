"""Nothing that a web client, a setting or FreeSWITCH says becomes another command, another variable, another leg."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from call_control.web import commands
from call_control.web.allow_list import AllowList, Number
from call_control.web.commands import Command

UUID = "5d3a4b1e-9e0b-4f3c-8a59-2f7c0c1d6f10"
JOB = "0b8e5b1c-1111-4f3c-8a59-2f7c0c1d6f10"
TOKEN = "6f1c0d1b2a3948576f1c0d1b2a394857"
WIRE = (
    "bgapi originate {origination_uuid=" + UUID + ",origination_caller_id_name=Web,origination_caller_id_number=8000,"
    "originate_timeout=30,lampfield_owner=reception}user/1000@pbx.example.org 1001 XML default\n"
    "Job-UUID: " + JOB + "\n\n"
)
# What FreeSWITCH took for more than a number (originate against 1.11.1: two of the first three rang two phones, the
# quotes and the brackets were taken away, the brace ran an API command when the phone was answered).
INJECTIONS = (
    "1000@127.0.0.1,user/1001@127.0.0.1",
    "1000@127.0.0.1|user/1001",
    "1000 ",
    "1000\n",
    "'1000'",
    "[leg_timeout=1]1000",
    "{api_on_answer='status'}1000",
    "1000\n\napi fsctl shutdown",
    "1000 &system(id)",
    "&park",
    "<e1>1000",
    "1000:_:user/1001",
    "${caller}",
    "$1",
    "^^:1000",
    "1000\\n",
    "1000%0a",
    "loopback/1000",
    "",
)


def originate(**changed: object) -> Command:
    given: dict[str, object] = {
        "uuid": UUID, "job": JOB, "owner": "reception", "leg": "user/1000@pbx.example.org", "to": "1001",
        "caller_id": "8000", "ring_seconds": 30, "context": "default",
    }  # fmt: skip
    return commands.originate(**given | changed)  # type: ignore[arg-type]  # as a caller would get it wrong


def test_a_call_is_spelt_as_freeswitch_wants_it() -> None:
    assert originate().wire.decode() == WIRE


@pytest.mark.parametrize("text", INJECTIONS)
@pytest.mark.parametrize("part", ["to", "caller_id", "context", "owner", "uuid", "job"])
def test_no_part_takes_what_was_tried_on_freeswitch(part: str, text: str) -> None:
    with pytest.raises(ValueError, match="not on the list"):
        originate(**{part: text})


@pytest.mark.parametrize("text", INJECTIONS)
def test_no_leg_takes_it(text: str) -> None:
    number = Number(text)
    assert AllowList.parse(["X", "XX", "XXX", "XXXX", "XXXXX"]).find(text) is None
    for leg in (
        commands.dial_string(number, "pbx"),
        commands.dial_string(Number("1000"), text),
        commands.dial_string(Number("1000", text), "pbx"),
        commands.dial_string(Number(text, "carrier"), "pbx"),
    ):
        with pytest.raises(ValueError, match="not on the list"):
            originate(leg=leg)


@given(
    st.fixed_dictionaries({part: st.text() for part in ("to", "caller_id", "context", "owner")}), st.text(), st.text()
)
def test_whatever_is_sent_is_one_originate_of_two_numbers(parts: dict[str, str], number: str, domain: str) -> None:
    try:
        command = originate(**parts, leg=commands.dial_string(Number(number), domain))
    except ValueError:
        return
    found = re.fullmatch(
        r"bgapi originate \{([^{}]*)\}user/([0-9]+)@([A-Za-z0-9.-]+) ([0-9]+) XML ([\w.-]+)"
        r"\nJob-UUID: [0-9a-f-]{36}\n\n",
        command.wire.decode(),
        re.ASCII,
    )
    assert found is not None
    assert [pair.partition("=")[0] for pair in found[1].split(",")] == [
        "origination_uuid",
        "origination_caller_id_name",
        "origination_caller_id_number",
        "originate_timeout",
        "lampfield_owner",
    ]
    assert command.wire.count(b"\n\n") == 1


@given(st.text())
def test_a_text_from_outside_makes_no_other_command(text: str) -> None:
    for make in (
        commands.kill, commands.dump, lambda t: commands.cap(t, 60), lambda t: commands.watch(t)[0],
        lambda t: commands.unwatch(t)[1], lambda t: commands.guest(t, "1000"), lambda t: commands.guest(TOKEN, t),
        lambda t: commands.guest_expiry(t, 60), commands.has_module, commands.may_originate,
    ):  # fmt: skip
        try:
            command = make(text)
        except ValueError:
            continue
        assert not re.search(r"[^\w.@:~+/ -]", command.text.partition("\nJob-UUID: ")[0], re.ASCII)
        assert len(command.text.split(" ")) <= 6


@pytest.mark.parametrize(
    "text",
    [
        "", "api status", "api originate user/1000 &park", "bgapi originate user/1000@pbx 1001 XML default",
        "api fsctl shutdown", "bgapi originate {}user/1000@pbx 1001 XML default\nJob-UUID: " + JOB,
        "api hash insert/web/x/1000",
        "exit", f"api hash insert/db/{TOKEN}/1000", f"api hash select/web/{TOKEN}", f"api hash delete/web/{TOKEN}",
        "event plain ALL", f"api sched_api +60 none hash delete/web/{TOKEN}\n", "api sched_api +60 none system id",
        "filter delete all", f"api uuid_kill {UUID} USER_BUSY", f"api uuid_bridge {UUID} {JOB}", "auth a\nb", "auth ",
        "event json ALL", f"api sched_hangup +0 {UUID} ALLOTTED_TIMEOUT", "api module_exists mod_x y",
        "filter Caller-Context default", f"api uuid_kill {UUID}\n\napi fsctl shutdown",
    ],
)  # fmt: skip
def test_what_is_not_on_the_list_cannot_be_made(text: str) -> None:
    with pytest.raises(ValueError, match="not on the list"):
        Command(text, "test")


def test_the_others_are_spelt_as_freeswitch_wants_them() -> None:
    assert commands.auth("Clue Con").wire == b"auth Clue Con\n\n"
    assert [each.text for each in commands.watch(UUID)] == [
        f"filter Unique-ID {UUID}",
        f"filter Channel-Call-UUID {UUID}",
    ]
    assert commands.unwatch(UUID)[0].text == f"filter delete Unique-ID {UUID}"
    assert commands.kill(UUID).text == f"api uuid_kill {UUID}"
    assert commands.cap(UUID, 3660).text == f"api sched_hangup +3660 {UUID} ALLOTTED_TIMEOUT"
    assert commands.guest(TOKEN, "1000").text == f"api hash insert/web/{TOKEN}/1000"
    assert commands.guest_expiry(TOKEN, 60).text == f"api sched_api +60 none hash delete/web/{TOKEN}"
    assert commands.dump("a84b4c76e66710@192.0.2.7").text == "api uuid_dump a84b4c76e66710@192.0.2.7 json"
    assert commands.START[-1].text.startswith("event json CHANNEL_CREATE ")


def test_the_password_is_in_no_repr() -> None:
    assert "secret" not in repr(commands.auth("secret"))
