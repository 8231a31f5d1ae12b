"""What a display and a switch are to Home Assistant: the payloads of device discovery (2024.11 and newer). Pure.

Source: Home Assistant's documentation of the MQTT integration, and its schemas, which docs/home-assistant.md says how
to load. Topics here are whole ones. No entity holds a number or a name of anybody who telephones.
"""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from home_assistant.names import Names
from lampfield_bus import channels as c
from lampfield_bus.messages import DisplayInfo, SwitchInfo

__all__ = ["OPTIONS_AUTO", "Devices", "Json", "Watched"]

OPTIONS_AUTO: Final = "auto"  # the page that is none: the rotation
_SUPPORT: Final = "https://www.home-assistant.io/integrations/mqtt"
_STALE_SECONDS: Final = 60  # `health` comes every 15 s; what is older than 45 s tells of something that is lost
_DIAGNOSTIC: Final = {"entity_category": "diagnostic"}

Json = dict[str, Any]


class Watched(NamedTuple):
    """Whole topics, `online` or `offline`: whether a part lives, as this service judges it; whether that is there."""

    alive: str
    watcher: str


class Devices:
    """Makes payloads for one topic root; `version` is this service's."""

    def __init__(self, root: str, version: str) -> None:
        self._root = root
        self._names = Names(root)
        self._origin = {"name": "Lampfield", "sw_version": version, "support_url": _SUPPORT}

    # --- a display ----------------------------------------------------------------------------------------------------

    def display(self, name: str, info: DisplayInfo, watched: Watched) -> Json:
        """A panel: a lamp of 15 levels that shows text.

        What only takes an order says nothing that could be wrong: it does not need anybody to watch.
        """
        state = self._topic(c.DISPLAY_STATE.topic(name))
        here = [self._available(c.DISPLAY_AVAILABILITY.topic(name)), _words(watched.alive)]
        parts = {
            **self._panel(name, state),
            **{key: {**part, "availability": here} for key, part in self._orders(name).items()},
            "page": {
                "platform": "select",
                "name": "Page",
                "icon": "mdi:page-next",
                "command_topic": self._command(name, "page"),
                "command_template": "{{ {'value': value} | tojson }}",
                "state_topic": state,
                "value_template": _said(f"'{OPTIONS_AUTO}' if value_json.page_mode == 'auto' else value_json.page"),
                "options": list(dict.fromkeys([OPTIONS_AUTO, *info.pages])),
            },
            "shown": _sensor("Shown page", state, "page", icon="mdi:page-layout-body", **_DIAGNOSTIC),
            **self._display_health(self._topic(c.DISPLAY_HEALTH.topic(name))),
        }
        model = f"{info.width}x{info.height} pixels, {info.driver}"
        device = {"name": f"Display {name}", "model": model, "sw_version": info.version}
        return self._device("display", name, device, parts, [*here, _words(watched.watcher)])

    def _panel(self, name: str, state: str) -> Json:
        return {
            "panel": {
                "platform": "light",
                "name": None,  # the device itself
                "icon": "mdi:led-strip-variant",
                "command_topic": self._command(name, "power"),
                "payload_on": "on",
                "payload_off": "off",
                "state_topic": state,
                "state_value_template": _said("value_json.power"),
                "brightness_command_topic": self._command(name, "brightness"),
                "brightness_state_topic": state,
                # Home Assistant's levels begin at 1; a panel's 0 is dim, not dark, and would be taken for nothing.
                "brightness_value_template": _said("[value_json.brightness, 1] | max", unsaid="''"),
                "brightness_scale": 15,
            }
        }

    def _orders(self, name: str) -> Json:
        # As JSON, because a text that begins with { would be taken for it.
        said = {"command_template": "{{ {'text': value} | tojson }}"}
        return {
            "notify": {
                "platform": "notify", "name": "Notify", "command_topic": self._command(name, "notify"), **said,
            },
            "text": {
                "platform": "text", "name": "Text", "icon": "mdi:message-text",
                "command_topic": self._command(name, "text"), "max": 255, **said,
            },
            "dismiss": {
                "platform": "button", "name": "Dismiss all", "icon": "mdi:message-off",
                "command_topic": self._command(name, "dismiss"), "payload_press": "*",
            },
            "identify": {
                "platform": "button", "name": "Identify", "device_class": "identify",
                "command_topic": self._command(name, "identify"), "payload_press": "", **_DIAGNOSTIC,
            },
        }  # fmt: skip

    def _display_health(self, health: str) -> Json:
        total = {"state_class": "total_increasing"}
        return {
            "spi_errors": _health("SPI errors", health, "spi_errors", icon="mdi:alert-circle", **total),
            "skipped_frames": _health("Skipped frames", health, "skipped_frames", icon="mdi:filmstrip-off", **total),
            "rejected": _health("Refused commands", health, "rejected", icon="mdi:message-alert", **total),
            "clock_skew": _health("Clock skew", health, "clock_skew", device_class="duration", unit="s"),
            "uptime": _health("Uptime", health, "uptime", device_class="duration", unit="s"),
            "memory": _health("Memory", health, "rss_bytes", device_class="data_size", unit="B"),
        }

    # --- a switch -----------------------------------------------------------------------------------------------------

    def switch(
        self,
        name: str,
        info: SwitchInfo,
        gateways: Iterable[str],
        queues: Iterable[str],
        registered: str,
        watched: Watched,
    ) -> Json:
        """A FreeSWITCH; `registered` is the topic where the number of registered extensions stands.

        While the publisher or its link to FreeSWITCH is gone, or who watches over them, no number can be had: a wrong
        one would be worse.
        """
        about, calls = self._topic(c.SWITCH_INFO.topic(name)), self._topic(c.SWITCH_CALLS.topic(name))
        today = self._topic(c.SWITCH_TODAY.topic(name))
        watcher, alive = _words(watched.watcher), _words(watched.alive)
        lives = [self._available(c.SWITCH_AVAILABILITY.topic(name)), alive, watcher]
        connected = {**_words(about), "value_template": _CONNECTED}
        total = {"state_class": "total_increasing"}
        parts = {
            "esl": {
                "platform": "binary_sensor",
                "name": "FreeSWITCH",
                "device_class": "connectivity",
                "state_topic": about,
                "value_template": _said("'ON' if value_json.esl == 'connected' else 'OFF'"),
                "availability": lives,
            },
            "online": {
                "platform": "binary_sensor",
                "name": "Publisher",
                "device_class": "connectivity",
                "state_topic": watched.alive,
                "payload_on": "online",
                "payload_off": "offline",
                "availability": [watcher],
                **_DIAGNOSTIC,
            },
            "calls": _sensor("Calls", calls, "total", icon="mdi:phone", state_class="measurement"),
            **{
                state: _sensor(f"Calls {state}", calls, state, icon=icon, state_class="measurement")
                for state, icon in _CALL_ICONS.items()
            },
            "registered": {
                "platform": "sensor",
                "name": "Registered extensions",
                "icon": "mdi:deskphone",
                "state_topic": registered,
                "state_class": "measurement",
            },
            "answered": _sensor("Answered today", today, "answered", icon="mdi:phone-check", **total),
            "missed": _sensor("Missed today", today, "missed", icon="mdi:phone-missed", **total),
            "failed": _sensor("Failed today", today, "failed", icon="mdi:phone-alert", **total),
            "events": self._events(name),
            **self._gateways(name, gateways),
            **self._queues(name, queues),
        }
        device = {"name": f"Switch {name}", "model": "FreeSWITCH"}
        if info.version:
            device["sw_version"] = info.version
        return self._device("switch", name, device, parts, [*lives, connected])

    def _events(self, name: str) -> Json:
        """Of a call it tells the event, the direction and how it ended: never who."""
        return {
            "platform": "event",
            "name": "Call",
            "icon": "mdi:phone-log",
            "state_topic": self._topic(f"{c.CALL_STARTED.topic(name).rpartition('/')[0]}/+"),
            "value_template": _said(_EVENT),
            "event_types": ["started", "answered", "ended"],
        }

    def _gateways(self, switch: str, names: Iterable[str]) -> Json:
        return {
            self._names.part("gateway", name): {
                "platform": "binary_sensor",
                "name": f"Gateway {name}",
                "device_class": "problem",
                "state_topic": self._topic(c.SWITCH_GATEWAY.topic(switch, name)),
                "value_template": _said("'OFF' if value_json.up else 'ON'"),
            }
            for name in sorted(names)
        }

    def _queues(self, switch: str, names: Iterable[str]) -> Json:
        found: Json = {}
        for name in sorted(names):
            topic = self._topic(c.SWITCH_QUEUE.topic(switch, name))
            key = self._names.part("queue", name)
            found[f"{key}-waiting"] = _sensor(
                f"Queue {name} waiting", topic, "waiting", icon="mdi:account-clock", state_class="measurement"
            )
            # An instant: it need not tick, and Home Assistant shows its age.
            found[f"{key}-longest"] = _sensor(
                f"Queue {name} waits since", topic, "longest_wait_since", device_class="timestamp"
            )
        return found

    # --- both ---------------------------------------------------------------------------------------------------------

    def _device(self, kind: str, name: str, device: Json, parts: Json, availability: list[Json]) -> Json:
        known = self._names.device(kind, name)
        return {
            "device": {"identifiers": [known], "manufacturer": "Lampfield", **device},
            "origin": self._origin,
            "availability": availability,
            "availability_mode": "all",
            "components": {key: {**part, "unique_id": f"{known}-{key}"} for key, part in parts.items()},
            "qos": 1,
        }

    def _available(self, topic: str) -> Json:
        return _words(self._topic(topic))

    def _command(self, display: str, verb: str) -> str:
        return self._topic(f"{c.DISPLAY_INFO.topic(display).rpartition('/')[0]}/cmd/{verb}")

    def _topic(self, relative: str) -> str:
        return f"{self._root}/{relative}"


