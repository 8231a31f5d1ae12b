import pytest

from esl_publisher.snapshot import Snapshot, parse
from esl_publisher.tables import ParkedRow
from support.captures import answer
from support.esl_server import USER_COLUMNS

EMPTY = answer("idle.show_calls_as_json")


def parsed(channels: bytes | str = EMPTY, calls: bytes | str = EMPTY, registrations: bytes | str = EMPTY) -> Snapshot:
    return parse(channels=channels, calls=calls, registrations=registrations, asked_at=1, answered_at=2)


def test_an_idle_switch_has_no_rows() -> None:
    assert parsed() == Snapshot(asked_at=1, answered_at=2)


def test_legs_pairs_and_contacts_are_read() -> None:
    snapshot = parsed(
        answer("bridged.show_channels_as_json"),
        answer("bridged.show_calls_as_json"),
        answer("bridged.show_registrations_as_json"),
    )

    assert [row.callstate for row in snapshot.channels] == ["ACTIVE", "ACTIVE"]
    assert [(pair.uuid[:8], pair.b_uuid[:8]) for pair in snapshot.pairs] == [("05d4571d", "9155cc61")]
    assert [row.reg_user for row in snapshot.registrations] == ["1000", "1001", "1002"]


def test_a_call_with_one_leg_is_no_pair() -> None:
    assert parsed(calls=answer("ringing.show_calls_as_json")).pairs == ()


def test_invalid_utf_8_and_unusable_uuids_do_no_harm() -> None:
    rows = b'{"row_count":2,"rows":[{"uuid":"a","cid_name":"J\xf6rg"},{"uuid":""}]}'

    assert [(row.uuid, row.cid_name) for row in parsed(rows).channels] == [("a", "J\ufffdrg")]


@pytest.mark.parametrize("text", ["", "-ERR no reply", "[]", '{"rows":1}', '{"rows":[{}]}', '{"rows":[{"uuid":1}]}'])
@pytest.mark.parametrize("table", ["channels", "calls", "registrations"])
def test_what_is_no_table_is_named(table: str, text: str) -> None:
    with pytest.raises(ValueError, match=f"show {table}: no table"):
        parsed(**{table: text})


def test_the_other_tables_are_read_by_their_names() -> None:
    snapshot = parse(
        channels=EMPTY,
        calls=EMPTY,
        registrations=EMPTY,
        asked_at=1,
        answered_at=2,
        gateways=answer("gw_up.sofia_xmlstatus_gateway"),
        conferences=answer("conference.conference_json_list"),
        lots='<lots><lot name="park"><extension uuid="u1">6001</extension></lot></lots>',
        fifos="-ERR fifo Command not found!\n",
        users=f"{USER_COLUMNS}\n1000|default|x|default|c|g|Anna|1000\n\n+OK\n",
    )

    assert [row.name for row in snapshot.gateways or ()] == ["gw-ping"]
    assert [row.name for row in snapshot.conferences or ()] == ["3000-127.0.0.1"]
    assert snapshot.parked == (ParkedRow("park", "u1"),)
    assert [row.user for row in snapshot.users or ()] == ["1000"]
    assert snapshot.faults == ()


def test_what_was_not_asked_is_not_told() -> None:
    snapshot = parsed()

    assert (snapshot.gateways, snapshot.conferences, snapshot.parked, snapshot.users) == (None,) * 4


def test_a_bad_table_is_left_out_and_does_no_harm_to_the_rest() -> None:
    snapshot = parse(
        channels=EMPTY, calls=EMPTY, registrations=EMPTY, asked_at=1, answered_at=2,
        gateways="<gateways", conferences="[]", lots="<lots>\n</lots>\n", fifos="?", users="-ERR",
    )  # fmt: skip

    assert (snapshot.gateways, snapshot.conferences, snapshot.parked, snapshot.users) == (None, (), None, None)
    assert [fault.partition(":")[0] for fault in snapshot.faults] == ["gateways", "fifos", "users"]
