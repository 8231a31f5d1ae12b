"""One dialog: everything that was sent with one Call-ID, and what a telephone engineer would say of it. Pure.

A dialog begins with a request. For an INVITE its state goes

    trying ──▶ ringing ──▶ answered ──▶ completed
       └──────────┴──▶ busy, cancelled, rejected, failed, diverted

- 401 and 407 are no end: a new request with credentials follows. If none does, the call was rejected.
- A proxy asks several at once (a fork), and their answers carry the same Call-ID. The end is what the one who asked
  first is told: the final answer to each request that came from that address, and a 2xx of anybody.
- A CANCEL decides nothing: a 200 may cross it. The final answer does; if none comes, the call was cancelled.
- An answer may be heard before its request, or without it: agents work beside each other, and datagrams get lost.
- What comes late or by another way (a 180 after the 200) changes nothing backwards.
- A request within a dialog that is up (hold, transfer, keys) changes nothing. BYE ends it, if it names this branch.
- A request that comes soon after the end with the same Call-ID is another try of the same dialog; a call that is
  redirected, a registration that is refreshed. Later it begins afresh.

Other methods end with their final answer; a subscription is up (`answered`) until it ends or expires. Instants are ms:
`at` by whoever captured, `now` by our own clock, by which time limits are measured.
"""

import re
from typing import Final

from lampfield_bus.instants import parse
from lampfield_bus.messages import SipDialog, SipDialogState
from sip_monitor.reference import cause_of_number, codes
from sip_monitor.seen import NOTHING
from sip_monitor.sip import Sip, shared, tag, user

__all__ = [
    "AGAIN_MS",
    "LIMITS",
    "MAX_BRANCHES",
    "NO_ANSWER",
    "NO_BYE",
    "NO_CREDENTIALS",
    "Dialog",
    "begins",
    "verdict",
]

AGAIN_MS: Final = 32_000  # 64 x T1 of RFC 3261: so long a transaction's messages may come late
MAX_BRANCHES: Final = 32  # requests of one dialog that wait for their final answers
LIMITS: Final = {  # ms without a message, by state, after which a live dialog is given up
    "trying": 185_000,  # Timer C of RFC 3261 is over 3 minutes
    "ringing": 600_000,
    "answered": 14_400_000,  # four hours: session timers refresh far more often, where they are on
}
NO_ANSWER: Final = "no answer"
NO_CREDENTIALS: Final = "no credentials came"
NO_BYE: Final = "no BYE was seen"
CANCELLED: Final = "ORIGINATOR_CANCEL"
EXPIRED: Final = "expired"
_NONE: Final[frozenset[str]] = frozenset()

_REASON: Final = re.compile(r"(Q\.850|SIP)\s*;(?:[^,]*;)?\s*cause\s*=\s*(\d{1,3})", re.IGNORECASE)
_EXPIRES: Final = re.compile(r";\s*expires\s*=\s*\"?(\d{1,9})", re.IGNORECASE)


def begins(sip: Sip) -> bool:
    """Whether a message of an unknown Call-ID begins a dialog: a call may be up already when we start to listen."""
    if sip.status:
        return sip.cseq_method == "INVITE"
    return sip.method not in ("ACK", "CANCEL")


def verdict(status: int) -> SipDialogState:
    """The state in which a final answer leaves what was never answered."""
    if status in (486, 600):
        return "busy"
    if status == 487:
        return "cancelled"
    if status < 400:
        return "diverted"
    return "failed" if status in (408, 480) or 500 <= status < 600 else "rejected"


