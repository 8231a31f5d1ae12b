"""The table of channels: every topic of the bus, who writes it, what stands in it, and how it is sent.

The one place that spells an address. Topics are relative to the root. Pure.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final, Literal

import msgspec
from msgspec import Struct

from lampfield_bus import messages as m
from lampfield_bus.topics import decode_name, encode_name

__all__ = ["CHANNELS", "Channel", "Message", "Plain", "command_filter", "match"]

Writer = Literal["switch", "display", "operator", "home-assistant", "control", "sip"]
Message = m.State | m.Command | Sequence[m.State] | str


class Plain(Struct, frozen=True):
    """A payload that is plain text, not JSON: what is allowed in it."""

    allowed: str
    values: tuple[str, ...] = ()


class Channel(Struct, frozen=True):
    """One row: `address` with its `{names}`, and everything a reader or writer must know of it.

    `lives` says when a retained topic is deleted: never ("always"), or with the thing it tells of ("thing").
    `many`: the payload is a list of what `payload` says. `parties`: numbers and names of those who telephone stand
    in it.
    """

    name: str
    address: str
    payload: type[m.State] | type[m.Command] | Plain
    retained: bool
    qos: Literal[0, 1]
    writer: Writer
    summary: str
    lives: Literal["always", "thing"] = "always"
    plain_form: Plain | None = None
    many: bool = False
    parties: bool = False

    @property
    def parameters(self) -> tuple[str, ...]:
        """The address's names, in order."""
        return tuple(level[1:-1] for level in self.address.split("/") if level.startswith("{"))

    def topic(self, *names: str) -> str:
        """The topic for these names, in the address's order. Raises ValueError for a name no topic can carry."""
        fixed, *others = _around_names(self.address)
        if len(names) != len(others):
            raise TypeError(f"{self.address} takes {len(others)} names, not {len(names)}")
        for name, after in zip(names, others, strict=True):
            fixed += encode_name(name) + after
        return fixed

    def filter(self, **names: str) -> str:
        """The subscription filter with these names fixed and every other one free."""
        return "/".join(
            (encode_name(names[level[1:-1]]) if level[1:-1] in names else "+") if level.startswith("{") else level
            for level in self.address.split("/")
        )

    def publication(self, topic: str, message: Message) -> m.Publication:
        """`message` on its way to `topic` (made by `topic()`), with this row's QoS and retain."""
        payload = message.encode() if isinstance(message, str) else m.encode(message)
        return m.Publication(topic, payload, self.qos, self.retained)

    def deletion(self, topic: str) -> m.Publication:
        """What removes the retained message of `topic`."""
        return m.Publication(topic, b"", self.qos, True)

    def decode(self, payload: bytes) -> Message:
        """A payload as this row's model. Raises ValueError that names the field (msgspec's path, `$.seconds`)."""
        if isinstance(self.payload, Plain):
            text = payload.decode()  # UnicodeDecodeError is a ValueError
            if self.payload.values and text not in self.payload.values:
                raise ValueError(f"{text[:40]!r}: allowed: {', '.join(self.payload.values)}")
            return text
        try:
            return _decoder(self.payload, self.many).decode(payload)  # msgspec.ValidationError is a ValueError
        except RecursionError:
            raise ValueError("is nested too deeply") from None


@cache
def _around_names(address: str) -> tuple[str, ...]:
    """What stands before, between and after an address's names."""
    return tuple(re.split(r"\{[^}]*\}", address))


@cache
def _decoder(model: type[m.State] | type[m.Command], many: bool) -> "msgspec.json.Decoder[Message]":  # noqa: FBT001 (the key of a cache)
    return msgspec.json.Decoder(list[model] if many else model)  # type: ignore[valid-type]  # a type made at run time


AVAILABILITY: Final = Plain("`online` or `offline`", ("online", "offline"))
FENCE: Final = Plain("a token of the sender's")
FRAME: Final = Plain("one line per pixel row, each ended by LF: `#` lit, `.` dark")
EVENT: Final = Plain("the event's JSON as FreeSWITCH sent it")

