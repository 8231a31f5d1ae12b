"""lampfield_bus.asyncapi; that the document is valid is tested in tests/contract."""

from lampfield_bus.asyncapi import document, schemas


def test_the_root_stands_before_every_address() -> None:
    addresses = [channel["address"] for channel in document("1", root="a/b")["channels"].values()]
    assert all(address.startswith("a/b/") for address in addresses)


def test_the_version_is_the_contracts() -> None:
    assert document("2.1")["info"]["version"] == "2.1"


def test_commands_are_received_and_state_is_sent() -> None:
    operations = document("1")["operations"]
    assert operations["receive_display_cmd_text"]["action"] == "receive"
    assert operations["send_switch_calls"]["action"] == "send"


def test_unknown_fields_are_forbidden_in_commands_only() -> None:
    assert schemas()["Notify"]["additionalProperties"] is False
    assert "additionalProperties" not in schemas()["Calls"]


def test_it_is_the_same_every_time() -> None:
    assert list(document("1")["components"]["schemas"]) == sorted(document("1")["components"]["schemas"])
    assert document("1") == document("1")


def test_plain_payloads_list_their_values() -> None:
    payload = document("1")["components"]["messages"]["switch_availability_plain"]["payload"]
    assert payload["enum"] == ["online", "offline"]
