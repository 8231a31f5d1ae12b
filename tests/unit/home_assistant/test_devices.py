"""Devices: what Home Assistant is told has the shape that its schemas ask for, and holds nobody's number."""

import json
from typing import Any

import pytest

from home_assistant.devices import Devices, Watched
from lampfield_bus.messages import DisplayInfo, SwitchInfo

INFO = DisplayInfo(
    version="1.0", driver="none", width=32, height=8, groups=["all"], wall=None, pages=["calls", "auto", "clock"],
    since="2026-11-22T23:11:53.341Z",
)  # fmt: skip
SWITCH = SwitchInfo(
    instance="i", esl="connected", since="2026-11-22T23:11:53.341Z", hostname="pbx", version="1.10", core_uuid="u",
    domain="example", epoch=1,
)  # fmt: skip
# What each platform of the MQTT integration must have beside its name, and may have: 2025.1.
WATCHED = Watched("ha/alive", "ha/here")
COMMON = {"platform", "name", "unique_id", "icon", "entity_category", "device_class", "availability", "value_template"}
NEEDED = {
    "light": {"command_topic"}, "notify": {"command_topic"}, "text": {"command_topic"}, "button": {"command_topic"},
    "select": {"command_topic", "options"}, "sensor": {"state_topic"}, "binary_sensor": {"state_topic"},
    "event": {"state_topic", "event_types"},
}  # fmt: skip
ALLOWED = {
    "light": {
        "state_topic", "payload_on", "payload_off", "state_value_template", "brightness_command_topic",
        "brightness_state_topic", "brightness_value_template", "brightness_scale",
    },
    "notify": {"command_template"}, "text": {"command_template", "max"}, "button": {"payload_press"},
    "select": {"command_template", "state_topic"}, "binary_sensor": {"payload_on", "payload_off"},
    "sensor": {"state_class", "unit_of_measurement", "expire_after"}, "event": set[str](),
}  # fmt: skip


def display() -> dict[str, Any]:
    return Devices("lampfield/v1", "0.1").display("lob by", INFO, WATCHED)


def switch() -> dict[str, Any]:
    return Devices("lampfield/v1", "0.1").switch("main", SWITCH, ["b", "a/1"], ["support@default"], "ha/n", WATCHED)


def topics(described: dict[str, Any]) -> list[str]:
    """What must be `online` for it."""
    return [one["topic"] for one in described["availability"]]


@pytest.mark.parametrize("payload", [display(), switch()], ids=["display", "switch"])
def test_a_device_is_whole(payload: dict[str, Any]) -> None:
    assert set(payload) == {"device", "origin", "availability", "availability_mode", "components", "qos"}
    assert payload["device"]["identifiers"]
    assert {"name", "sw_version", "support_url"} == set(payload["origin"])
    assert all({"topic", "payload_available", "payload_not_available"} <= set(one) for one in payload["availability"])
    parts = payload["components"]
    assert len({part["unique_id"] for part in parts.values()}) == len(parts)
    for key, part in parts.items():
        assert key.replace("-", "").replace("_", "").isalnum()
        assert NEEDED[part["platform"]] <= set(part)
        assert set(part) <= COMMON | NEEDED[part["platform"]] | ALLOWED[part["platform"]], key
    assert json.loads(json.dumps(payload)) == payload


def test_topics_are_whole_and_encoded() -> None:
    part = display()["components"]["panel"]
    assert part["command_topic"] == "lampfield/v1/display/lob by/cmd/power"
    gateway = switch()["components"]["gateway-a_2f1"]
    assert gateway["state_topic"] == "lampfield/v1/switch/main/gateway/a%2F1"


def test_the_page_that_is_none_stands_once_among_the_options() -> None:
    assert display()["components"]["page"]["options"] == ["auto", "calls", "clock"]


@pytest.mark.parametrize("payload", [display(), switch()], ids=["display", "switch"])
def test_a_payload_that_is_no_json_is_no_error_of_a_template(payload: dict[str, Any]) -> None:
    """As the empty one is, of a topic that is deleted: what has no value there is not asked for fields."""
    parts = [*payload["components"].values(), *payload["availability"]]
    read = [text for part in parts for key, text in part.items() if key.endswith("value_template")]
    assert len(read) > 8
    for template in read:
        asked, _, otherwise = template.partition(" if value_json is defined else ")
        assert asked.startswith("{{ ("), template
        assert otherwise in ("none }}", "'offline' }}", "'' }}"), template


def test_numbers_are_there_only_while_freeswitch_tells_them() -> None:
    about = "lampfield/v1/switch/main"
    assert topics(switch()) == [f"{about}/availability", "ha/alive", "ha/here", f"{about}/info"]
    assert switch()["availability_mode"] == "all"
    parts = switch()["components"]
    assert [key for key, part in parts.items() if "availability" in part] == ["esl", "online"]
    assert topics(parts["esl"]) == topics(switch())[:-1], "it says itself that the link is lost"
    assert (parts["online"]["state_topic"], topics(parts["online"])) == ("ha/alive", ["ha/here"])


def test_a_display_says_how_it_is_only_while_somebody_watches_over_it_and_takes_orders_without() -> None:
    lives = ["lampfield/v1/display/lob by/availability", "ha/alive"]
    assert topics(display()) == [*lives, "ha/here"]
    alone = {key: topics(part) for key, part in display()["components"].items() if "availability" in part}
    assert alone == dict.fromkeys(("notify", "text", "dismiss", "identify"), lives)
    assert not any("state_topic" in display()["components"][key] for key in alone)


def test_every_gateway_and_queue_is_there() -> None:
    keys = set(switch()["components"])
    assert {"gateway-b", "queue-support_40default-waiting", "queue-support_40default-longest"} <= keys


def test_nobody_s_number_is_read() -> None:
    text = json.dumps([display(), switch()])
    assert not any(
        word in text for word in ("caller", "callee", "number", "/recent", "/raw", "/call/{", "extensions }")
    )
    events = switch()["components"]["events"]
    assert events["state_topic"] == "lampfield/v1/switch/main/event/call/+"