SWITCH_AVAILABILITY: Final = Channel(
    "switch_availability", "switch/{switch}/availability", AVAILABILITY, True, 1, "switch",
    "Whether the publisher of this switch is there; its will is `offline`.",
)  # fmt: skip
SWITCH_INFO: Final = Channel(
    "switch_info", "switch/{switch}/info", m.SwitchInfo, True, 1, "switch",
    "Who publishes, and how the ESL link is.",
)  # fmt: skip
SWITCH_HEALTH: Final = Channel(
    "switch_health", "switch/{switch}/health", m.SwitchHealth, True, 0, "switch",
    "Every 15 s; older than 45 s means the publisher is lost.",
)  # fmt: skip
SWITCH_STATS: Final = Channel(
    "switch_stats", "switch/{switch}/stats", m.SwitchStats, True, 1, "switch",
    "FreeSWITCH's own heartbeat: legs and load.",
)  # fmt: skip
SWITCH_CALLS: Final = Channel(
    "switch_calls", "switch/{switch}/calls", m.Calls, True, 1, "switch",
    "How many calls there are, by state.",
)  # fmt: skip
SWITCH_CALL: Final = Channel(
    "switch_call", "switch/{switch}/call/{id}", m.Call, True, 1, "switch",
    "One live call; deleted when it ends.", "thing", parties=True,
)  # fmt: skip
SWITCH_EXTENSION: Final = Channel(
    "switch_extension", "switch/{switch}/extension/{extension}", m.Extension, True, 1, "switch",
    "One extension: its lamp, its phone, its voicemail.",
)  # fmt: skip
SWITCH_GATEWAY: Final = Channel(
    "switch_gateway", "switch/{switch}/gateway/{gateway}", m.Gateway, True, 1, "switch",
    "One gateway: whether calls can go over it; deleted when FreeSWITCH no longer has it.", "thing",
)  # fmt: skip
SWITCH_CONFERENCE: Final = Channel(
    "switch_conference", "switch/{switch}/conference/{conference}", m.Conference, True, 1, "switch",
    "One conference; deleted when it ends.", "thing",
)  # fmt: skip
SWITCH_PARKING: Final = Channel(
    "switch_parking", "switch/{switch}/parking/{lot}", m.Parking, True, 1, "switch",
    "One parking lot or fifo; deleted when nobody waits in it.", "thing",
)  # fmt: skip
SWITCH_TODAY: Final = Channel(
    "switch_today", "switch/{switch}/today", m.Today, True, 1, "switch",
    "How many calls there have been since midnight.",
)  # fmt: skip
SWITCH_HISTORY: Final = Channel(
    "switch_history", "switch/{switch}/history", m.History, True, 1, "switch",
    "The last hour, a number a minute.",
)  # fmt: skip
SWITCH_RECENT: Final = Channel(
    "switch_recent", "switch/{switch}/recent", m.CallEnded, True, 1, "switch",
    "The last 20 ended calls, newest first.", many=True, parties=True,
)  # fmt: skip
SWITCH_QUEUE: Final = Channel(
    "switch_queue", "switch/{switch}/queue/{queue}", m.Queue, True, 1, "switch",
    "One queue: who waits, who talks, its agents, its day. Deleted when FreeSWITCH no longer has it.",
)  # fmt: skip
SWITCH_AGENT: Final = Channel(
    "switch_agent", "switch/{switch}/agent/{agent}", m.Agent, True, 1, "switch",
    "One agent of the queues. Deleted when FreeSWITCH no longer has it.",
)  # fmt: skip
CALL_STARTED: Final = Channel(
    "call_started", "switch/{switch}/event/call/started", m.CallStarted, False, 1, "switch",
    "A call began.", parties=True,
)  # fmt: skip
CALL_ANSWERED: Final = Channel(
    "call_answered", "switch/{switch}/event/call/answered", m.CallAnswered, False, 1, "switch",
    "A person was bridged for the first time.", parties=True,
)  # fmt: skip
CALL_ENDED: Final = Channel(
    "call_ended", "switch/{switch}/event/call/ended", m.CallEnded, False, 1, "switch",
    "A call ended: outcome, cause, SIP status, seconds.", parties=True,
)  # fmt: skip
SWITCH_RAW: Final = Channel(
    "switch_raw", "switch/{switch}/raw/{event}", EVENT, False, 0, "switch",
    "An event as FreeSWITCH sent it; off unless LAMPFIELD_RAW_EVENTS lists its name.", parties=True,
)  # fmt: skip
SWITCH_RAW_CUSTOM: Final = Channel(
    "switch_raw_custom", "switch/{switch}/raw/{event}/{subclass}", EVENT, False, 0, "switch",
    "A CUSTOM event as FreeSWITCH sent it.", parties=True,
)  # fmt: skip
SWITCH_FENCE: Final = Channel(
    "switch_fence", "switch/{switch}/fence", FENCE, False, 1, "switch",
    "The publisher's own marker that ends its reading of retained state.",
)  # fmt: skip

