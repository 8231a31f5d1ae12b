"""What a reader of the bus knows of a node's dialogs: a board to look things up on. Pure."""

from difflib import unified_diff

from lampfield_bus import channels as c
from lampfield_bus.messages import SipDialog, SipLadder, SipMessage
from lampfield_bus.node.arrivals import Arrival, Connected, Lost, Message, ReadingBegan, ReadingEnded
from sip_monitor.listing import matches

__all__ = ["Board", "difference"]


class Board:
    """The dialogs and ladders of `node`, by Call-ID. A fresh reading is collected beside what is known, then replaces
    it: what was deleted while the broker was away leaves no ghosts.
    """

    def __init__(self, node: str) -> None:
        self.node = node
        self.dialogs: dict[str, SipDialog] = {}
        self.ladders: dict[str, SipLadder] = {}
        self._fresh: set[str] | None = None  # topics that the reading has told
        self._linked = False
        self._online: bool | None = None

    @property
    def standing(self) -> str:
        """Whether what is shown holds, in a word."""
        if not self._linked:
            return "NO BUS"
        return {None: "never seen", True: "online", False: "OFFLINE"}[self._online]

    @property
    def holds(self) -> bool:
        """Whether what is shown is what is."""
        return self._linked and self._online is True

    def receive(self, arrival: Arrival) -> None:
        """Take one thing in."""
        match arrival:
            case Connected():
                self._linked = True
            case Lost():
                self._linked = False
            case ReadingBegan():
                self._fresh = set()
            case ReadingEnded(complete):
                if complete and self._fresh is not None:
                    self._forget(self._fresh)
                self._fresh = None
            case Message(topic, payload):
                if self._fresh is not None:
                    self._fresh.add(topic)
                self._take(topic, payload)

    def found(self, wanted: str) -> list[SipDialog]:
        """The dialogs that fit, the newest first."""
        fitting = [dialog for dialog in self.dialogs.values() if matches(dialog, wanted)]
        return sorted(fitting, key=lambda dialog: dialog.started_at, reverse=True)

    def _take(self, topic: str, payload: bytes) -> None:
        row = c.match(topic)
        if row is None or row[1][0] != self.node:
            return
        channel, names = row
        if channel is c.SIP_AVAILABILITY:
            self._online = payload == b"online"
            return
        try:
            told = channel.decode(payload) if payload else None
        except ValueError:
            told = None  # of another version: better none than a wrong one
        if channel is c.SIP_DIALOG:
            self.dialogs.pop(names[1], None)
            if isinstance(told, SipDialog):
                self.dialogs[names[1]] = told
        elif channel is c.SIP_LADDER:
            self.ladders.pop(names[1], None)
            if isinstance(told, SipLadder):
                self.ladders[names[1]] = told

    def _forget(self, told: set[str]) -> None:
        for known, channel in ((self.dialogs, c.SIP_DIALOG), (self.ladders, c.SIP_LADDER)):
            for call_id in [each for each in known if channel.topic(self.node, each) not in told]:
                del known[call_id]


def difference(one: SipMessage, other: SipMessage) -> list[str]:
    """How two messages differ, line by line; a single line when they do not."""
    before, after = ((message.body or message.first_line).splitlines() for message in (one, other))
    lines = list(unified_diff(before, after, one.at, other.at, lineterm=""))
    return lines or ["no difference"]
