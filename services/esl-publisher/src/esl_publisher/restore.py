"""What an earlier run of the publisher left retained, read back.

Pure. A message that cannot be read is no state: its topic is only remembered, to be cleared with the other leftovers.
"""

from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from esl_publisher.calls import Call, reopened
from esl_publisher.privacy import unmasked
from esl_publisher.today import day_of
from lampfield_bus import channels, instants
from lampfield_bus import messages as m
from lampfield_bus.channels import Message

__all__ = ["Restored", "read"]

_MOST: Final = 1e15  # no count is larger, nor a time; from more, sums would grow beyond what JSON's readers take
_CALENDAR_END: Final = 4_102_444_800_000  # 2100: beyond, and before 1970, not every time zone has a day


class Restored(Struct):
    """An earlier run's state. `alive_at` is its last sign of life, 0 for none."""

    topics: set[str] = field(default_factory=set)
    info: m.SwitchInfo | None = None
    calls: list[Call] = field(default_factory=list)
    extensions: dict[str, m.Extension] = field(default_factory=dict)
    gateways: dict[str, m.Gateway] = field(default_factory=dict)
    conferences: dict[str, m.Conference] = field(default_factory=dict)
    parking: dict[str, m.Parking] = field(default_factory=dict)
    queues: dict[str, m.Queue] = field(default_factory=dict)
    agents: list[m.Agent] = field(default_factory=list)
    today: m.Today | None = None
    history: m.History | None = None
    recent: list[m.CallEnded] = field(default_factory=list)
    alive_at: int = 0

    def is_of(self, date: str, tz: ZoneInfo) -> bool:
        """Whether what it counted it counted on this day.

        An extension's topic has no date, nor has an agent's: their counts are of the day of `today`, which turns with
        them; without it, of the day on which the publisher was last alive.
        """
        return date == (self.today.date if self.today else day_of(self.alive_at, tz).isoformat())


def read(messages: dict[str, bytes], switch: str) -> Restored:
    """The retained messages (topics relative to the root) of this switch; others' are not touched."""
    restored = Restored()
    prefix = channels.SWITCH_INFO.topic(switch).rpartition("/")[0] + "/"
    for topic, payload in messages.items():
        if not payload or not topic.startswith(prefix):
            continue
        restored.topics.add(topic)
        found = channels.match(topic)
        if found is not None:
            try:
                message = found[0].decode(payload)
                if _largest(msgspec.to_builtins(message)) <= _MOST:
                    _take(restored, message, found[1][-1])
            except ValueError:
                continue
    _reveal(restored)
    return restored


def _largest(value: object) -> float:
    """The largest number in a payload."""
    match value:
        case dict():
            return max(map(_largest, value.values()), default=0)
        case list():
            return max(map(_largest, value), default=0)
        case int() | float():
            return value
    return 0


def _reveal(restored: Restored) -> None:
    """Calls name gateways, queues and extensions, masked if numbers were hidden; their own topics name them openly."""
    gateways, queues = unmasked(restored.gateways), unmasked(restored.queues)
    users = unmasked(restored.extensions)
    restored.calls = [
        replace(
            call,
            gateway=call.gateway and gateways.get(call.gateway, call.gateway),
            queue=call.queue and queues.get(call.queue, call.queue),
            users=tuple(users.get(user, user) for user in call.users),
        )
        for call in restored.calls
    ]


def _take(restored: Restored, message: Message, name: str) -> None:
    match message:
        case list():
            restored.recent = [call for call in message if isinstance(call, m.CallEnded)]
        case m.SwitchInfo():
            restored.info = message
        case m.SwitchHealth():
            restored.alive_at = min(max(instants.parse(message.at), 0), _CALENDAR_END)
        case m.Call() if message.id == name:  # under another name it is nobody's, and would be told of under its own
            restored.calls.append(reopened(message))
        case m.Extension():
            instants.parse(message.since)
            restored.extensions[name] = message
        case m.Gateway():
            instants.parse(message.since)
            restored.gateways[name] = message
        case m.Conference():
            instants.parse(message.since)
            restored.conferences[name] = message
        case m.Parking():
            instants.parse(message.longest_since)
            restored.parking[name] = message
        case _:
            _take_counts(restored, message, name)


def _take_counts(restored: Restored, message: Message, name: str) -> None:
    match message:
        case m.Today():
            restored.today = message
        case m.History():
            instants.parse(message.until)
            restored.history = message
        case m.Queue():
            restored.queues[name] = message
        case m.Agent():
            instants.parse(message.since)
            restored.agents.append(message)