DISPLAY_AVAILABILITY: Final = Channel(
    "display_availability", "display/{display}/availability", AVAILABILITY, True, 1, "display",
    "Whether the display is there; its will is `offline`.",
)  # fmt: skip
DISPLAY_INFO: Final = Channel(
    "display_info", "display/{display}/info", m.DisplayInfo, True, 1, "display",
    "What the display is: size, driver, groups, pages.",
)  # fmt: skip
DISPLAY_STATE: Final = Channel(
    "display_state", "display/{display}/state", m.DisplayState, True, 1, "display",
    "Power, brightness and page now; the display restores manual settings from it.",
)  # fmt: skip
DISPLAY_HEALTH: Final = Channel(
    "display_health", "display/{display}/health", m.DisplayHealth, True, 0, "display",
    "Every 15 s; older than 45 s means the display is lost.",
)  # fmt: skip
DISPLAY_FRAME: Final = Channel(
    "display_frame", "display/{display}/frame", FRAME, True, 0, "display",
    "What the panel shows, as art.",
)  # fmt: skip
DISPLAY_RESULT: Final = Channel(
    "display_result", "display/{display}/result", m.Result, False, 1, "display",
    "The answer to one command, also a refused one; to a page that cannot be shown; to a changed file of pages.",
)  # fmt: skip
DISPLAY_FENCE: Final = Channel(
    "display_fence", "display/{display}/fence", FENCE, False, 1, "display",
    "The display's own marker that ends its reading of retained state.",
)  # fmt: skip
HOME_ASSISTANT_FENCE: Final = Channel(
    "home_assistant_fence", "home-assistant/{node}/fence", FENCE, False, 1, "home-assistant",
    "The discovery's own marker that ends its reading of retained state.",
)  # fmt: skip
SIP_AVAILABILITY: Final = Channel(
    "sip_availability", "sip/{node}/availability", AVAILABILITY, True, 1, "sip",
    "Whether the sip-monitor is there; its will is `offline`.",
)  # fmt: skip
SIP_HEALTH: Final = Channel(
    "sip_health", "sip/{node}/health", m.SipHealth, True, 0, "sip",
    "Every 15 s; older than 45 s means the monitor is lost.",
)  # fmt: skip
SIP_SUMMARY: Final = Channel(
    "sip_summary", "sip/{node}/summary", m.SipSummary, True, 0, "sip",
    "The last hour at a glance.",
)  # fmt: skip
SIP_DIALOG: Final = Channel(
    "sip_dialog", "sip/{node}/dialog/{call_id}", m.SipDialog, True, 0, "sip",
    "One dialog while it lives, and the last 100 that ended.", "thing", parties=True,
)  # fmt: skip
SIP_LADDER: Final = Channel(
    "sip_ladder", "sip/{node}/ladder/{call_id}", m.SipLadder, True, 0, "sip",
    "Its messages; comes and goes with its dialog.", "thing", parties=True,
)  # fmt: skip
SIP_DIALOG_ENDED: Final = Channel(
    "sip_dialog_ended", "sip/{node}/event/dialog/ended", m.SipDialog, False, 0, "sip",
    "A dialog ended.", parties=True,
)  # fmt: skip
SIP_FENCE: Final = Channel(
    "sip_fence", "sip/{node}/fence", FENCE, False, 1, "sip",
    "The monitor's own marker that ends its reading of retained state.",
)  # fmt: skip
DISPLAY_PAGE: Final = Channel(
    "display_page", "display/{display}/page/{page}", m.PageTopic, True, 1, "operator",
    "One more page in the rotation; empty takes it out.", "thing",
)  # fmt: skip
GROUP_PAGE: Final = Channel(
    "group_page", "group/{group}/page/{page}", m.PageTopic, True, 1, "operator",
    "One more page on every display of the group; a display's own page of the same name goes before.", "thing",
)  # fmt: skip

CONTROL_AVAILABILITY: Final = Channel(
    "control_availability", "control/{node}/availability", AVAILABILITY, True, 1, "control",
    "Whether call-control is there; its will is `offline`.",
)  # fmt: skip
CONTROL_HEALTH: Final = Channel(
    "control_health", "control/{node}/health", m.ControlHealth, True, 0, "control",
    "Every 15 s; older than 45 s means call-control is lost.",
)  # fmt: skip
CONTROL_CALL: Final = Channel(
    "control_call", "control/{node}/call/{id}", m.ControlCall, True, 1, "control",
    "One live call that call-control answers or has started; deleted when it ends.", "thing", parties=True,
)  # fmt: skip
CONTROL_CALL_ENDED: Final = Channel(
    "control_call_ended", "control/{node}/event/call/ended", m.ControlCallEnded, False, 1, "control",
    "Such a call ended: outcome, cause, SIP status.", parties=True,
)  # fmt: skip
CONTROL_FENCE: Final = Channel(
    "control_fence", "control/{node}/fence", FENCE, False, 1, "control",
    "Call-control's own marker that ends its reading of retained state.",
)  # fmt: skip

