"""docs/asyncapi.json is what the table says, and valid AsyncAPI 3.0."""

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lampfield_bus.asyncapi import document
from lampfield_bus.channels import CHANNELS

if TYPE_CHECKING:
    from jsonschema import Draft7Validator

SCHEMA = Path(__file__).parent.parent / "data" / "asyncapi" / "3.0.0.json"


def valid_by(schema: dict[str, Any]) -> "Draft7Validator":
    from jsonschema import Draft7Validator  # noqa: PLC0415 (every worker collects this file)

    return Draft7Validator(schema)


@pytest.fixture(scope="module")
def validator() -> "Draft7Validator":
    return valid_by(json.loads(SCHEMA.read_text(encoding="utf-8")))


@pytest.fixture
def made() -> dict[str, Any]:
    return document("1.0.0")


def test_the_document_is_valid(validator: "Draft7Validator", made: dict[str, Any]) -> None:
    assert [f"{list(error.path)}: {error.message[:200]}" for error in validator.iter_errors(made)] == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda made: made.pop("info"),
        lambda made: made["operations"]["send_switch_calls"].update(action="shout"),
        lambda made: made["operations"]["send_switch_calls"]["bindings"]["mqtt"].update(qos=7),
        lambda made: made["channels"]["switch_calls"].update(colour="red"),
    ],
)
def test_the_validation_notices_damage(validator: "Draft7Validator", made: dict[str, Any], damage: Any) -> None:
    broken = copy.deepcopy(made)
    damage(broken)
    assert not validator.is_valid(broken)


def test_every_reference_leads_somewhere(made: dict[str, Any]) -> None:
    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            here = [node["$ref"]] if "$ref" in node else []
            return here + [reference for value in node.values() for reference in references(value)]
        return [reference for value in node for reference in references(value)] if isinstance(node, list) else []

    for reference in references(made):
        target: Any = made
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]


def test_every_row_is_in_it_with_its_qos_and_retain(made: dict[str, Any]) -> None:
    for channel in CHANNELS:
        action = "receive" if channel.writer == "operator" else "send"
        operation = made["operations"][f"{action}_{channel.name}"]
        assert operation["bindings"]["mqtt"]["qos"] == channel.qos
        assert operation["bindings"]["mqtt"]["retain"] == channel.retained
        assert made["channels"][channel.name]["address"] == f"lampfield/v1/{channel.address}"
        assert set(made["channels"][channel.name]["parameters"]) == set(channel.parameters)


def test_every_example_fits_its_own_schema(made: dict[str, Any]) -> None:
    for name, message in made["components"]["messages"].items():
        for example in message.get("examples", []):
            schema = {**message["payload"], "components": made["components"]}
            errors = list(valid_by(schema).iter_errors(example["payload"]))
            assert errors == [], name


def test_commands_have_a_json_and_a_plain_form(made: dict[str, Any]) -> None:
    for name, channel in made["channels"].items():
        if "_cmd_" in name:
            assert set(channel["messages"]) == {"json", "plain"}
