"""docker-compose.yml hands every setting on, by the service's own name for it, empty where nobody set it."""

import re
from pathlib import Path

import pytest

from call_control.settings import Settings as CallControlSettings
from esl_publisher.settings import Settings as PublisherSettings
from home_assistant.settings import Settings as HomeAssistantSettings
from lampfield_bus.node.settings import NodeSettings, variable
from led_renderer.settings import Settings as RendererSettings
from sip_monitor.settings import Settings as SipMonitorSettings

COMPOSE = Path(__file__).parents[2] / "docker-compose.yml"
NOT_HANDED_ON = {
    "LAMPFIELD_HEARTBEAT_FILE",  # in the container's own /tmp, where `check` looks for it
    "LAMPFIELD_MQTT_PASSWORD",  # goes to `credentials` alone, which writes it into each service's own file
    "LAMPFIELD_MQTT_CA_FILE",  # files of the host would have to be mounted first
    "LAMPFIELD_MQTT_CERT_FILE",
    "LAMPFIELD_MQTT_KEY_FILE",
}


def block(name: str) -> dict[str, str]:
    """The variables of a top-level block `x-node` or of a service → what they are set to."""
    text = COMPOSE.read_text(encoding="utf-8")
    indent = "" if name.startswith("x-") else "  "
    found = re.search(rf"^{indent}{name}:.*\n((?:{indent} +.*\n|\s*\n)*)", text, re.MULTILINE)
    assert found, name
    return dict(re.findall(r"^ +((?:LAMPFIELD_[A-Z_]+)|TZ): (\S+)(?: +#.*)?$", found[1], re.MULTILINE))


@pytest.mark.parametrize(
    ("service", "settings"),
    [
        ("esl-publisher", PublisherSettings),
        ("led-renderer", RendererSettings),
        ("home-assistant", HomeAssistantSettings),
        ("call-control", CallControlSettings),
        ("sip-monitor", SipMonitorSettings),
    ],
)
def test_a_service_is_handed_every_setting_and_no_other(service: str, settings: type[NodeSettings]) -> None:
    known = {variable(settings, field) for field in settings.model_fields}
    assert {*block("x-node"), *block(service)} == known - NOT_HANDED_ON


def test_a_file_of_pages_is_seen_by_its_folder_and_the_example_is_there() -> None:
    """A mounted file would stay the old inode when an editor renames a new one into its place: it never reloads."""
    text = COMPOSE.read_text(encoding="utf-8")
    assert "- ${LAMPFIELD_PAGES_DIR:-./pages}:/pages:ro\n" in text
    assert (COMPOSE.parent / "pages" / "example.yaml").is_file()


@pytest.mark.parametrize(
    "name",
    ["x-node", "esl-publisher", "led-renderer", "home-assistant", "call-control", "sip-monitor", "demo-switch"],
)
def test_a_setting_that_nobody_set_is_empty_or_compose_s_own(name: str) -> None:
    # A container's own loopback address is seen by nobody; its network is closed to everybody else.
    own = {
        "LAMPFIELD_METRICS_HOST": "0.0.0.0",
        "LAMPFIELD_HTTP_HOST": "0.0.0.0",
        "LAMPFIELD_FLOWS_DIR": "/flows",
        "LAMPFIELD_RECORDINGS_DIR": "/recordings",
        "LAMPFIELD_MQTT_HOST": "mosquitto",
        "LAMPFIELD_HEP_HOST": "0.0.0.0",
        "LAMPFIELD_ESL_HOST": "demo-switch,host.docker.internal",
        "LAMPFIELD_TOKENS_FILE": "/tokens/tokens.json",
    }
    users = {
        "esl-publisher": "switch-${LAMPFIELD_SWITCH:-main}",
        "led-renderer": "displays",
        "home-assistant": "home-assistant-${LAMPFIELD_NODE:-main}",
        "call-control": "control-${LAMPFIELD_NODE:-main}",
        "sip-monitor": "sip-${LAMPFIELD_NODE:-main}",
    }
    own["LAMPFIELD_MQTT_USERNAME"] = users.get(name, "")
    given = block(name)
    assert given.pop("LAMPFIELD_MQTT_PASSWORD_FILE", "/run/lampfield/mqtt_password") == "/run/lampfield/mqtt_password"
    assert given == {variable: f"${{{variable}:-{own.get(variable, '')}}}" for variable in given}
