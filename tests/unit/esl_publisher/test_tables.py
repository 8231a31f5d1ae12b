import pytest
from hypothesis import given
from hypothesis import strategies as st

from esl_publisher import tables
from esl_publisher.tables import GatewayRow, MemberRow, ParkedRow, UserRow
from support.captures import answer
from support.esl_server import USER_COLUMNS

READERS = (tables.gateways, tables.conferences, tables.lots, tables.fifos, tables.users)


def test_a_gateway_s_state_and_ping_are_read() -> None:
    (up,) = tables.gateways(answer("gw_up.sofia_xmlstatus_gateway"))
    (down,) = tables.gateways(answer("gw_down.sofia_xmlstatus_gateway"))

    assert up == GatewayRow(name="gw-ping", state="NOREG", reachable=True, up_ms=11_970, ping_ms=1.0)
    assert down == GatewayRow(name="gw-ping", state="NOREG", reachable=False)


def test_several_gateways_are_told_apart() -> None:
    rows = tables.gateways(answer("gwreg.sofia_xmlstatus_gateway"))

    assert [(row.name, row.state, row.reachable) for row in rows] == [
        ("gw-reg", "REGED", True),
        ("gw-ping", "NOREG", False),
    ]


@pytest.mark.parametrize(("status", "reachable"), [("UP (ping)", True), ("DOWN (ping)", False), ("", False)])
def test_a_ping_under_way_changes_nothing(status: str, reachable: bool) -> None:
    text = answer("gw_up.sofia_xmlstatus_gateway").replace("<status>UP<", f"<status>{status}<")

    assert tables.gateways(text)[0].reachable is reachable


def test_a_name_that_is_no_ascii_survives_the_declared_encoding() -> None:
    text = answer("gw_up.sofia_xmlstatus_gateway").replace("<name>gw-ping<", "<name>Köln<")

    assert tables.gateways(text)[0].name == "Köln"


def test_numbers_that_are_none_are_nothing() -> None:
    text = answer("gw_up.sofia_xmlstatus_gateway")
    for tag in ("uptime-usec>11970404", "pingtime>0.99"):
        text = text.replace(tag, tag.partition(">")[0] + ">nan")

    (row,) = tables.gateways(text)

    assert (row.up_ms, row.ping_ms) == (0, None)


def test_a_conference_s_members_are_its_legs() -> None:
    (room,) = tables.conferences(answer("conference.conference_json_list"))

    assert (room.name, room.run_seconds, room.locked, room.recording) == ("3000-127.0.0.1", 4, False, False)
    assert room.instance == "fc62678f-2ab7-4f1d-a69a-e55c8498a1ed"
    assert room.members == (
        MemberRow("67282869-a9d0-49ec-b256-5e2d3baa82c7", True),
        MemberRow("08a9b31d-bfaa-4ccb-9d4f-af1ae082fa47", True),
    )


def test_a_recording_is_no_member() -> None:
    text = '[{"conference_name":"3000","members":[{"type":"recording_node","id":3},{"uuid":"a","flags":{}}]}]'

    assert tables.conferences(text)[0].members == (MemberRow("a", False),)


def test_where_nothing_is_there_are_no_rows() -> None:
    assert tables.conferences(answer("idle.conference_json_list")) == ()
    assert tables.lots(answer("idle.valet_info")) == ()
    assert tables.fifos(answer("idle.fifo_list")) == ()
    assert tables.users(f"{USER_COLUMNS}\n\n+OK\n") == ()


def test_lots_are_read_with_whoever_is_parked() -> None:
    text = '<lots>\n  <lot name="a b">\n    <extension uuid="u1">6001</extension>\n  </lot>\n  <lot name=""/></lots>\n'

    assert tables.lots(text) == (ParkedRow("a b", "u1"),)


def test_a_fifo_s_callers_wait_until_they_talk() -> None:
    text = (
        '<fifo_report><fifo name="f@x"><callers><caller uuid="u1" status="WAITING" timestamp="2026-11-22 23:11:33"/>'
        '<caller uuid="u2" status="TALKING"/><caller/></callers><consumers><consumer uuid="u3"/></consumers></fifo>'
        "</fifo_report>"
    )

    assert tables.fifos(text) == (ParkedRow("f@x", "u1"),)


def test_a_user_in_several_groups_is_one_user() -> None:
    text = f"""{USER_COLUMNS}
1000|default|10.0.0.5|default|error/user_not_registered|techsupport|Extension 1000|1000
1001|default|10.0.0.5|default|sofia/internal/sip:1001@192.0.2.20:5060|techsupport|Anna|1001
1001|default|10.0.0.5|sales|sofia/internal/sip:1001@192.0.2.20:5060|techsupport|Anna|1001
1001|default|other.example|default|a|b||||

+OK
"""

    assert tables.users(text) == (
        UserRow("1000", "10.0.0.5", "Extension 1000"),
        UserRow("1001", "10.0.0.5", "Anna"),
        UserRow("1001", "other.example", ""),
    )


def test_a_directory_is_bounded() -> None:
    lines = [f"{number}|default|x|default|c|g|n|{number}" for number in range(tables.MAX_USERS + 1)]

    assert len(tables.users("\n".join([USER_COLUMNS, *lines, "", "+OK"]))) == tables.MAX_USERS


@pytest.mark.parametrize("reader", READERS)
def test_a_module_that_is_not_loaded_has_no_rows(reader: object) -> None:
    assert tables.read("x", "-ERR valet_info Command not found!\n", reader) == ()  # type: ignore[arg-type]  # of any kind


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("text", ["", "-ERR no reply", "<a", '{"rows":1}', "[1]", "[" * 100_000])
def test_what_is_no_table_is_named(reader: object, text: str) -> None:
    with pytest.raises(ValueError, match="valet: cannot be read"):
        tables.read("valet", text, reader)  # type: ignore[arg-type]  # of any kind


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a [<!ENTITY b "c">]><gateways><gateway><name>&b;</name></gateway></gateways>',
        "<gateways><![CDATA[x]]></gateways>",
    ],
)
def test_xml_that_declares_anything_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="declares"):
        tables.gateways(text)


def test_an_endless_answer_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than"):
        tables.read("users", " " * (tables.MAX_CHARACTERS + 1), tables.users)


@given(st.text(max_size=60), st.sampled_from(READERS))
def test_any_text_is_rows_or_a_value_error(text: str, reader: object) -> None:
    try:
        assert isinstance(tables.read("x", text, reader), tuple)  # type: ignore[arg-type]  # of any kind
    except ValueError as error:
        assert str(error).startswith("x: cannot be read")  # noqa: PT017 (either way is right)


def test_a_users_name_is_no_end_of_a_line() -> None:
    header = USER_COLUMNS
    (user,) = tables.users(f"{header}\n1000|default|pbx|default|error|sales|Ann\u2028Lee|1000\n\n+OK\n")

    assert (user.user, user.name) == ("1000", "Ann\u2028Lee")
