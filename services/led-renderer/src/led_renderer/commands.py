"""Command payloads from anyone: to an intent, or to a refusal that names the field. Pure; never raises.

A payload whose first non-blank byte is `{` must be valid JSON of its verb's model; anything else is the plain form.
A byte order mark before either, as some editors write it, says nothing (RFC 8259, 8.1).

Commands are decoded before they are queued, too (`is_critical`), so that a flood cannot push a critical one out.
"""

import codecs
import re
from collections.abc import Callable, Collection, Hashable, Sequence
from typing import Final, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct

from lampfield_bus import instants
from lampfield_bus.channels import VERBS
from lampfield_bus.messages import LIMITS, Notify, Single
from lampfield_bus.node.arrivals import Message
from lampfield_bus.topics import decode_name

__all__ = [
    "MAX_AHEAD_MS", "Accepted", "Dismiss", "FaultError", "Identify", "Ignored", "Intent", "Notification", "Refused",
    "SetBrightness", "SetPower", "ShowNotification", "StayOn", "Test", "critical_key", "fault_of", "is_command",
    "is_critical", "no_page", "parse", "transaction_of", "verb_of",
]  # fmt: skip

MAX_AHEAD_MS: Final = 24 * 3_600_000  # an `at` further ahead is a mistake, or a way to fill the queue for ever

MAX_ERROR: Final = 200  # characters; what anyone sends is told back, and ten thousand results may wait for the broker

Priority = Literal["info", "warning", "critical"]


class Notification(Struct, frozen=True, kw_only=True):
    """One text to show. `seconds` None: 6 s or one full scroll; `at`: ms since the epoch; `first`: came as `text`.

    `kind`: a text, or one of the two pictures that a display makes of itself.
    """

    id: str
    text: str
    priority: Priority = "info"
    seconds: float | None = None
    repeat: int = 1
    hold: bool = False
    icon: str | None = None
    effect: Literal["none", "blink", "invert"] = "none"
    at: int | None = None
    first: bool = False
    kind: Literal["text", "identify", "test"] = "text"


class ShowNotification(Struct, frozen=True):
    """`text` and `notify`."""

    notification: Notification


class Dismiss(Struct, frozen=True):
    """`which`: an id, `*` for all, empty for the one showing."""

    which: str


class StayOn(Struct, frozen=True):
    """Stay on this page; None resumes the rotation."""

    page: str | None


class SetBrightness(Struct, frozen=True):
    """0 (dim) to 15; None follows the schedule."""

    level: int | None


class SetPower(Struct, frozen=True):
    """The panel on or off."""

    on: bool


class Identify(Struct, frozen=True):
    """Show who you are."""


class Test(Struct, frozen=True):
    """Light every LED."""


Intent = ShowNotification | Dismiss | StayOn | SetBrightness | SetPower | Identify | Test


class Accepted(Struct, frozen=True):
    """A command that can be obeyed."""

    verb: str
    intent: Intent
    transaction: str | None = None


class Refused(Struct, frozen=True):
    """A command that cannot: `error` says why, `field` which field (None where none can be named)."""

    verb: str
    error: str
    field: str | None = None
    transaction: str | None = None


class Ignored(Struct, frozen=True):
    """The deletion of a retained message: nobody commanded anything."""


class FaultError(ValueError):
    """What is wrong with a payload, and in which field."""

    def __init__(self, error: str, field: str | None = None) -> None:
        super().__init__(error)
        self.field = field


def verb_of(topic: str) -> str | None:
    """The verb of a command's topic, known or not, a long one cut off; None for any other topic."""
    match topic.split("/"):
        case ["display" | "group", _, "cmd", level]:
            try:
                return decode_name(level)[: LIMITS["id"]]
            except ValueError:
                return level[: LIMITS["id"]]
    return None


def is_command(topic: str) -> bool:
    """Whether a topic carries commands: they wait apart from state."""
    return verb_of(topic) is not None


def is_critical(message: Message) -> bool:
    """Whether this is a notification of priority critical, which no flood of others may push out."""
    return _critical_id(message) is not None


