"""A call of a FreeSWITCH that is not there: what mod_httapi would ask, and what it would do with the answer. Pure.

It does what mod_httapi of FreeSWITCH 1.11.1 was seen doing, also where that surprises: denied applications end the
call, a denied variable ends the application, `loops=1` plays twice. Recorded exchanges are held against it.
"""

import re
from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import Final, Literal, NamedTuple
from urllib.parse import quote
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import fromstring

from call_control.documents.permissions import Permissions

__all__ = ["Deed", "Pretend", "Recorded", "Wait", "encoded"]

HOSTNAME: Final = "pretend"


class Deed(NamedTuple):
    """What FreeSWITCH does now, in words."""

    text: str


class Wait(NamedTuple):
    """The caller may press keys: send them, "" for none. `binds` are what is waited for."""

    text: str
    binds: tuple[str, ...]


class Recorded(NamedTuple):
    """A file that goes up with the next request."""

    part: str
    filename: str


Performance = Generator[Deed | Wait, str | None, None]
# asks: it will send a request; over: the call is gone; dialplan: the application was left, the dialplan goes on
State = Literal["asks", "over", "dialplan"]


def encoded(parameters: Iterable[tuple[str, str]]) -> str:
    """Parameters as mod_httapi spells them: it leaves `/` as it is and writes a space as %20."""
    return "&".join(f"{name}={quote(value, safe='/')}" for name, value in parameters)


