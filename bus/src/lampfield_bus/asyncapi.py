"""The table of channels as an AsyncAPI 3.0 document.

The document describes Lampfield as one application: what its services write is `send`, what others write and a display
obeys is `receive`. Whoever builds a client takes the other side of each. Pure: a dictionary in, nothing out.
"""

from typing import Any

import msgspec

from lampfield_bus import messages as m
from lampfield_bus.channels import CHANNELS, Channel, Plain
from lampfield_bus.examples import EXAMPLES

__all__ = ["document", "schemas"]

SCHEMAS = "#/components/schemas/"

_PARAMETERS = {
    "switch": "the FreeSWITCH's name in the topics: LAMPFIELD_SWITCH",
    "display": "the display's id: LAMPFIELD_DISPLAY",
    "node": "a service's own name: LAMPFIELD_NODE",
    "group": "a group of displays; every display is in `all` and in its wall's group",
    "page": "the page's name",
    "id": "a call's id",
    "call_id": "a SIP Call-ID",
    "extension": "`1000` in the switch's own domain, `1000@other.example` in another",
    "gateway": "a gateway, as FreeSWITCH's configuration names it",
    "conference": "a conference, as FreeSWITCH names it: `3000-pbx.example`",
    "lot": "a valet parking lot or a fifo",
    "event": "a FreeSWITCH Event-Name",
    "queue": "as mod_callcenter spells it: `support@default`",
    "agent": "`1001` in the switch's own domain, `1001@default` in another",
    "subclass": "a CUSTOM event's Event-Subclass",
}


def document(version: str, root: str = "lampfield/v1") -> dict[str, Any]:
    """The whole document; `version` is the contract's."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Lampfield",
            "version": version,
            "description": _DESCRIPTION.format(root=root),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {"broker": _server("mqtt", "1883"), "broker-tls": _server("mqtts", "8883")},
        "channels": {channel.name: _channel(channel, root) for channel in CHANNELS},
        "operations": {f"{_action(channel)}_{channel.name}": _operation(channel) for channel in CHANNELS},
        "components": {"messages": _messages(), "schemas": schemas()},
    }


def schemas() -> dict[str, Any]:
    """The JSON schema of every payload model, by the model's name."""
    models = {channel.payload for channel in CHANNELS if not isinstance(channel.payload, Plain)}
    ordered = sorted(models, key=lambda model: model.__name__)
    _, components = msgspec.json.schema_components(ordered, ref_template=SCHEMAS + "{name}")
    return dict(sorted(components.items()))


_DESCRIPTION = """What is said on the bus, MQTT 5, below the root `{root}` (LAMPFIELD_TOPIC_ROOT).

A name is one topic level: `/ + # $ %` and controls are percent-encoded (`%2F`). Retained topics hold state: an empty
payload deletes, and after a reconnect everything is published again. Commands and events are never retained. Readers
ignore unknown fields of state; unknown fields of commands are refused by name."""


def _server(protocol: str, port: str) -> dict[str, Any]:
    return {
        "host": "{host}:{port}",
        "protocol": protocol,
        "protocolVersion": "5.0",
        "variables": {
            "host": {"default": "localhost", "description": "LAMPFIELD_MQTT_HOST"},
            "port": {"default": port, "description": "LAMPFIELD_MQTT_PORT"},
        },
    }


def _action(channel: Channel) -> str:
    return "receive" if channel.writer == "operator" else "send"


def _channel(channel: Channel, root: str) -> dict[str, Any]:
    return {
        "address": f"{root}/{channel.address}",
        "description": channel.summary,
        "parameters": {name: {"description": _PARAMETERS[name]} for name in channel.parameters},
        "messages": {form: {"$ref": f"#/components/messages/{name}"} for form, name in _forms(channel)},
    }


def _operation(channel: Channel) -> dict[str, Any]:
    reference = f"#/channels/{channel.name}"
    return {
        "action": _action(channel),
        "channel": {"$ref": reference},
        "summary": channel.summary,
        "messages": [{"$ref": f"{reference}/messages/{form}"} for form, _ in _forms(channel)],
        "bindings": {"mqtt": {"qos": channel.qos, "retain": channel.retained, "bindingVersion": "0.2.0"}},
    }


def _forms(channel: Channel) -> list[tuple[str, str]]:
    """The forms of a channel's payload and the message that describes each."""
    if isinstance(channel.payload, Plain):
        return [("plain", f"{channel.name}_plain")]
    forms = [("json", _json_name(channel, channel.payload))]
    if channel.plain_form is not None:
        forms.append(("plain", f"{channel.name}_plain"))
    return forms


def _messages() -> dict[str, Any]:
    messages: dict[str, Any] = {}
    for channel in CHANNELS:
        plain = channel.payload if isinstance(channel.payload, Plain) else channel.plain_form
        if plain is not None:
            messages[f"{channel.name}_plain"] = _plain(plain)
        if not isinstance(channel.payload, Plain):
            messages[_json_name(channel, channel.payload)] = _json(channel, channel.payload)
    return dict(sorted(messages.items()))


def _json_name(channel: Channel, model: type[m.State] | type[m.Command]) -> str:
    return f"{model.__name__}List" if channel.many else model.__name__


def _plain(plain: Plain) -> dict[str, Any]:
    payload: dict[str, Any] = {"type": "string", "description": plain.allowed}
    if plain.values:
        payload["enum"] = list(plain.values)
    return {"contentType": "text/plain", "payload": payload}


def _json(channel: Channel, model: type[m.State] | type[m.Command]) -> dict[str, Any]:
    one = {"$ref": f"{SCHEMAS}{model.__name__}"}
    example = msgspec.to_builtins(EXAMPLES[model])
    return {
        "name": _json_name(channel, model),
        "contentType": "application/json",
        "summary": channel.summary if channel.many else (model.__doc__ or "").strip(),
        "payload": {"type": "array", "items": one} if channel.many else one,
        "examples": [{"payload": [example] if channel.many else example}],
    }