def expires(sip: Sip) -> int | None:
    """For how many seconds a registration or subscription holds; None if it does not say."""
    found = _EXPIRES.search(sip.headers.get("contact", ""))
    text = found[1] if found else sip.headers.get("expires", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


class Dialog:
    """What is known of one Call-ID. The table of dialogs owns it; `hear` and `lapse` are its only ways to change."""

    __slots__ = (
        "answered_at", "call_id", "cancelling", "cause", "cseq", "delay_told", "ended_at", "expires_at", "from_",
        "heard_at", "last_at", "leaving", "messages", "method", "open", "origin", "partner", "reason",
        "retransmissions", "ringing_at", "seen", "settled", "started_at", "state", "status", "switch_call", "to",
    )  # fmt: skip

    def __init__(self, call_id: str, method: str, parties: tuple[str, str], at: int, now: int) -> None:
        self.call_id = call_id
        self.method = method
        self.from_, self.to = parties
        self.state: SipDialogState = "trying"
        self.status: int | None = None
        self.reason: str | None = None
        self.cause: str | None = None
        self.started_at = at
        self.ringing_at: int | None = None
        self.answered_at: int | None = None
        self.ended_at: int | None = None
        self.messages = 0
        self.retransmissions = 0
        self.switch_call: str | None = None
        self.cseq: int | None = None  # of the request whose answer decides; None: the next one's
        self.origin = ""  # the address that sent it
        self.open = _NONE  # its branches that have no final answer yet
        self.settled = ""  # the branch whose final answer ended it
        self.cancelling = False  # whoever asked wants no answer any more
        self.partner = ""  # the tag of the branch that answered
        self.expires_at: int | None = None
        self.delay_told = False  # its post-dial delay, to the summary
        self.leaving = False  # an unsubscription
        self.seen = NOTHING  # messages and when they were captured (`seen`)
        self.heard_at = now
        self.last_at = at

    @classmethod
    def begun(cls, sip: Sip, source: str, target: str, at: int, now: int) -> "Dialog":
        """The dialog that a message begins; `hear` takes that message in."""
        parties = shared(user(sip.from_)), shared(user(sip.to))
        dialog = cls(sip.call_id, sip.method or sip.cseq_method, parties, at, now)
        dialog.cseq = sip.cseq
        dialog.origin = target if sip.status else source
        return dialog

    @classmethod
    def restored(cls, told: SipDialog, now: int) -> "Dialog":
        """The dialog that an earlier run told. Raises ValueError for instants that are none."""
        dialog = cls(told.call_id, told.method, (told.from_, told.to), parse(told.started_at), now)
        dialog.state, dialog.status = told.state, told.status
        dialog.reason, dialog.cause = told.reason, told.cause
        dialog.answered_at = None if told.answered_at is None else parse(told.answered_at)
        dialog.ended_at = None if told.ended_at is None else parse(told.ended_at)
        dialog.messages, dialog.retransmissions = told.messages, told.retransmissions
        dialog.switch_call = told.switch_call
        dialog.delay_told = dialog.state != "trying"
        return dialog

    @property
    def live(self) -> bool:
        """Whether it has not ended."""
        return self.ended_at is None

    @property
    def is_call(self) -> bool:
        """Whether it is a call's leg."""
        return self.method == "INVITE"

    @property
    def setup_ms(self) -> int | None:
        """From the first request to the first 2xx."""
        return None if self.answered_at is None else max(self.answered_at - self.started_at, 0)

    @property
    def post_dial_delay_ms(self) -> int | None:
        """From the first request to ringing, or to the answer of one that never rang."""
        heard = self.answered_at if self.ringing_at is None else self.ringing_at
        return None if heard is None else max(heard - self.started_at, 0)

    def hear(self, sip: Sip, source: str, target: str, at: int, now: int) -> None:
        """Take one more message in, in the order in which they came; not a retransmission."""
        self.heard_at = now
        self.last_at = at
        if sip.status:
            if sip.cseq_method == self.method:
                self._answer(sip, target, at)
        elif sip.method == self.method:
            self._request(sip, source)
        elif sip.method == "BYE":
            self._bye(sip, at)
        elif sip.method == "CANCEL":
            self._cancel(sip, source)
        elif sip.method == "NOTIFY" and self.method in ("SUBSCRIBE", "REFER"):
            self._notified(sip, at)

    def lapse(self, now: int) -> bool:
        """Whether it has been silent for too long, and so has ended now."""
        if not self.live:
            return False
        silent = now - self.heard_at
        state: SipDialogState
        if self.expires_at is not None and self.state == "answered":
            patience, state, reason = self.expires_at - self.heard_at, "completed", EXPIRED
        elif self.state == "answered":
            patience, state, reason = LIMITS["answered"], "completed", NO_BYE
        elif self.cancelling:
            patience, state, reason = AGAIN_MS, "cancelled", NO_ANSWER  # RFC 3261, 9.1
        elif self.state == "trying" and self.status in (401, 407):
            patience, state, reason = AGAIN_MS, "rejected", NO_CREDENTIALS
        elif self.state == "trying" and (self.status is None or self.method != "INVITE"):
            patience, state, reason = AGAIN_MS, "failed", NO_ANSWER
        else:
            patience, state, reason = LIMITS[self.state], "failed", NO_ANSWER
        if silent < patience:
            return False
        if self.cancelling:
            self.cause = CANCELLED
        self._end(state, self.last_at + silent, reason)
        return True

    # --- requests -----------------------------------------------------------------------------------------------------

    def _request(self, sip: Sip, source: str) -> None:
        """Another request of the kind that began it."""
        within = bool(tag(sip.to))
        if self.method == "SUBSCRIBE":
            self.leaving = expires(sip) == 0
        if within and self.method == "INVITE":
            if self.state in ("trying", "ringing") and self.messages <= 1:
                self.state = "answered"  # the call is up, and we came later
            return
        if self.cseq is None:
            self.cseq = sip.cseq
        if sip.cseq < self.cseq or self._was_answered(sip):
            return
        if self.ended_at is not None:
            self._again(sip, source)
        elif sip.cseq > self.cseq:
            self._asked_anew(sip.cseq)
            if self.state == "trying":
                self.origin = source
        if source == self.origin and len(self.open) < MAX_BRANCHES:
            self.open |= {sip.branch}
            self.cancelling = False

    def _was_answered(self, sip: Sip) -> bool:
        """Whether the final answer to it, which ended the dialog, was heard before it."""
        return self.ended_at is not None and sip.cseq == self.cseq and sip.branch == self.settled

    def _asked_anew(self, cseq: int) -> None:
        self.cseq = cseq
        self.open = _NONE
        self.cancelling = False

    def _again(self, sip: Sip, source: str) -> None:
        """Another try, soon after the last one ended."""
        self.state = "trying"
        self.status = self.reason = self.cause = None
        self.ended_at = self.expires_at = None
        self._asked_anew(sip.cseq)
        self.origin = source

    def _cancel(self, sip: Sip, source: str) -> None:
        ours = sip.cseq == (self.cseq or sip.cseq) and source == (self.origin or source)
        if ours and self.method == "INVITE" and self.state in ("trying", "ringing"):
            self.cancelling = True

    def _bye(self, sip: Sip, at: int) -> None:
        if self.method != "INVITE" or not self.live:
            return
        if self.partner and self.partner not in (tag(sip.to), tag(sip.from_)):
            return  # of another branch of a fork, which is not wanted any more
        answered = self.state == "answered"
        self.cause = _reason(sip) or ("NORMAL_CLEARING" if answered else CANCELLED)
        self._end("completed" if answered else "cancelled", at)

    def _notified(self, sip: Sip, at: int) -> None:
        if self.live and sip.headers.get("subscription-state", "").lower().startswith("terminated"):
            self._end("completed", at)

    # --- answers ------------------------------------------------------------------------------------------------------

    def _answer(self, sip: Sip, target: str, at: int) -> None:
        """An answer to a request of the kind that began it."""
        if self.state == "completed" or (self.state == "answered" and self.method == "INVITE"):
            return
        if self.cseq is None or (sip.cseq > self.cseq and self.state in ("trying", "ringing")):
            self._asked_anew(sip.cseq)
        if sip.cseq != self.cseq:
            return
        if sip.status < 200:
            self._provisional(sip, at)
        elif sip.status < 300:
            self._success(sip, at)
        elif self.live:
            self._refusal(sip, target, at)

    def _provisional(self, sip: Sip, at: int) -> None:
        if not self.live:
            return
        if self.state == "trying":
            self.status, self.reason = sip.status, sip.reason
        if sip.status > 100 and self.method == "INVITE" and sip.status != 199:
            self.state = "ringing"
            self.status, self.reason = sip.status, sip.reason
            if self.ringing_at is None:
                self.ringing_at = at

    def _success(self, sip: Sip, at: int) -> None:
        """Goes before a refusal that another branch had."""
        self.status, self.reason = sip.status, sip.reason
        self.ended_at = self.cause = None
        if self.answered_at is None:
            self.answered_at = at
        self.partner = tag(sip.to)
        self.open = _NONE
        self.cancelling = False
        self.state = "answered"
        if self.method == "INVITE":
            return
        self.settled = sip.branch
        if self.method == "SUBSCRIBE" and not self.leaving:
            seconds = expires(sip)
            self.expires_at = None if seconds is None else self.heard_at + seconds * 1000 + AGAIN_MS
            return
        self._end("completed", at)

    def _refusal(self, sip: Sip, target: str, at: int) -> None:
        if sip.branch in self.open:  # also where it goes to another port than it came from: RFC 3261, 18.2.2
            self.open -= {sip.branch}
        elif self.open and target != self.origin:
            return  # a branch further down: whoever asked has not been told
        elif len(self.open) == 1:  # whoever asked is told, if by a wrong branch: there is but one that it can be for
            self.open = _NONE
        if self.status is None or self.status < 600:
            self.status, self.reason = sip.status, sip.reason
        if self.open or sip.status in (401, 407):
            return
        self.settled = sip.branch
        reason = _reason(sip)
        self.cause = reason if reason not in (None, "NORMAL_CLEARING") else _cause(self.status)
        self._end(verdict(self.status), at)

    def _end(self, state: SipDialogState, at: int, reason: str | None = None) -> None:
        self.state = state
        self.ended_at = max(at, self.started_at)
        self.open = _NONE
        self.cancelling = False
        if reason is not None:
            self.reason = reason
            self.cause = self.cause or (None if self.status is None else _cause(self.status))


def _reason(sip: Sip) -> str | None:
    """FreeSWITCH's cause from a Reason header: `Q.850;cause=16;text="NORMAL_CLEARING"`."""
    found = _REASON.search(sip.headers.get("reason", ""))
    if found is None:
        return None
    number = int(found[2])
    if found[1].upper() == "SIP" and number < 700:
        return _cause(number)
    return cause_of_number(number)


def _cause(status: int) -> str | None:
    known = codes().get(status)
    return known.cause or None if known else None