_CALL_ICONS: Final = {
    "ringing": "mdi:phone-ring",
    "waiting": "mdi:phone-clock",
    "active": "mdi:phone-in-talk",
    "held": "mdi:phone-paused",
}
_EVENT: Final = (
    "{'event_type': value_json.event, 'direction': value_json.direction, 'queue': value_json.queue,"
    " 'outcome': value_json.outcome | default(none), 'cause': value_json.cause | default(none)} | tojson"
)


def _said(what: str, *, unsaid: str = "none") -> str:
    """A template of `what`; `unsaid` is for a payload that is no JSON, as the empty one of a topic that is deleted.

    To Home Assistant None is a value that is not known; without a value its log has an error of the template.
    """
    return f"{{{{ ({what}) if value_json is defined else {unsaid} }}}}"


_CONNECTED: Final = _said("'online' if value_json.esl == 'connected' else 'offline'", unsaid="'offline'")


def _words(topic: str) -> Json:
    return {"topic": topic, "payload_available": "online", "payload_not_available": "offline"}


def _sensor(name: str, topic: str, field: str, *, unit: str | None = None, **options: str | int) -> Json:
    found: Json = {
        "platform": "sensor",
        "name": name,
        "state_topic": topic,
        "value_template": _said(f"value_json.{field}"),
        **options,
    }
    return found if unit is None else {**found, "unit_of_measurement": unit}


def _health(name: str, topic: str, field: str, *, unit: str | None = None, **options: str | int) -> Json:
    return _sensor(name, topic, field, unit=unit, expire_after=_STALE_SECONDS, **_DIAGNOSTIC, **options)
