"""`sip-monitor explain 488`: what a code, a method or a cause means, and what to look at. Pure."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

from sip_monitor.reference import Cause, Code, causes, codes, methods

__all__ = ["explain"]

_NUMBER: Final = re.compile(r"(?:(sip|q\.?850)[\s:;=]*)?(?:cause=)?(\d{1,3})", re.IGNORECASE)


def explain(word: str) -> list[str]:
    """The lines about `488`, `REFER`, `USER_BUSY`, `Q.850 17`. Raises ValueError for what nobody knows."""
    text = word.strip()
    if found := _NUMBER.fullmatch(text):
        return _number(int(found[2]), is_cause=(found[1] or "").lower().startswith("q"))
    name = re.sub(r"[\s-]+", "_", text.upper())
    if name in methods():
        method = methods()[name]
        return [f"{method.name}: {method.meaning}", f"defined in {method.rfc}"]
    if name in causes():
        return list(_cause(causes()[name]))
    by_phrase = [code for code in codes().values() if code.reason.lower() == text.lower()]
    if by_phrase:
        return list(_code(by_phrase[0]))
    near = get_close_matches(name, [*methods(), *causes()], 3)
    hint = f"; did you mean {', '.join(near)}?" if near else "; known: response codes, methods, hangup causes"
    raise ValueError(f"{text!r} is not known{hint}")


def _number(number: int, *, is_cause: bool) -> list[str]:
    named = next((cause for cause in causes().values() if cause.number == number), None)
    if not is_cause and number in codes():
        lines = list(_code(codes()[number]))
        return lines if named is None else [*lines, f"as a number of FreeSWITCH's causes it is {named.name}"]
    if named is not None:
        return list(_cause(named))
    if 100 <= number <= 699 and not is_cause:
        return [f"{number} is in no registry; it counts as {number // 100}00 (RFC 3261, 8.1.3.2)"]
    raise ValueError(f"{number} is neither a response code nor the number of a hangup cause")


def _code(code: Code) -> Iterator[str]:
    yield f"{code.code} {code.reason} ({code.status_class}, {code.rfc})"
    yield f"means   {code.meaning}"
    if code.check:
        yield f"check   {code.check}"
    if code.cause:
        yield f"cause   FreeSWITCH takes it for {code.cause} ({code.number})"
    sent = sorted(cause.name for cause in causes().values() if cause.listed and cause.sends == code.code)
    if sent:
        yield f"sent    by FreeSWITCH for {', '.join(sent)}"
    if code.code == 480:
        yield "sent    by FreeSWITCH also for every cause that has no code of its own"


def _cause(cause: Cause) -> Iterator[str]:
    kind = "Q.850" if cause.number < 128 else "FreeSWITCH's own"
    yield f"{cause.name} ({cause.number}, {kind})"
    sends = codes()[cause.sends]
    yield f"sent    as {sends.code} {sends.reason}{'' if cause.listed else ', for want of a code of its own'}"
    for status in cause.taken_from:
        known = codes().get(status)
        yield f"comes   from {status} {known.reason if known else ''}".rstrip()
    if (code := codes()[cause.sends]).check:
        yield f"check   {code.check}"
