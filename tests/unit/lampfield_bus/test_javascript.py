"""lampfield_bus.javascript."""

import json
import re
from typing import Any

from lampfield_bus.asyncapi import SCHEMAS
from lampfield_bus.channels import CHANNELS, VERBS
from lampfield_bus.javascript import module
from lampfield_bus.payloads import LIMITS


def exported() -> dict[str, Any]:
    """What the module exports; its literals are JSON."""
    found = re.findall(r"^export const (\w+) = (.*?);\n", module(), re.MULTILINE | re.DOTALL)
    return {name: json.loads(literal) for name, literal in found}


def test_it_has_every_channel_by_its_address() -> None:
    rows = exported()["CHANNELS"]
    assert {name: row["address"] for name, row in rows.items()} == {row.name: row.address for row in CHANNELS}


def test_every_schema_that_is_named_is_there() -> None:
    told = exported()
    named = {row["schema"] for row in told["CHANNELS"].values() if "schema" in row}
    named |= set(re.findall(rf'"{SCHEMAS}(\w+)"', module()))
    assert named == set(told["SCHEMAS"])


def test_words_for_people_are_left_out_and_fields_of_the_same_name_are_not() -> None:
    schemas = exported()["SCHEMAS"]
    assert "description" not in module()
    assert schemas["Queue"]["properties"]["waiting"] == {"type": "integer", "minimum": 0}


def test_verbs_and_limits_are_the_table_s() -> None:
    told = exported()
    assert told["VERBS"] == list(VERBS)
    assert told["LIMITS"] == dict(LIMITS)
