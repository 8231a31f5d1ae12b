"""The last hour at a glance, in sixty buckets of a minute. Pure."""

from statistics import median
from typing import Final

from lampfield_bus.instants import rfc3339
from lampfield_bus.messages import SipSummary
from sip_monitor.dialog import Dialog, expires
from sip_monitor.sip import Sip, uri_of

__all__ = ["DELAY_BOUND", "MINUTES", "REGISTRATION_BOUND", "Summary"]

MINUTES: Final = 60
DELAY_BOUND: Final = 512  # post-dial delays that the median is of, the last ones
REGISTRATION_BOUND: Final = 20_000
_MINUTE: Final = 60_000


class _Minute:
    __slots__ = ("answered", "begun", "by_status", "delays", "ended", "number")

    def __init__(self, number: int) -> None:
        self.number = number
        self.begun = 0
        self.ended = 0
        self.answered = 0
        self.by_status: dict[str, int] = {}
        self.delays: list[int] = []


class Summary:
    """Counts what began and what ended, by our own clock."""

    def __init__(self) -> None:
        self._minutes: dict[int, _Minute] = {}
        self._registered: dict[str, int] = {}  # address of record → until when

    def began(self, dialog: Dialog, now: int) -> None:
        """A dialog began."""
        self._minute(now).begun += dialog.is_call

    def ended(self, dialog: Dialog, now: int) -> None:
        """A dialog ended. A redirection is neither an answer nor a failure."""
        minute = self._minute(now)
        status = "none" if dialog.status is None else str(dialog.status)
        minute.by_status[status] = minute.by_status.get(status, 0) + 1
        if dialog.is_call and dialog.state != "diverted":
            minute.ended += 1
            minute.answered += dialog.answered_at is not None

    def rang(self, dialog: Dialog, now: int) -> None:
        """A call rang for the first time, or was answered without."""
        delay, minute = dialog.post_dial_delay_ms, self._minute(now)
        if delay is not None and len(minute.delays) < DELAY_BOUND:
            minute.delays.append(delay)

    def registered(self, answer: Sip, now: int) -> None:
        """A registrar said yes."""
        who = uri_of(answer.to).partition(";")[0].lower()
        seconds = expires(answer) or 0
        self._registered.pop(who, None)
        if seconds > 0:
            if len(self._registered) >= REGISTRATION_BOUND:
                del self._registered[next(iter(self._registered))]
            self._registered[who] = now + seconds * 1000

    def shift(self, by: int) -> None:
        """Our clock was set by `by` ms."""
        self._minutes = {number + by // _MINUTE: minute for number, minute in self._minutes.items()}
        self._registered = {who: until + by for who, until in self._registered.items()}

    def message(self, live: int, now: int) -> SipSummary:
        """The summary of this moment; `live` calls."""
        self._minute(now)
        minutes = self._minutes.values()
        full = self._minutes.get(now // _MINUTE - 1)
        ended = sum(minute.ended for minute in minutes)
        delays = [delay for minute in minutes for delay in minute.delays][-DELAY_BOUND:]
        by_status: dict[str, int] = {}
        for minute in minutes:
            for status, count in minute.by_status.items():
                by_status[status] = by_status.get(status, 0) + count
        self._registered = {who: until for who, until in self._registered.items() if until > now}
        return SipSummary(
            at=rfc3339(now),
            live=live,
            per_minute=full.begun if full else 0,
            by_status=dict(sorted(by_status.items())),
            registrations=len(self._registered),
            answer_ratio=round(sum(minute.answered for minute in minutes) / ended, 3) if ended else None,
            post_dial_delay_ms=round(median(delays)) if delays else None,
        )

    def _minute(self, now: int) -> _Minute:
        number = now // _MINUTE
        if number not in self._minutes:
            self._minutes = {key: minute for key, minute in self._minutes.items() if number - MINUTES < key <= number}
            self._minutes[number] = _Minute(number)
        return self._minutes[number]
