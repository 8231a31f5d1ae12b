"""All dialogs that are known, and the room that they have. Pure.

Three rooms: what is being set up, what is up or rings, what has ended. When there are too many, the oldest that ended
goes first, then the oldest that nobody has answered: a flood of new Call-IDs costs no call that is up. Of those that
ended the last ENDED_BOUND stay; of them at most OTHERS_BOUND are no calls while calls wait for the room, or telephones
that register would push out what people look for.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from sip_monitor import seen
from sip_monitor.dialog import AGAIN_MS, Dialog, begins
from sip_monitor.sip import Sip

__all__ = ["DIALOG_BOUND", "DUPLICATE_MS", "ENDED_BOUND", "OTHERS_BOUND", "Dialogs", "Heard"]

DIALOG_BOUND: Final = 10_000  # in all rooms together
ENDED_BOUND: Final = 100
OTHERS_BOUND: Final = 25
DUPLICATE_MS: Final = 100  # two agents that capture the same message; nobody retransmits so soon (T1 is 500 ms)


class Heard(NamedTuple):
    """What a message was part of. `fresh`: its dialog was not known. `began`/`ended`: what became of that by it."""

    dialog: Dialog
    fresh: bool
    retransmission: bool
    began: bool
    ended: bool


class Dialogs:
    """The dialogs by Call-ID. `dropped` counts those that had to go, `gone` names them until it is emptied."""

    def __init__(self, *, bound: int = DIALOG_BOUND, ended_bound: int = ENDED_BOUND) -> None:
        self._bound = bound
        self._ended_bound = ended_bound
        self._setting_up: dict[str, Dialog] = {}
        self._up: dict[str, Dialog] = {}
        self._ended: dict[str, Dialog] = {}  # in the order in which they ended
        self._calls_ended = 0
        self.gone: list[str] = []
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._setting_up) + len(self._up) + len(self._ended)

    def __contains__(self, call_id: str) -> bool:
        return self.get(call_id) is not None

    def __iter__(self) -> Iterator[Dialog]:
        yield from self._ended.values()
        yield from self._setting_up.values()
        yield from self._up.values()

    @property
    def live(self) -> Iterator[Dialog]:
        """Those that have not ended."""
        yield from self._setting_up.values()
        yield from self._up.values()

    @property
    def live_calls(self) -> int:
        """How many calls' legs live."""
        return sum(dialog.is_call for dialog in self.live)

    def get(self, call_id: str) -> Dialog | None:
        """The dialog of this Call-ID."""
        return self._setting_up.get(call_id) or self._up.get(call_id) or self._ended.get(call_id)

    def add(self, dialog: Dialog) -> None:
        """One that an earlier run of the monitor knew, if it is not known."""
        if dialog.call_id not in self:
            self._make_room()
            self._settle(dialog)

    def hear(self, sip: Sip, source: str, target: str, at: int, now: int) -> Heard | None:
        """Take a message in; None for one of no dialog, and for what a second agent captured as well."""
        dialog = self.get(sip.call_id)
        if dialog is not None and not dialog.live and self._is_afresh(dialog, sip, now):
            self._take_out(dialog)
            self.gone.append(dialog.call_id)
            dialog = None
        fresh = dialog is None
        if dialog is None:
            if not begins(sip):
                return None
            self._make_room()
            dialog = Dialog.begun(sip, source, target, at, now)
        same = (sip.first_line, sip.cseq, sip.cseq_method, sip.branch, source, target, sip.headers.get("to"))
        before = seen.when(dialog.seen, same, dialog.started_at)
        if before is not None and abs(at - before) < DUPLICATE_MS:
            return None
        dialog.seen = seen.noted(dialog.seen, same, dialog.started_at, at)
        dialog.messages += 1
        if before is not None:
            dialog.retransmissions += 1
            dialog.heard_at = now
            return Heard(dialog, fresh=False, retransmission=True, began=False, ended=False)
        was_live, room = dialog.live and not fresh, self._room(dialog)
        dialog.hear(sip, source, target, at, now)
        if fresh or room is not self._room(dialog):
            room.pop(dialog.call_id, None)
            self._calls_ended -= room is self._ended and not fresh and dialog.is_call
            self._settle(dialog)
        return Heard(
            dialog,
            fresh=fresh,
            retransmission=False,
            began=fresh or (dialog.live and not was_live),
            ended=not dialog.live and (was_live or fresh),
        )

    def lapse(self, now: int) -> list[Dialog]:
        """Those that have been silent for too long: they have ended."""
        lapsed = []
        for room in (self._setting_up, self._up):
            silent = [dialog for dialog in room.values() if dialog.lapse(now)]
            for dialog in silent:
                del room[dialog.call_id]
                self._settle(dialog)
            lapsed += silent
        return lapsed

    @staticmethod
    def _is_afresh(dialog: Dialog, sip: Sip, now: int) -> bool:
        return sip.method == dialog.method and now - dialog.heard_at >= AGAIN_MS

    def _room(self, dialog: Dialog) -> dict[str, Dialog]:
        """Where it belongs."""
        if not dialog.live:
            return self._ended
        return self._setting_up if dialog.state == "trying" else self._up

    def _take_out(self, dialog: Dialog) -> None:
        room = self._room(dialog)
        del room[dialog.call_id]
        self._calls_ended -= room is self._ended and dialog.is_call

    def _settle(self, dialog: Dialog) -> None:
        room = self._room(dialog)
        room[dialog.call_id] = dialog
        self._calls_ended += room is self._ended and dialog.is_call
        while len(self._ended) > self._ended_bound:
            self._forget_one()

    def _forget_one(self) -> None:
        """The oldest that ended; one that is no call if there are many of those."""
        oldest = next(iter(self._ended.values()))
        if self._calls_ended < len(self._ended) - OTHERS_BOUND:
            oldest = next(dialog for dialog in self._ended.values() if not dialog.is_call)
        self._take_out(oldest)
        self.gone.append(oldest.call_id)

    def _make_room(self) -> None:
        while len(self) >= self._bound:
            room = self._ended or self._setting_up or self._up
            oldest = next(iter(room.values()))
            self._take_out(oldest)
            self.gone.append(oldest.call_id)
            self.dropped += 1
