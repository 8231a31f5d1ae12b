"""What one client wants to hear: event names, subclasses of CUSTOM, filters, and the format.

May NOT open a socket. The answers are those of FreeSWITCH, word for word.
"""

from demo_switch.templates import Event
from demo_switch.wire import reply

# esl_events of the Event Socket, without those that never reach a client.
NAMES = frozenset(
    (  # noqa: SIM905  # ninety names read better as text
        "CUSTOM CLONE CHANNEL_CREATE CHANNEL_DESTROY CHANNEL_STATE CHANNEL_CALLSTATE CHANNEL_ANSWER CHANNEL_HANGUP "
        "CHANNEL_HANGUP_COMPLETE CHANNEL_EXECUTE CHANNEL_EXECUTE_COMPLETE CHANNEL_HOLD CHANNEL_UNHOLD "
        "CHANNEL_BRIDGE CHANNEL_UNBRIDGE CHANNEL_PROGRESS CHANNEL_PROGRESS_MEDIA CHANNEL_OUTGOING CHANNEL_PARK "
        "CHANNEL_UNPARK CHANNEL_APPLICATION CHANNEL_ORIGINATE CHANNEL_UUID API LOG INBOUND_CHAN OUTBOUND_CHAN "
        "STARTUP SHUTDOWN PUBLISH UNPUBLISH TALK NOTALK SESSION_CRASH MODULE_LOAD MODULE_UNLOAD DTMF MESSAGE "
        "PRESENCE_IN NOTIFY_IN PRESENCE_OUT PRESENCE_PROBE MESSAGE_WAITING MESSAGE_QUERY ROSTER CODEC "
        "BACKGROUND_JOB DETECTED_SPEECH DETECTED_TONE PRIVATE_COMMAND HEARTBEAT TRAP ADD_SCHEDULE DEL_SCHEDULE "
        "EXE_SCHEDULE RE_SCHEDULE RELOADXML NOTIFY PHONE_FEATURE PHONE_FEATURE_SUBSCRIBE SEND_MESSAGE RECV_MESSAGE "
        "REQUEST_PARAMS CHANNEL_DATA GENERAL COMMAND SESSION_HEARTBEAT CLIENT_DISCONNECTED SERVER_DISCONNECTED "
        "SEND_INFO RECV_INFO RECV_RTCP_MESSAGE CALL_SECURE NAT RECORD_START RECORD_STOP PLAYBACK_START "
        "PLAYBACK_STOP CALL_UPDATE FAILURE SOCKET_DATA MEDIA_BUG_START MEDIA_BUG_STOP CONFERENCE_DATA_QUERY "
        "CONFERENCE_DATA CALL_SETUP_REQ CALL_SETUP_RESULT CALL_DETAIL DEVICE_STATE TEXT SHUTDOWN_REQUESTED "
    ).split()
)
_FORMATS = ("plain", "json")


class Subscription:
    """One client's wishes.

    The format is the connection's: the last `event` command decides for all events. CUSTOM is followed by subclasses,
    and without any of them means nothing.
    """

    def __init__(self) -> None:
        self.format = "plain"
        self._all = False
        self._names: set[str] = set()
        self._subclasses: set[str] = set()
        self._filters: list[tuple[str, str]] = []

    def __bool__(self) -> bool:
        return self._all or bool(self._names or self._subclasses)

    def wants(self, event: Event) -> bool:
        """Whether this event goes to this client."""
        named = event.subclass in self._subclasses if event.name == "CUSTOM" else event.name in self._names
        return (self._all or named) and (
            not self._filters or any(event.header(name) == value for name, value in self._filters)
        )

    def event(self, argument: str) -> bytes:
        """`event [plain|json] NAME… CUSTOM subclass…`: names that there are not are skipped."""
        kind, *names = argument.split() or [""]
        if kind == "xml":
            return reply("-ERR this switch speaks plain and json")
        if kind not in _FORMATS:
            kind, names = "plain", argument.split()
        found = self._add(names)
        if not found:
            return reply("-ERR no keywords supplied")
        self.format = kind
        return reply(f"+OK event listener enabled {kind}")

    def _add(self, names: list[str]) -> bool:
        custom = found = False
        for name in names:
            if custom:
                self._subclasses.add(name)
            elif name.upper() == "ALL":
                self._all = found = True
            elif name.upper() in NAMES:
                self._names.add(name.upper())
                custom, found = name.upper() == "CUSTOM", True
        return found

    def nixevent(self, argument: str) -> bytes:
        """Take names off again."""
        custom = False
        for name in argument.split():
            if custom:
                self._subclasses.discard(name)
            elif name.upper() == "ALL":
                self.clear()
            elif name.upper() in NAMES:
                if self._all:
                    self._all, self._names = False, set(NAMES)
                self._names.discard(name.upper())
                custom = name.upper() == "CUSTOM"
        return reply("+OK events nixed") if argument else reply("-ERR no keywords supplied")

    def clear(self) -> bytes:
        """`noevents`."""
        self._all = False
        self._names.clear()
        self._subclasses.clear()
        return reply("+OK no longer listening for events")

    def filter(self, argument: str) -> bytes:
        """`filter HEADER VALUE`, `filter delete HEADER [VALUE]`, `filter delete all`: one match is enough."""
        words = argument.split(None, 1)
        if words and words[0] == "delete":
            return self._unfilter(words[1] if len(words) > 1 else "")
        if len(words) < 2:
            return reply("-ERR invalid syntax")
        name, value = words
        self._filters.append((name, value))
        return reply(f"+OK filter added. [{name}]=[{value}]")

    def _unfilter(self, argument: str) -> bytes:
        name, _, value = argument.partition(" ")
        if not name:
            return reply("-ERR invalid syntax")
        self._filters = [
            known for known in self._filters if name != "all" and not (known[0] == name and value in ("", known[1]))
        ]
        return reply(f"+OK filter deleted. [{name}][{value}]")
