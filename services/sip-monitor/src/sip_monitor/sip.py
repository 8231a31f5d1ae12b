"""One SIP message, as far as following its dialog takes; the rest stays text. Pure.

A monitor shows what is wrong on the wire, so it reads tolerantly: folded and compact headers, bare line feeds, spaces
before a colon, addresses that no grammar allows. It insists on what makes a message one of a dialog: a first line, a
Call-ID and a CSeq. Everything takes time linear in the message's length. Source: RFC 3261, sections 7, 8.1 and 20;
compact forms from the IANA registry.
"""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from msgspec import Struct

__all__ = [
    "MAX_CALL_ID",
    "MAX_LINES",
    "MAX_PIECES",
    "MAX_WORD",
    "Sip",
    "is_keepalive",
    "parse",
    "pieces",
    "shared",
    "tag",
    "uri_of",
    "user",
]

MAX_LINES: Final = 1_024  # of a head
MAX_CALL_ID: Final = 255  # characters; it becomes a topic level
MAX_PIECES: Final = 64  # messages that came as one
MAX_WORD: Final = 255  # characters of an address, a tag, a branch, a reason; ten thousand dialogs hold theirs
SHARED: Final = 4_096  # texts that dialogs have in common, the last ones

_REQUEST: Final = re.compile(r"([A-Za-z0-9.!%*_+`'~-]{1,32}) +(\S+) +SIP/2\.0")
_STATUS: Final = re.compile(r"SIP/2\.0 +([1-6]\d\d)(?: +(.*))?")
_CSEQ: Final = re.compile(r"(\d{1,10})\s+([A-Za-z0-9.!%*_+`'~-]{1,32})")
_FOLD: Final = re.compile(r"\r?\n[ \t]+")
_BRANCH: Final = re.compile(r";\s*branch\s*=\s*([^;,\s]+)", re.IGNORECASE)
_TAG: Final = re.compile(r";\s*tag\s*=\s*([^;,\s]+)", re.IGNORECASE)
_BRACKETS: Final = re.compile(r'(?:"(?:[^"\\]|\\.)*")?[^<"]*<([^>]*)>')  # a display name may hold a <
_LENGTH: Final = re.compile(rb"^(?:content-length|l)[ \t]*:[ \t]*(\d{1,6})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_QUIET: Final = b"\r\n\t \0"
_WANTED: Final = {
    name: known
    for known, *names in (
        ("call-id", "i"), ("cseq",), ("via", "v"), ("from", "f"), ("to", "t"), ("contact", "m"), ("expires",),
        ("subscription-state",), ("event", "o"), ("reason",), ("content-type", "c"),
    )
    for name in (known, *names)
}  # fmt: skip


class Sip(Struct, frozen=True, gc=False):
    """One message. Of a request `status` is 0, of a response `method` is empty; `cseq_method` both have.

    `head` is its text up to the empty line, `content` what follows. Headers that are not there are empty.
    """

    first_line: str
    method: str
    status: int
    reason: str
    call_id: str
    cseq: int
    cseq_method: str
    branch: str
    head: str
    content: bytes
    headers: dict[str, str]

    @property
    def from_(self) -> str:
        """The From header."""
        return self.headers.get("from", "")

    @property
    def to(self) -> str:
        """The To header."""
        return self.headers.get("to", "")


def is_keepalive(payload: bytes) -> bool:
    """Whether this keeps a connection or a NAT's hole open, and is no message: RFC 5626, and single zero bytes."""
    return not payload.strip(_QUIET)


def parse(payload: bytes) -> Sip:
    """The message. Raises ValueError for what is none, or one of no dialog."""
    end, begin = _head_s_end(payload, len(payload) - len(payload.lstrip(_QUIET)))
    content = payload[begin:]
    text = payload[:end].decode("utf-8", "replace").strip("\r\n\t \0")
    first, *lines = _lines(text)
    method, status, reason = _first(first)
    headers = _headers(lines)
    call_id = headers.get("call-id", "")
    if not call_id or len(call_id) > MAX_CALL_ID:
        raise ValueError(f"sip: Call-ID of {len(call_id)} characters; allowed: 1 to {MAX_CALL_ID}")
    cseq = _CSEQ.fullmatch(headers.get("cseq", ""))
    if cseq is None:
        raise ValueError(f"sip: CSeq {headers.get('cseq', '')[:40]!r}; allowed: a number and a method")
    branch = _BRANCH.search(headers.get("via", ""))
    return Sip(
        first_line=first,
        method=method,
        status=status,
        reason=reason,
        call_id=call_id,
        cseq=int(cseq[1]),
        cseq_method=cseq[2].upper(),
        branch="" if branch is None else branch[1][:MAX_WORD],
        head=text,
        content=content,
        headers=headers,
    )


def _head_s_end(payload: bytes, start: int = 0) -> tuple[int, int]:
    """Where a head ends by an empty line, and where what follows begins; both at the end of one that does not end.

    Looked for by `find`: a fifth of the time that a regular expression for both kinds of line ends takes.
    """
    strict, loose = payload.find(b"\n\r\n", start), payload.find(b"\n\n", start)
    if strict < 0 and loose < 0:
        return len(payload), len(payload)
    end, width = (strict, 3) if loose < 0 or 0 <= strict < loose else (loose, 2)
    before = end - 1 if end > start and payload[end - 1] == 13 else end
    return before, end + width


def _lines(text: str) -> list[str]:
    lines = text.split("\n", MAX_LINES)
    if len(lines) > MAX_LINES:
        raise ValueError(f"sip: more than {MAX_LINES} lines before the empty one")
    if "\n " in text or "\n\t" in text:
        lines = _FOLD.sub(" ", text).split("\n")
    return [line.rstrip("\r") for line in lines]


def _first(line: str) -> tuple[str, int, str]:
    if match := _STATUS.fullmatch(line):
        return "", int(match[1]), shared((match[2] or "").strip()[:MAX_WORD])
    if match := _REQUEST.fullmatch(line):
        return match[1].upper(), 0, ""
    raise ValueError(f"sip: begins with {line[:40]!r}, which is neither a request nor a response")


def _headers(lines: list[str]) -> dict[str, str]:
    """The headers that are wanted, by their long names in lower case; of several the first."""
    found: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        known = _WANTED.get(name.rstrip().lower())
        if known is not None and known not in found:
            found[known] = value.strip()
    return found


def pieces(payload: bytes) -> list[bytes]:
    """The messages of a stream's segment: senders may put several into one packet. The last may be cut off."""
    found: list[bytes] = []
    while len(found) < MAX_PIECES and not is_keepalive(payload):
        payload = payload.lstrip(_QUIET)
        end, begin = _head_s_end(payload)
        length = _LENGTH.search(payload, 0, end)
        if begin == end or length is None or not payload[begin + int(length[1]) :].lstrip(_QUIET):
            break
        cut = begin + int(length[1])
        found.append(payload[:cut])
        payload = payload[cut:]
    return [*found, payload] if not is_keepalive(payload) else found


@lru_cache(maxsize=SHARED)
def shared(text: str) -> str:
    """The same text, and the same object for all who hold it: thousands of dialogs have few numbers and phrases."""
    return text


def tag(value: str) -> str:
    """The tag of a From or To header; empty for none."""
    found = _TAG.search(value, value.rfind(">") + 1)
    return "" if found is None else found[1][:MAX_WORD]


def uri_of(value: str) -> str:
    """The URI of a From, To or Contact header, or of what should be one."""
    found = _BRACKETS.match(value.strip())
    return (found[1] if found else value.partition(";")[0]).strip()[:MAX_WORD]


def user(value: str) -> str:
    """Who is meant by a From, To or Contact header, or by a URI: its user part, a number, or else the host."""
    scheme, colon, rest = uri_of(value).partition(":")
    if not colon or scheme.lower() not in ("sip", "sips", "tel", "im", "pres"):
        return uri_of(value)
    name, found, host = rest.rpartition("@")
    if not found:
        return unquote(host.partition(";")[0])
    return unquote(name.partition(";")[0].partition(":")[0]) or host
