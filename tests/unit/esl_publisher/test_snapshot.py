import pytest

from esl_publisher.snapshot import Snapshot, parse
from support.captures import answer

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
