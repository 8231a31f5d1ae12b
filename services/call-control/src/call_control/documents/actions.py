"""The actions of mod_httapi, typed: what each is told, in words that mean what FreeSWITCH does. Pure.

Tags, attributes and defaults: mod_httapi.c of 1.11.1, and calls that were recorded with it. Where its names mislead,
these do not: `plays` counts plays (`loops=1` plays twice), `wait_ms` is the wait after the prompt (`input-timeout`) and
`between_ms` that between two digits (`digit-timeout`); to dial a number is a `Transfer`, which ends the document.
"""

from typing import Final

from msgspec import Struct

__all__ = [
    "Action",
    "AnswerAndLeave",
    "Bind",
    "Break",
    "Conference",
    "Continue",
    "Dial",
    "Execute",
    "GetVariable",
    "Hangup",
    "Log",
    "Pause",
    "Playback",
    "PreAnswerAndLeave",
    "Prompt",
    "Record",
    "RecordCall",
    "RingReadyAndLeave",
    "Say",
    "Sms",
    "Speak",
    "Transfer",
    "VmName",
    "Voicemail",
    "answer",
    "digits",
    "keys",
]


class Bind(Struct, frozen=True):
    """Keys to wait for: digits as they are pressed, or `~` and a regular expression.

    What stands before the first of `strip` is what the flow is told. `action` is a URL for all requests from then on.
    """

    keys: str
    strip: str = ""
    action: str = ""


def keys(pressed: str) -> tuple[Bind, ...]:
    """One of these keys: `keys("120")`."""
    return tuple(Bind(key) for key in pressed)


def digits(low: int = 1, high: int | None = None, *, end: str = "#") -> tuple[Bind, ...]:
    """A number of `low` to `high` digits and then `end`; without `end` exactly `low` digits.

    Raises ValueError for a number without end that may be shorter than another.
    """
    if not end and low != high:
        raise ValueError("end: without one there must be as many digits as ever: low and high are the same")
    if high is None:
        count = {0: "*", 1: "+"}.get(low, f"{{{low},}}")
    else:
        count = f"{{{low},{high}}}" if low != high else "" if low == 1 else f"{{{low}}}"
    return (Bind(f"~\\d{count}{end.replace('*', '[*]')}", strip=end),)


class Action(Struct, frozen=True, kw_only=True):
    """One tag. `action` is the URL of all later requests, `temp_action` that of the next one; both may stay empty."""

    action: str = ""
    temp_action: str = ""


class Prompt(Action, frozen=True, kw_only=True):
    """What plays and may collect keys: the flow is told them as `name`, once, with the next request.

    `error_file` plays after a wrong or missing input, and then the flow is told `invalid`; without one it is told
    nothing. Speech is recognised with both `asr_engine` and `asr_grammar`.
    """

    binds: tuple[Bind, ...] = ()
    name: str = "dialed_digits"
    error_file: str = ""
    between_ms: int = 1_500
    wait_ms: int = 5_000
    plays: int = 1
    terminators: str = ""
    asr_engine: str = ""
    asr_grammar: str = ""


class Playback(Prompt, frozen=True, kw_only=True):
    """Plays a file, as FreeSWITCH names files (a path, `tone_stream://…`, `http://…`)."""

    file: str


class Say(Prompt, frozen=True, kw_only=True):
    """Says a number, a time or letters by the phrases of a language: `type="number"`, `method="pronounced"`."""

    text: str
    language: str = "en"
    type: str = "number"
    method: str = "pronounced"
    gender: str = ""


class Speak(Prompt, frozen=True, kw_only=True):
    """Speaks a text with a text-to-speech engine (`flite`, `tts_commandline`)."""

    text: str
    engine: str
    voice: str = ""


class VmName(Prompt, frozen=True, kw_only=True):
    """Plays the recorded name of a mailbox, `id` = `1000@pbx.example`, or spells it."""

    id: str
    language: str = ""
    gender: str = ""


class Pause(Prompt, frozen=True, kw_only=True):
    """Silence, in which keys may be collected."""

    milliseconds: int = 1_000