def critical_key(message: Message) -> Hashable | None:
    """Which critical notifications replace each other while they wait: those with the same id."""
    return _critical_id(message) or None


def parse(verb: str, payload: bytes, *, retained: bool, fresh_id: str, icons: Collection[str], now: int) -> (
    Accepted | Refused | Ignored
):  # fmt: skip
    """What a command asks for. `fresh_id` becomes the id of a notification that brings none."""
    if retained and not payload:
        return Ignored()
    transaction = transaction_of(payload)
    try:
        intent = _intent(verb, payload, retained=retained, fresh_id=fresh_id, icons=icons, now=now)
    except FaultError as fault:
        return Refused(verb, str(fault), fault.field, transaction)
    return Accepted(verb, intent, transaction)


def _intent(verb: str, payload: bytes, *, retained: bool, fresh_id: str, icons: Collection[str], now: int) -> Intent:
    if len(payload) > LIMITS["payload"]:  # not how much longer: a longer one is cut off before it waits
        field = None if _json(payload) else "text" if verb in ("text", "notify") else "value"
        raise FaultError(f"longer than {LIMITS['payload']} bytes; allowed: {LIMITS['payload']}", field)
    if retained:
        raise FaultError("is retained: it would be obeyed again at every start; send it without the retain flag")
    if verb not in VERBS:
        raise FaultError(f"is no command; allowed: {', '.join(VERBS)}")
    if verb in ("text", "notify"):
        return ShowNotification(_notification(verb, payload, fresh_id, icons, now))
    return _SINGLE[verb](_single(payload))


def _json(payload: bytes) -> bytes:
    """Its JSON; empty for the plain form."""
    text = payload.removeprefix(codecs.BOM_UTF8).lstrip(b" \t\r\n")
    return text if text[:1] == b"{" else b""


class _Transaction(Struct):
    transaction: str | None = None


_lenient: Final = msgspec.json.Decoder(_Transaction)
_notify: Final = msgspec.json.Decoder(Notify)
_single_form: Final = msgspec.json.Decoder(Single)
_WORDS: Final = {  # that a field may hold, where those are few
    name: ", ".join(get_args(hint)) for name, hint in get_type_hints(Notify).items() if get_origin(hint) is Literal
}
_FIELD: Final = re.compile(
    r"(?:at `\$\.(?P<at>\w+)|unknown field `(?P<unknown>[^`]*)|missing required field `(?P<missing>\w+))"
)


def transaction_of(payload: bytes) -> str | None:
    """The transaction, also of a payload that will be refused: whoever asked wants to know which one it was."""
    if len(payload) > LIMITS["payload"] or not (text := _json(payload)):
        return None
    try:
        found = _lenient.decode(text).transaction
    except (ValueError, RecursionError):
        return None
    return found if found is not None and len(found) <= LIMITS["transaction"] else None


def fault_of(error: Exception) -> FaultError:
    """msgspec's error as ours: its path (`$.seconds`) becomes the field."""
    if isinstance(error, msgspec.ValidationError):
        text = str(error)
        found = _FIELD.search(text)
        field = next((name[: LIMITS["id"]] for name in (found.groups() if found else ()) if name is not None), None)
        if field == "at" and "regex" in text:
            return FaultError("is no instant; allowed: RFC 3339, as 2026-11-22T23:11:53Z", field)
        if field in _WORDS and "enum" in text:
            return FaultError(f"is not one of them; allowed: {_WORDS[field]}", field)
        return FaultError(text.split(" - at ", maxsplit=1)[0][:MAX_ERROR], field)
    return FaultError(f"is no valid JSON: {error}"[:MAX_ERROR])


def _notify_form(payload: bytes) -> Notify:
    if not (text := _json(payload)):
        return _plain_notify(payload)
    try:
        return _notify.decode(text)
    except (ValueError, RecursionError) as error:
        raise fault_of(error) from None


