import json

from demo_switch.database import Database, as_json
from support.demo_switch import BEGIN, Diary

LAG = 300_000


def _columns(text: str) -> list[str]:
    return text.split()


# The columns of the captured answers of FreeSWITCH 1.11.1.
CHANNELS = _columns("""
uuid direction created created_epoch name state cid_name cid_num ip_addr dest application application_data
dialplan context read_codec read_rate read_bit_rate write_codec write_rate write_bit_rate secure hostname
presence_id presence_data accountcode callstate callee_name callee_num callee_direction call_uuid
sent_callee_name sent_callee_num initial_cid_name initial_cid_num initial_ip_addr initial_dest
initial_dialplan initial_context
""")
CALLS = _columns("""
uuid direction created created_epoch name state cid_name cid_num ip_addr dest presence_id presence_data
accountcode callstate callee_name callee_num callee_direction call_uuid hostname sent_callee_name
sent_callee_num b_uuid b_direction b_created b_created_epoch b_name b_state b_cid_name b_cid_num b_ip_addr
b_dest b_presence_id b_presence_data b_accountcode b_callstate b_callee_name b_callee_num b_callee_direction
b_sent_callee_name b_sent_callee_num call_created_epoch
""")


def test_a_write_is_seen_after_the_lag_and_not_before() -> None:
    database = Database(LAG)
    database.write(0, "channels", "a", {"uuid": "a"})
    assert database.rows(LAG - 1, "channels") == []
    assert database.rows(LAG, "channels") == [{"uuid": "a"}]
    database.write(LAG, "channels", "a", None)
    assert database.rows(2 * LAG - 1, "channels") == [{"uuid": "a"}]
    assert database.rows(2 * LAG, "channels") == []


def test_no_rows_have_another_form_than_some() -> None:
    assert as_json([]) == '{"row_count": 0}\n'
    assert as_json([{"uuid": "a"}]) == '{"row_count":1,"rows":[{"uuid":"a"}]}'


def test_a_bridged_pair_is_one_row_of_calls_and_two_of_channels() -> None:
    diary = Diary(asleep=True)
    pbx = diary.pbx
    caller, callee = diary.day.office.phones[:2]
    call = pbx.begin("internal", caller, callee, "1001")
    pbx.play(call, "bridged", "ring", "ringing")
    later = BEGIN + LAG
    assert [row["callstate"] for row in pbx.database.rows(later, "channels")] == ["RINGING", "RINGING"]
    ringing = pbx.database.calls(later)
    assert [(row["uuid"], row["b_uuid"]) for row in ringing] == [(call.values["a"], ""), (call.values["b"], "")]
    pbx.play(call, "bridged", "answer", "active")
    (row,) = pbx.database.calls(later)
    assert list(row) == CALLS
    assert (row["uuid"], row["b_uuid"], row["callstate"]) == (call.values["a"], call.values["b"], "ACTIVE")
    assert row["call_created_epoch"] == str(BEGIN // 1_000_000)
    first, second = pbx.database.rows(later, "channels")
    assert list(first) == CHANNELS
    assert (first["application"], first["application_data"]) == ("bridge", "user/1001@127.0.0.1")
    assert (first["cid_num"], first["dest"], first["direction"]) == ("1000", "1001", "inbound")
    assert (second["cid_num"], second["dest"], second["call_uuid"]) == ("1000", "1001", call.values["a"])
    pbx.play(call, "bridged", "end")
    assert pbx.database.rows(later, "channels") == []
    assert pbx.database.calls(later) == []


def test_rows_are_json_that_keeps_names_as_they_are() -> None:
    assert json.loads(as_json([{"cid_name": "Émile"}])) == {"row_count": 1, "rows": [{"cid_name": "Émile"}]}
    assert "Émile" in as_json([{"cid_name": "Émile"}])