_NOTHING = Plain("anything; ignored")
_COMMANDS: Final[tuple[tuple[str, type[m.Command], Plain, str], ...]] = (
    ("text", m.Notify, Plain("the text to show"), "Show a text; goes before other `info` notifications."),
    ("notify", m.Notify, Plain("the text to show"), "Show a notification."),
    ("dismiss", m.Single, Plain("an id, `*` for all, empty for the one showing"), "Dismiss notifications."),
    ("page", m.Single, Plain("a page's name, or `auto`"), "Stay on a page; `auto` resumes the rotation."),
    ("brightness", m.Single, Plain("`0` to `15`, or `auto`"), "Set the brightness (0 is dim, not dark)."),
    ("power", m.Single, Plain("`on` or `off`", ("on", "off")), "Switch the panel on or off."),
    ("identify", m.Single, _NOTHING, "Show the display's id for 5 s."),
    ("test", m.Single, _NOTHING, "Every LED on for 2 s, then a checkerboard."),
)


def _commands() -> Iterator[Channel]:
    for who, address in (("display", "display/{display}"), ("group", "group/{group}")):
        for verb, model, plain, summary in _COMMANDS:
            yield Channel(
                f"{who}_cmd_{verb}", f"{address}/cmd/{verb}", model, False, 1, "operator", summary, plain_form=plain
            )


VERBS: Final = tuple(verb for verb, *_ in _COMMANDS)

CHANNELS: Final[tuple[Channel, ...]] = (
    SWITCH_AVAILABILITY, SWITCH_INFO, SWITCH_HEALTH, SWITCH_STATS, SWITCH_CALLS, SWITCH_CALL, SWITCH_EXTENSION,
    SWITCH_GATEWAY, SWITCH_CONFERENCE, SWITCH_PARKING,
    SWITCH_TODAY, SWITCH_HISTORY, SWITCH_RECENT, SWITCH_QUEUE, SWITCH_AGENT,
    CALL_STARTED, CALL_ANSWERED, CALL_ENDED, SWITCH_RAW, SWITCH_RAW_CUSTOM, SWITCH_FENCE,
    DISPLAY_AVAILABILITY, DISPLAY_INFO, DISPLAY_STATE, DISPLAY_HEALTH, DISPLAY_FRAME, DISPLAY_RESULT, DISPLAY_FENCE,
    DISPLAY_PAGE,
    *(row for row in _commands() if row.parameters == ("display",)),
    GROUP_PAGE,
    *(row for row in _commands() if row.parameters == ("group",)),
    HOME_ASSISTANT_FENCE,
    CONTROL_AVAILABILITY, CONTROL_HEALTH, CONTROL_CALL, CONTROL_CALL_ENDED, CONTROL_FENCE,
    SIP_AVAILABILITY, SIP_HEALTH, SIP_SUMMARY, SIP_DIALOG, SIP_LADDER, SIP_DIALOG_ENDED, SIP_FENCE,
)  # fmt: skip


def command_filter(*, display: str | None = None, group: str | None = None) -> str:
    """The filter for every command, known or not, to a display or to a group."""
    who = {"display": display} if group is None else {"group": group}
    row = next(channel for channel in CHANNELS if channel.writer == "operator" and channel.parameters == tuple(who))
    return row.filter(**{name: value for name, value in who.items() if value is not None}).rpartition("/")[0] + "/+"


def _index() -> dict[tuple[int, str], list[tuple[tuple[str, ...], Channel]]]:
    index: dict[tuple[int, str], list[tuple[tuple[str, ...], Channel]]] = {}
    for channel in CHANNELS:
        levels = tuple(channel.address.split("/"))
        index.setdefault((len(levels), levels[0]), []).append((levels, channel))
    return index


_INDEX: Final = _index()


def match(topic: str) -> tuple[Channel, tuple[str, ...]] | None:
    """The row that a topic belongs to and the names in it, decoded; None for a topic that is not of the table."""
    levels = topic.split("/")
    for pattern, channel in _INDEX.get((len(levels), levels[0]), ()):
        if all(want == have or want.startswith("{") for want, have in zip(pattern, levels, strict=True)):
            try:
                names = [decode_name(have) for want, have in zip(pattern, levels, strict=True) if want.startswith("{")]
            except ValueError:
                return None
            return channel, tuple(names)
    return None