class Pretend:
    """One call. `own` are the parameters of the application in the dialplan, `caller` the caller profile's."""

    def __init__(
        self,
        session: str,
        url: str,
        permissions: Permissions,
        *,
        own: Sequence[tuple[str, str]] = (),
        caller: Sequence[tuple[str, str]] = (),
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self.session = session
        self.url = url
        self.state: State = "asks"
        self.cause = ""
        self.uploads: list[Recorded] = []
        self._url_once = ""
        self._may = permissions
        self._own = list(own)
        self._caller = list(caller)
        self._variables = dict(variables or {})
        self._kept: dict[str, str] = {}  # params and permanent variables: with every request
        self._once: list[tuple[str, str]] = []
        self._whole: Recorded | None = None

    @property
    def asked(self) -> str:
        """The URL of the next request."""
        return self._url_once or self.url

    def request(self) -> list[tuple[str, str]]:
        """The parameters of the next request; after the end, of the last one. What was told once is told."""
        once, self._once = self._once, []
        parameters = [
            ("session_id", self.session),
            *self._own,
            ("url", self.asked),
            ("hostname", HOSTNAME),
            *self._caller,
            *self._kept.items(),
            *once,
        ]
        self._url_once = ""
        if self.state != "asks":
            parameters.append(("exiting", "true"))
            if self._whole is not None:
                self.uploads.append(self._whole)
        return parameters

    def hang_up(self, cause: str = "NORMAL_CLEARING") -> None:
        """The caller hangs up."""
        if self.state != "over":
            self.state, self.cause = "over", cause

    def perform(self, status: int, content_type: str, body: bytes) -> Performance:
        """Does what an answer says; the state tells what follows."""
        root = self._root(status, content_type, body)
        if root is None or not self._sections(root):
            self.state = "dialplan"
            yield Deed("leaves the application: the dialplan goes on")
            return
        work = root.find("work")
        tags = [] if work is None else list(work)
        if not tags:
            self.state = "dialplan"
            yield Deed("has nothing to do, and leaves the application: the dialplan goes on")
            return
        for tag in tags:
            stays = yield from self._tag(tag)
            if not stays and self.state == "asks":
                self.state = "dialplan"
                yield Deed("leaves the application: the dialplan goes on")
            if self.state != "asks":
                return

    def _root(self, status: int, content_type: str, body: bytes) -> Element | None:
        if status != 200 or "text/xml" not in content_type:
            return None
        try:
            root = fromstring(body)
        except (ParseError, ValueError):
            return None
        return root if root.tag == "document" else None

    def _sections(self, root: Element) -> bool:
        """Variables and params; whether it goes on."""
        variables, params = root.find("variables"), root.find("params")
        if variables is not None:
            if not self._may.set_vars:
                return False
            self._variables |= {each.tag: each.text or "" for each in variables if self._may.settable.permits(each.tag)}
        if params is not None and self._may.set_params:
            self._kept |= {each.tag: each.text or "" for each in params}
        return True

    def _tag(self, tag: Element) -> Generator[Deed | Wait, str | None, bool]:
        if tag.get("action"):
            self.url = tag.get("action", "")
        self._url_once = tag.get("temp-action", "")
        name = tag.tag.lower()
        handler = _HANDLERS.get(name)
        if handler is not None:
            return (yield from handler(self, tag))
        yield Deed(f"knows no <{tag.tag}>")
        return False

    # --- tags ---------------------------------------------------------------------------------------------------------

    def _prompt(self, tag: Element) -> Generator[Deed | Wait, str | None, bool]:
        what = tag.get("file") or tag.get("text") or tag.get("id") or (tag.text or "").strip()
        if tag.tag.lower() == "pause":
            what = f"{tag.get('milliseconds', '1000')} ms of silence"
        text = f"{_VERBS.get(tag.tag.lower(), 'plays')} {what}"
        binds = tag.findall("bind")
        speech = bool(tag.get("asr-engine") and tag.get("asr-grammar"))
        if not binds and not speech:
            yield Deed(text)
            return True
        for _ in range(max(int(tag.get("loops", "0")), 0) + 1):
            keys = (yield Wait(text, ("speech",) if speech else tuple(bind.text or "" for bind in binds))) or ""
            if self.state != "asks":
                return True
            if speech and keys:
                self._once += [(tag.get("name", "dialed_digits"), keys), ("input_type", "detected_speech")]
                return True
            for bind in binds:
                if _fits(bind.text or "", keys):
                    self._bound(tag, bind, keys)
                    return True
            if keys:
                break
        if tag.get("error-file"):
            yield Deed(f"plays {tag.get('error-file')}")
            self._once += [(tag.get("name", "dialed_digits"), "invalid"), ("input_type", "invalid")]
        return True

    def _bound(self, tag: Element, bind: Element, keys: str) -> None:
        strip = bind.get("strip", "")
        cut = min((keys.find(each) for each in strip if each in keys), default=len(keys))
        if bind.get("action"):
            self.url = bind.get("action", "")
        self._once += [(tag.get("name", "dialed_digits"), keys[:cut]), ("input_type", "dtmf")]

    def _record(self, tag: Element) -> Generator[Deed | Wait, str | None, bool]:
        if not tag.get("file"):
            return False
        recorded = Recorded(tag.get("name", "attached_file"), f"{self.session}_{tag.get('file')}")
        yield Wait(f"records, {tag.get('limit', 'no')} s at most", ("any key ends it",))
        self.uploads.append(recorded)
        return True

    def _record_call(self, _: Element) -> Generator[Deed | Wait, str | None, bool]:
        yield Deed("records the whole call")
        self._whole = Recorded("document", f"{self.session}.wav")  # the part's name is garbage
        return True

    def _execute(self, tag: Element) -> Generator[Deed | Wait, str | None, bool]:
        application, data = tag.get("application", ""), tag.get("data", tag.text or "")
        if not self._may.execute_apps or not self._may.applications.permits(application):
            return (yield from self._denied(f"may not run {application}"))
        if "$" in data and not self._may.expand_vars:
            return (yield from self._denied("may not expand a variable"))
        if self._may.expand_vars:
            data = re.sub(r"\$\{(\w+)\}", lambda found: self._variables.get(found[1], ""), data)
        yield Deed(f"runs {application} {data}".rstrip())
        if application == "set":
            name, _, value = data.partition("=")
            self._variables[name] = value
        if application == "hangup":
            self.hang_up(data or "NORMAL_CLEARING")
        return True

    def _dial(self, tag: Element) -> Generator[Deed | Wait, str | None, bool]:
        to = (tag.text or "").strip()
        if not self._may.dial:
            return (yield from self._denied("may not dial"))
        if "/" in to and not self._may.dial_full_originate:
            yield Deed(f"may not dial {to}")
            self.hang_up("NO_ROUTE_DESTINATION")
            return False
        if "/" in to:
            yield Deed(f"calls {to}, and comes back when that call is over")
            self._variables.setdefault("originate_disposition", "SUCCESS")
            return True
        yield Deed(f"transfers the call to {to}: the dialplan goes on there")
        self.state, self.cause = "over", "transferred"
        return False

    def _conference(self, tag: Element) -> Generator[Deed | Wait, str | None, bool]:
        if not self._may.conference:
            return (yield from self._denied("may not join a conference"))
        yield Wait(f"joins the conference {(tag.text or '').strip()}", ("any key leaves it",))
        return True

    def _denied(self, text: str) -> Generator[Deed | Wait, str | None, bool]:
        yield Deed(f"{text}: hangs up with DESTINATION_OUT_OF_ORDER")
        self.hang_up("DESTINATION_OUT_OF_ORDER")
        return False

    def _hangup(self, tag: Element) -> Generator[Deed | Wait, str | None, bool]:
        cause = tag.get("cause") or (tag.text or "").strip() or "NORMAL_CLEARING"
        yield Deed(f"hangs up: {cause}")
        self.hang_up(cause)
        return False

    def _get_variable(self, tag: Element) -> Generator[Deed | Wait, str | None, bool]:
        name = tag.get("name", "")
        if not self._may.get_vars or not self._may.gettable.permits(name):
            yield Deed(f"may not tell {name}")
            return False
        yield Deed(f"will tell {name}")
        value = self._variables.get(name, "")
        if tag.get("permanent") == "true":
            self._kept[name] = value
        elif value:
            self._once.append((name, value))
        return True

    def _leave(self, tag: Element) -> Generator[Deed | Wait, str | None, bool]:
        yield Deed(f"does <{tag.tag}>")
        return False

    def _quick(self, tag: Element) -> Generator[Deed | Wait, str | None, bool]:
        yield Deed(f"does <{tag.tag}> {(tag.text or '').strip()}".rstrip())
        return True


_VERBS: Final = {"say": "says", "speak": "speaks", "pause": "waits"}
_HANDLERS: Final = {
    **dict.fromkeys(("playback", "say", "speak", "vmname", "pause"), Pretend._prompt),  # noqa: SLF001 (its own table)
    **dict.fromkeys(("answer", "preanswer", "ringready", "break"), Pretend._leave),  # noqa: SLF001
    **dict.fromkeys(("continue", "log", "sms", "voicemail"), Pretend._quick),  # noqa: SLF001
    "record": Pretend._record,  # noqa: SLF001
    "recordcall": Pretend._record_call,  # noqa: SLF001
    "execute": Pretend._execute,  # noqa: SLF001
    "dial": Pretend._dial,  # noqa: SLF001
    "conference": Pretend._conference,  # noqa: SLF001
    "hangup": Pretend._hangup,  # noqa: SLF001
    "getvariable": Pretend._get_variable,  # noqa: SLF001
}


def _fits(bind: str, keys: str) -> bool:
    if not bind.startswith("~"):
        return keys == bind
    try:
        return re.fullmatch(bind[1:], keys) is not None
    except re.error:
        return False