class Record(Action, frozen=True, kw_only=True):
    """Records the caller, and uploads `<a uuid>_<file>`, not the call's, as the part `name` with the next request.

    `limit` in seconds; `silence_hits` of silence below `threshold` end it, and one of `terminators`. When the caller
    hangs up meanwhile, the upload comes with the last request of the call.
    """

    file: str = "message.wav"
    name: str = "attached_file"
    beep_file: str = ""
    limit: int = 60
    silence_hits: int = 2
    threshold: int = 200
    between_ms: int = 1_500
    terminators: str = ""
    binds: tuple[Bind, ...] = ()


class RecordCall(Action, frozen=True, kw_only=True):
    """Records the whole call from now on, `limit` seconds at most (0: no limit); uploaded with its last request.

    There is no `name`: what FreeSWITCH calls the part is garbage. The file is `<uuid>.wav`.
    """

    limit: int = 0


class Execute(Action, frozen=True, kw_only=True):
    """Runs an application of the dialplan, and waits until it is over."""

    application: str
    data: str = ""


def answer() -> Execute:
    """Answers the call. The tag `<answer>` would end the application there (`AnswerAndLeave`)."""
    return Execute(application="answer")


class Transfer(Action, frozen=True, kw_only=True):
    """`<dial>` with a number: the call goes back into the dialplan, and nothing follows but the end of the call."""

    to: str
    context: str = ""
    dialplan: str = ""
    caller_id_name: str = ""
    caller_id_number: str = ""


class Dial(Action, frozen=True, kw_only=True):
    """`<dial>` with an originate string, which has a slash (`user/1000@pbx.example`): the flow goes on afterwards.

    When nobody answers, the call ends, unless `continue_on_fail` was set.
    """

    string: str
    caller_id_name: str = ""
    caller_id_number: str = ""


class Conference(Action, frozen=True, kw_only=True):
    """Joins a conference until the caller leaves it."""

    room: str
    profile: str = ""
    pin: str = ""
    flags: str = ""


class GetVariable(Action, frozen=True, kw_only=True):
    """Has a channel variable told: once with the next request, or with all of them."""

    name: str
    permanent: bool = False


class Log(Action, frozen=True, kw_only=True):
    """A line in FreeSWITCH's log."""

    text: str
    level: str = "info"
    clean: bool = False


class Sms(Action, frozen=True, kw_only=True):
    """A SIP message to an extension, from the caller's number."""

    to: str
    text: str


class Voicemail(Action, frozen=True, kw_only=True):
    """Leaves a message in the mailbox `id` of `domain`, or hears it (`check`), or only asks for the password."""

    id: str
    domain: str = ""
    profile: str = "default"
    check: bool = False
    auth_only: bool = False


class Continue(Action, frozen=True, kw_only=True):
    """Does nothing, and carries an `action`."""


class Hangup(Action, frozen=True, kw_only=True):
    """Ends the call. `cause` is FreeSWITCH's: an unanswered caller is told what it stands for (USER_BUSY: 486)."""

    cause: str = "NORMAL_CLEARING"


class Break(Action, frozen=True, kw_only=True):
    """Leaves the application; the dialplan goes on behind it."""


class AnswerAndLeave(Action, frozen=True, kw_only=True):
    """`<answer>`: answers and leaves the application; the dialplan goes on behind it. To stay: `answer()`."""

    is_conference: bool = False


class PreAnswerAndLeave(Action, frozen=True, kw_only=True):
    """`<preAnswer>`: early media, and leaves the application."""


class RingReadyAndLeave(Action, frozen=True, kw_only=True):
    """`<ringReady>`: 180 Ringing, and leaves the application."""


LEAVING_APPLICATIONS: Final = frozenset({"deflect", "hangup", "redirect", "respond", "transfer"})
QUICK_APPLICATIONS: Final = frozenset({"answer", "export", "log", "pre_answer", "record_session", "ring_ready", "set"})
_LEAVING: Final = (Hangup, Break, AnswerAndLeave, PreAnswerAndLeave, RingReadyAndLeave, Transfer)
_QUICK: Final = (GetVariable, Log, Sms, Continue, RecordCall)


def leaves(action: Action) -> bool:
    """Whether nothing that stands behind it is ever done."""
    return isinstance(action, _LEAVING) or (isinstance(action, Execute) and action.application in LEAVING_APPLICATIONS)


def takes_time(action: Action) -> bool:
    """Whether the caller notices that it is done; a document without such asks again at once."""
    if isinstance(action, Execute):
        return action.application not in QUICK_APPLICATIONS
    return not isinstance(action, _QUICK)
