"""What never leaves, and what may be hidden: credentials, contents, numbers. Pure.

Credentials always go: digests and other answers to a challenge, passwords in URIs, tokens, and the keys that an SDP
carries. They are taken out line by line, of heads and of contents alike, so what a NOTIFY or a MESSAGE quotes of
another message is no way out. `Keeping` says which contents stay: keys that were pressed (INFO) and texts (MESSAGE) are
nobody's business, unless somebody asks for all of it.
"""

import re
from typing import Final, Literal

from lampfield_bus.masking import mask
from sip_monitor.sip import Sip

__all__ = ["MAX_TEXT", "REMOVED", "Keeping", "text", "without_credentials"]

Keeping = Literal["none", "sdp", "all"]

MAX_TEXT: Final = 16_384  # characters of a message that are kept
REMOVED: Final = "(removed)"
_CUT: Final = "\r\n(cut)"

# A header's line with those that it is folded into; `[ \t]` and not `\s`, which would run over line ends.
_SECRET: Final = re.compile(
    r"^([ \t]*(?:proxy-authorization|authorization|authentication-info|proxy-authentication-info"
    r"|[\w-]{0,64}(?:token|password|passwd|secret|api-?key)[\w-]{0,64})[ \t]*:)[^\r\n]*(?:\r?\n[ \t]+[^\r\n]*)*",
    re.IGNORECASE | re.MULTILINE,
)
_KEY: Final = re.compile(
    r"^(k=|a=crypto:\d+[ \t]+\S+[ \t]+|a=ice-pwd:|a=key-mgmt:)[^\r\n]*", re.IGNORECASE | re.MULTILINE
)
_URI_PASSWORD: Final = re.compile(r"(sips?:[^\s:@<>\"/;?]{1,255}):[^\s@<>\"]{1,255}@", re.IGNORECASE)
_URI_PASSWORD_LOWER: Final = re.compile(r"sips?:[^\s:@<>\"/;?]{1,255}:[^\s@<>\"]{1,255}@")
_QUOTED_SECRET: Final = re.compile(r"\b(response|cnonce|rspauth|auts)(\s*=\s*)(\"[^\"]*\"|[^\s,;]+)", re.IGNORECASE)
_SECRET_WORDS: Final = ("authoriz", "authentication-info", "token", "passw", "secret", "apikey", "api-key")
_KEY_WORDS: Final = ("k=", "crypto", "ice-pwd", "key-mgmt")
_ANSWER_WORDS: Final = ("response", "cnonce", "rspauth", "auts")

# Lines in which long numbers are no telephone's: what routes and orders messages, and what an SDP says of media.
_TECHNICAL: Final = re.compile(
    r"(?:via|v|call-id|i|cseq|max-forwards|content-length|l|content-type|c|expires|session-expires|x|min-se|timestamp|date"
    r"|allow|supported|k)[ \t]*:|[mcatbv]=",
    re.IGNORECASE,
)
_SDP: Final = "application/sdp"
_FRAGMENT: Final = "message/sipfrag"  # how a transfer went: a status line


def without_credentials(whole: str) -> str:
    """The text without anything that lets somebody in, or listen."""
    lower = whole.lower()  # looking for a word is ten times cheaper than an expression that would find nothing
    if _any_of(_SECRET_WORDS, lower):
        whole = _SECRET.sub(rf"\1 {REMOVED}", whole)
    if _any_of(_KEY_WORDS, lower):
        whole = _KEY.sub(rf"\1{REMOVED}", whole)
    if _any_of(_ANSWER_WORDS, lower):
        whole = _QUOTED_SECRET.sub(rf"\1\2{REMOVED}", whole)
    if _URI_PASSWORD_LOWER.search(lower):
        whole = _URI_PASSWORD.sub(rf"\1:{REMOVED}@", whole)
    return whole


def _any_of(words: tuple[str, ...], lower: str) -> bool:
    for word in words:  # noqa: SIM110 (any() of a generator takes twice as long, and this is asked of every message)
        if word in lower:
            return True
    return False


def _mask_lines(whole: str) -> str:
    return "\n".join(line if _TECHNICAL.match(line) else mask(line) for line in whole.split("\n"))


def text(sip: Sip, keeping: Keeping, *, hide_numbers: bool) -> str:
    """A message as it may be shown."""
    whole = f"{sip.head}\r\n\r\n{_content(sip, keeping)}"
    if len(whole) > MAX_TEXT:
        whole = whole[:MAX_TEXT]
        whole = whole[: whole.rfind("\n") + 1].rstrip("\r\n") + _CUT
    whole = without_credentials(whole)
    return _mask_lines(whole) if hide_numbers else whole


def _content(sip: Sip, keeping: Keeping) -> str:
    if not sip.content.strip():
        return ""
    kind = sip.headers.get("content-type", "").partition(";")[0].strip().lower()
    if keeping == "all" or (keeping == "sdp" and kind in (_SDP, _FRAGMENT)):
        return sip.content.decode("utf-8", "replace")
    return f"({kind or 'unknown content'}, {len(sip.content)} bytes)"
