"""A written flow on a test's stage: what it says to what is answered."""

from collections.abc import Sequence
from importlib.resources import files
from zoneinfo import ZoneInfo

from call_control.documents.permissions import EVERYTHING, Permissions
from call_control.flows.conversation import Answer, Conversation
from call_control.flows.steps import source
from call_control.flows.turns import Call, Heard, Source, Upload
from call_control.flows.written import loaded

__all__ = ["AT", "Talk", "caller", "shipped"]

AT = 1_795_392_000_000  # 2026-11-23, a Monday, 00:00 UTC


def caller(*, at: int = AT, answered: bool = False, **values: str) -> Call:
    """Somebody who calls 5000."""
    return Call(
        id="c-1", number="1000", name="Erika", destination="5000", at=at, zone=ZoneInfo("UTC"), answered=answered,
        values=values,
    )  # fmt: skip


def shipped(name: str, **values: str) -> Source:
    """A flow of the package."""
    data = files("call_control").joinpath(f"flows/shipped/{name}.yaml").read_bytes()
    found = loaded(data, f"{name}.yaml", values)
    assert found.flow is not None, found.faults
    return source(found.flow)


class Talk:
    """A conversation, a second between two requests."""

    def __init__(self, flow: Source, call: Call | None = None, permissions: Permissions = EVERYTHING) -> None:
        call = call or caller()
        self.conversation = Conversation(flow, call, permissions)
        self._at = call.at
        self.shown: list[str] = []

    def say(self, digits: str = "", *, upload: Upload | None = None, calls: int | None = None, **values: str) -> Answer:
        """The answer to what came."""
        self._at += 1_000
        heard = Heard(at=self._at, digits=digits, upload=upload, calls=calls, values=values)
        answer = self.conversation.next(heard)
        self.shown += [f"{show.group}: {show.text}" for show in answer.shows]
        return answer

    def words(self, digits: str = "", *, upload: Upload | None = None, calls: int | None = None, **values: str) -> str:
        """The same, in words: `answer, playback a.wav, hangup`."""
        actions: Sequence[object] = self.say(digits, upload=upload, calls=calls, **values).document.actions
        return ", ".join(_word(action) for action in actions)


def _word(action: object) -> str:
    name = type(action).__name__.lower()
    for field in ("file", "text", "to", "string", "room", "cause", "id", "milliseconds"):
        value = getattr(action, field, "")
        if value and (field != "file" or name == "playback"):
            return f"{name} {value}"
    application = getattr(action, "application", "")
    return " ".join(part for part in (application or name, getattr(action, "data", "")) if part)
