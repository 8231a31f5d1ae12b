import json
from xml.etree import ElementTree as ET

import pytest

from demo_switch.answers import Answers
from support.demo_switch import CORE, Diary


@pytest.fixture
def diary() -> Diary:
    return Diary(rate=0)


@pytest.fixture
def answers(diary: Diary) -> Answers:
    return Answers(diary.day)


def test_the_switch_tells_who_it_is(diary: Diary, answers: Answers) -> None:
    diary.live(3_725)
    assert answers.answer("status").startswith("UP 0 years, 0 days, 1 hours, 2 minutes, 5 seconds, ")
    assert "is ready\n" in answers.answer("status")
    assert answers.answer("version") == "FreeSWITCH Version 1.11.1-release~64bit ( 64bit)\n"
    assert answers.answer("global_getvar core_uuid") == CORE
    assert answers.answer("global_getvar domain") == "127.0.0.1"
    assert answers.answer("global_getvar nothing") == ""
    assert answers.answer("hostname") == answers.answer("switchname") == "lampfield-demo"
    assert answers.answer("uptime") == "3725\n"
    assert answers.answer("echo a b  c") == "a b  c"


def test_what_it_does_not_know_is_refused_in_its_words(answers: Answers) -> None:
    assert answers.answer("nosuchcommand") == "-ERR nosuchcommand Command not found!\n"


def test_every_command_is_an_event(diary: Diary, answers: Answers) -> None:
    answers.answer("show channels as json")
    assert diary.events[-1].header("API-Command-Argument") == "channels as json"


def test_tables_are_empty_until_there_is_something_in_them(diary: Diary, answers: Answers) -> None:
    assert answers.answer("show channels as json") == answers.answer("show calls as json") == '{"row_count": 0}\n'
    diary.live(1)
    assert json.loads(answers.answer("show registrations as json"))["row_count"] == 19
    diary.day.begin("no_answer")
    diary.live(1)
    channels = json.loads(answers.answer("show channels as json"))
    assert channels["row_count"] == len(channels["rows"]) == 2
    assert json.loads(answers.answer("show channels count as json"))["row_count"] == 2
    assert answers.answer(f"uuid_exists {channels['rows'][0]['uuid']}") == "true"
    assert answers.answer("uuid_exists nope") == "false"
    assert answers.answer("show status") == answers.answer("status")
    assert answers.answer("show nonsense").startswith("-USAGE")


def test_the_directory_lists_every_phone_also_the_one_that_is_off(answers: Answers) -> None:
    head, *rows, empty, ok = answers.answer("list_users").splitlines()
    assert head.split("|")[0] == "userid"
    assert [row.split("|")[0] for row in rows] == [str(number) for number in range(1000, 1020)]
    assert "error/user_not_registered" in rows[-1]
    assert (empty, ok) == ("", "+OK")


def test_the_gateway_is_told_as_text_and_xml(diary: Diary, answers: Answers) -> None:
    assert "external::gw-ping" in answers.answer("sofia status")
    assert "Status  \tUP\n" in answers.answer("sofia status gateway gw-ping")
    diary.pbx.gateway(up=False)
    gateways = ET.fromstring(answers.answer("sofia xmlstatus gateway"))
    assert [(found.findtext("name"), found.findtext("status")) for found in gateways] == [("gw-ping", "DOWN")]
    assert ET.fromstring(answers.answer("sofia xmlstatus gateway gw-ping")).findtext("state") == "NOREG"
    assert answers.answer("sofia status gateway nosuch") == "Invalid Gateway!\n"
    assert answers.answer("sofia xmlstatus gateway nosuch") == "Invalid Gateway!\n"
    assert answers.answer("sofia loglevel").startswith("-USAGE")


def test_the_queue_is_told_in_tables(diary: Diary, answers: Answers) -> None:
    assert answers.answer("callcenter_config queue list members support@default") == "+OK\n"
    assert answers.answer("callcenter_config queue count members support@default") == "0\n"
    diary.day.begin("queue")
    diary.live(1)
    head, row, ok = answers.answer("callcenter_config queue list members support@default").splitlines()
    member = dict(zip(head.split("|"), row.split("|"), strict=True))
    assert (member["queue"], member["state"], ok) == ("support@default", "Trying", "+OK")
    assert member["session_uuid"] in diary.pbx.legs
    agents = answers.answer("callcenter_config agent list").splitlines()
    assert agents == answers.answer("callcenter_config queue list agents support@default").splitlines()
    assert dict(zip(agents[0].split("|"), agents[1].split("|"), strict=True))["state"] == "Receiving"
    assert len(answers.answer("callcenter_config tier list").splitlines()) == 5
    columns, queue, _ = answers.answer("callcenter_config queue list").splitlines()
    assert dict(zip(columns.split("|"), queue.split("|"), strict=True))["strategy"] == "longest-idle-agent"
    assert answers.answer("callcenter_config nonsense").startswith("-USAGE")


def test_the_conference_is_told_as_json(diary: Diary, answers: Answers) -> None:
    assert answers.answer("conference json_list") == "[]"
    diary.day.begin("conference")
    diary.live(15)
    (room,) = json.loads(answers.answer("conference json_list"))
    assert room["conference_name"] == "3000-127.0.0.1"
    assert room["member_count"] == len(room["members"]) >= 2
    assert answers.answer("conference list").startswith("-USAGE")


def test_mailboxes_and_parking(diary: Diary, answers: Answers) -> None:
    diary.pbx.mailbox(diary.day.office.phones[1], 2, 1)
    assert answers.answer("vm_boxcount 1001@127.0.0.1|all") == "2:1:0:0"
    assert answers.answer("vm_boxcount 1001@127.0.0.1") == "2"
    assert answers.answer("vm_boxcount 1002@127.0.0.1|all") == "0:0:0:0"
    assert answers.answer("valet_info") == "<lots>\n</lots>\n"


def test_the_day_can_be_told_what_to_do(diary: Diary, answers: Answers) -> None:
    assert answers.answer("demo call internal") == "+OK\n"
    diary.live(0.1)
    assert json.loads(answers.answer("demo truth"))["calls"]["ringing"] == 1
    assert answers.answer("demo call picnic").startswith("-ERR no such kind of call: picnic")
    assert answers.answer("demo gateway down") == "+OK\n"
    assert not diary.pbx.gateway_up
    assert answers.answer("demo rate 12.5") == "+OK\n"
    assert diary.day.rate == 12.5
    for nonsense in ("demo", "demo rate much", "demo gateway sideways"):
        assert answers.answer(nonsense).startswith("-USAGE")
