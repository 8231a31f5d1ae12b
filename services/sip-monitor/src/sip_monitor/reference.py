"""What SIP's words mean: its methods and response codes, and FreeSWITCH's hangup causes both ways. Pure.

Sources: IANA's registry of SIP parameters (14 methods, 75 codes), the RFCs named in it, RFC 3261's own words on each
code; causes from FreeSWITCH 1.11.1: switch_cause_t of switch_types.h, hangup_cause_to_sip() and sip_to_hangup_cause in
mod_sofia.
"""

import csv
from functools import cache
from importlib import resources
from typing import Final, Literal

from msgspec import Struct

__all__ = ["Cause", "Code", "Method", "StatusClass", "cause_of_number", "causes", "class_of", "codes", "methods"]

StatusClass = Literal["provisional", "success", "redirection", "client failure", "server failure", "global failure"]
_CLASSES: Final[tuple[StatusClass, ...]] = (
    "provisional",
    "success",
    "redirection",
    "client failure",
    "server failure",
    "global failure",
)


class Method(Struct, frozen=True):
    """One request method."""

    name: str
    rfc: str
    meaning: str


class Code(Struct, frozen=True):
    """One response code. `cause` and `number`: what FreeSWITCH takes it for; `check`: what to look at; may be empty."""

    code: int
    reason: str
    rfc: str
    meaning: str
    check: str
    cause: str
    number: int

    @property
    def status_class(self) -> StatusClass:
        """What kind of answer it is."""
        return class_of(self.code)


class Cause(Struct, frozen=True):
    """One hangup cause of FreeSWITCH. `sends`: what it answers a caller with; `listed`: not for want of a better."""

    name: str
    number: int
    sends: int
    listed: bool
    taken_from: tuple[int, ...]


def class_of(status: int) -> StatusClass:
    """The class of a status, 100 to 699. Raises ValueError for another."""
    if not 100 <= status <= 699:
        raise ValueError(f"status: {status} is none; allowed: 100 to 699")
    return _CLASSES[status // 100 - 1]


@cache
def methods() -> dict[str, Method]:
    """The methods by name."""
    return {row["method"]: Method(row["method"], row["rfc"], row["meaning"]) for row in _rows("methods.tsv")}


@cache
def codes() -> dict[int, Code]:
    """The response codes by number."""
    return {
        int(row["code"]): Code(
            code=int(row["code"]),
            reason=row["reason"],
            rfc=row["rfc"],
            meaning=row["meaning"],
            check=row["check"],
            cause=row["cause"],
            number=int(row["number"] or 0),
        )
        for row in _rows("codes.tsv")
    }


@cache
def causes() -> dict[str, Cause]:
    """The hangup causes by name."""
    return {
        row["cause"]: Cause(
            name=row["cause"],
            number=int(row["number"]),
            sends=int(row["sends"]),
            listed=row["listed"] == "yes",
            taken_from=tuple(int(code) for code in row["taken_from"].split(",") if code),
        )
        for row in _rows("causes.tsv")
    }


@cache
def cause_of_number(number: int) -> str | None:
    """The cause of a Q.850 number, or of one that FreeSWITCH made up; None for one that it does not know."""
    return next((cause.name for cause in causes().values() if cause.number == number), None)


def _rows(name: str) -> list[dict[str, str]]:
    text = (resources.files("sip_monitor") / "tables" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))