def _plain_notify(payload: bytes) -> Notify:
    text = payload.decode("utf-8-sig", errors="replace").strip("\r\n")
    if len(text) > LIMITS["text"]:
        raise FaultError(f"{len(text)} characters; allowed: {LIMITS['text']}", "text")
    return Notify(text=text)


def _notification(verb: str, payload: bytes, fresh_id: str, icons: Collection[str], now: int) -> Notification:
    asked = _notify_form(payload)
    if not any(character.isprintable() and not character.isspace() for character in asked.text):
        raise FaultError("shows nothing; allowed: at least one visible character", "text")
    if verb == "text" and asked.priority != "info":
        raise FaultError("is always info for text; allowed: the verb notify", "priority")
    if asked.icon is not None and asked.icon not in icons:
        raise FaultError(f"{asked.icon[:40]!r} is no icon; allowed: {', '.join(icons)}", "icon")
    return Notification(
        id=asked.id or fresh_id,
        text=asked.text,
        priority=asked.priority,
        seconds=asked.seconds,
        repeat=asked.repeat,
        hold=asked.hold,
        icon=asked.icon,
        effect=asked.effect,
        at=_start(asked.at, now),
        first=verb == "text",
    )


def _start(at: str | None, now: int) -> int | None:
    if at is None:
        return None
    try:
        start = instants.parse(at)
    except ValueError as error:
        raise FaultError(str(error), "at") from None
    if start > now + MAX_AHEAD_MS:
        raise FaultError(f"{at} is more than {MAX_AHEAD_MS // 3_600_000} hours ahead", "at")
    return start


def _single(payload: bytes) -> str:
    """The value of a single-valued command as text, whichever form it came in."""
    if text := _json(payload):
        try:
            value = str(_single_form.decode(text).value)
        except (ValueError, RecursionError) as error:
            raise fault_of(error) from None
    else:
        try:
            value = payload.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise FaultError("is not UTF-8", "value") from None
    if len(value) > LIMITS["text"]:
        raise FaultError(f"{len(value)} characters; allowed: {LIMITS['text']}", "value")
    return value.strip()


def _stay_on(value: str) -> Intent:
    if not value:
        raise FaultError("is empty; allowed: a page's name, or auto", "value")
    return StayOn(None if value == "auto" else value)


def no_page(asked: str, names: Sequence[str]) -> str:
    """Why nobody can stay on it; of the names that there are as many as MAX_ERROR has room for."""
    error = f"{asked[:40]!r} is no page; allowed: auto"
    for place, name in enumerate(names):
        more = f" and {len(names) - place} more, which `info` tells"
        if len(error) + len(name) + len(more) > MAX_ERROR:
            return error + more
        error += f", {name}"
    return error


def _brightness(value: str) -> Intent:
    if value == "auto":
        return SetBrightness(None)
    if not re.fullmatch(r"\d{1,2}", value, re.ASCII) or int(value) > 15:
        raise FaultError(f"{value[:40]!r}; allowed: 0 to 15, or auto", "value")
    return SetBrightness(int(value))


def _power(value: str) -> Intent:
    if value not in ("on", "off"):
        raise FaultError(f"{value[:40]!r}; allowed: on, off", "value")
    return SetPower(value == "on")


_SINGLE: Final[dict[str, Callable[[str], Intent]]] = {
    "dismiss": Dismiss,
    "page": _stay_on,
    "brightness": _brightness,
    "power": _power,
    "identify": lambda _value: Identify(),
    "test": lambda _value: Test(),
}


class _Glance(Struct):
    """As much of a notification as decides where it waits."""

    priority: str = "info"
    id: str = ""


_glance: Final = msgspec.json.Decoder(_Glance)


def _critical_id(message: Message) -> str | None:
    """The id of a critical notification (empty: it brings none); None for everything else."""
    if verb_of(message.topic) != "notify" or len(message.payload) > LIMITS["payload"]:
        return None
    if not (text := _json(message.payload)):
        return None
    try:
        seen = _glance.decode(text)
    except (ValueError, RecursionError):
        return None
    return seen.id if seen.priority == "critical" else None
