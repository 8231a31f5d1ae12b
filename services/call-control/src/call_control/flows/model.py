"""What a person may write into a flow's file, field by field. Pure: pydantic models of texts.

Every scalar comes as the text that stands in the file (`lampfield_bus.node.document`). A step has one verb, and fields
that say where it goes; which go together is `written`'s to say.
"""

import re
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from call_control.flows.hours import Span, span
from lampfield_bus.messages import LIMITS

__all__ = ["VERBS", "FlowFile", "PromptEntry", "StepEntry"]

VERBS: Final = (
    "play", "menu", "ask", "listen", "hours", "count", "show", "record", "record_call", "queue", "dial", "voicemail",
    "set", "get", "hangup", "leave",
)  # fmt: skip
MAX_STEPS: Final = 200
PLACEHOLDER: Final = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def _yes(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _prompts(value: object) -> object:
    return value if isinstance(value, list) else [value]


def _prompt(value: object) -> object:
    return {"file": value} if isinstance(value, str) else value


def _spans(value: object) -> object:
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValueError("are no hours; allowed: as mon-fri 08:00-18:00, or a list of such")
    return tuple(span(each) for each in value)


def _count(value: object) -> object:
    """`4` or `1-10`."""
    found = re.fullmatch(r"(\d{1,2})(?:-(\d{1,2}))?", value if isinstance(value, str) else "", re.ASCII)
    if found is None:
        raise ValueError("is no count of digits; allowed: as 4, or 1-10")
    low, high = int(found[1]), int(found[2] or found[1])
    if not 1 <= low <= high <= 32:
        raise ValueError("is no count of digits; allowed: 1 to 32")
    return (low, high)


def _template(text: str) -> str:
    """Braces stand around a value's name, and nothing else."""
    if re.search(r"[{}]", PLACEHOLDER.sub("", text)):
        raise ValueError("has a brace that is not of a value; allowed: text with {name} of values")
    if not text.isprintable():
        raise ValueError("holds a control character; allowed: printable text")
    return text


def _name(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", text, re.ASCII):
        raise ValueError("is no name; allowed: small letters, digits and _")
    return text


Text = Annotated[str, Field(min_length=1, max_length=LIMITS["text"]), AfterValidator(_template)]
Word = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_template)]
Name = Annotated[str, AfterValidator(_name)]
Toggle = Annotated[Literal["on", "off"], BeforeValidator(_yes)]
Key = Annotated[str, Field(pattern=r"^[0-9*#]$")]
Digits = Annotated[Any, BeforeValidator(_count)]
Spans = Annotated[tuple[Span, ...], BeforeValidator(_spans)]
Seconds = Annotated[float, Field(ge=1, le=LIMITS["seconds"], allow_inf_nan=False)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class PromptEntry(_Entry):
    """What is heard: `file`, or `say` (numbers and the like, by a language's phrases), or `speak` (by an engine)."""

    file: Word | None = None
    say: Word | None = None
    kind: Literal["number", "digits", "letters"] = "number"
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")] = "en"
    speak: Text | None = None
    engine: Word = "flite"
    voice: Word | None = None


Prompts = Annotated[
    tuple[Annotated[PromptEntry, BeforeValidator(_prompt)], ...],
    BeforeValidator(_prompts),
    Field(min_length=1, max_length=8),
]


class StepEntry(_Entry):
    """One step: a verb with what it needs, and where it goes then."""

    play: Prompts | None = None
    menu: Prompts | None = None
    ask: Prompts | None = None
    listen: Prompts | None = None
    hours: Name | None = None
    count: Literal["calls"] | None = None
    show: Text | None = None
    record: Name | None = None
    record_call: Toggle | None = None
    queue: Word | None = None
    dial: Word | None = None
    voicemail: Word | None = None
    set: dict[str, Word] | None = None
    get: Word | None = None
    hangup: Annotated[str, Field(pattern=r"^([A-Z][A-Z0-9_]{1,63})?$")] | None = None
    leave: Literal["", "on"] | None = None

    keys: Annotated[dict[Key, Name], Field(min_length=1)] | None = None  # menu
    digits: Digits | None = None  # ask
    end: Key | None = None  # ask
    equals: Word | None = None  # ask
    into: Name | None = None  # ask, listen, count, get
    engine: Word | None = None  # listen
    grammar: Word | None = None  # listen
    tries: Annotated[int, Field(ge=1, le=10)] | None = None  # menu, ask, listen
    seconds: Seconds | None = None  # menu, ask, listen: for an answer; show; record, record_call: at most
    invalid: Word | None = None  # menu, ask: what is played after a wrong answer
    beep: Word | None = None  # record
    group: Word | None = None  # show
    priority: Literal["info", "warning", "critical"] | None = None  # show
    icon: Word | None = None  # show
    id: Word | None = None  # show
    within: Word | None = None  # dial: the numbers that a caller may choose

    next: Name | None = None  # hours: when open
    otherwise: Name | None = None  # when nothing, or nothing right, came; hours: when closed


class FlowFile(_Entry):
    """The whole file. A value without a text has to be set (LAMPFIELD_FLOW_VALUES)."""

    about: Annotated[str, Field(max_length=500)] = ""
    answer: Toggle = "on"
    values: dict[Name, Annotated[str, Field(max_length=LIMITS["text"])]] = {}
    hours: dict[Name, Spans] = {}
    start: Name | None = None
    steps: Annotated[dict[Name, StepEntry], Field(min_length=1, max_length=MAX_STEPS)]
