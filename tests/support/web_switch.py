"""FreeSWITCH as far as call-control goes: it originates, hangs up, keeps guests' tokens, and tells what a test says.

What it answers, and in which order, is from captures of 1.11.1 (`originate` and its events, `uuid_kill`, `hash`,
`sched_api`); where nothing was captured (`uuid_dump`, `sched_hangup`, `filter` on a channel) from FreeSWITCH's source.
It shares no code with call-control.
"""

import contextlib
import json
import re
import threading
from collections.abc import Mapping

from support.esl_server import EslServer, Obedient, event, plain_frame
from support.waiting import until

__all__ = ["WebSwitch"]

_ORIGINATE = re.compile(r"originate \{(?P<variables>[^}]*)\}(?P<leg>\S+) (?P<to>\d+) XML (?P<context>\S+)")


class WebSwitch(Obedient):
    """The script of an EslServer. `legs` that live (uuid → its variables), `guests` (token → whom), `scheduled`
    commands.
    """

    def __init__(self, *, password: str = "ClueCon", refuse: str | None = None) -> None:
        super().__init__({}, password=password)
        self.core = "2ee5afdd-c1ba-4bc8-8c77-ea7eb58cf7be"
        self.domain = "pbx.example.org"
        self.refuse = refuse  # what `originate` answers at once
        self.silent = ""  # a command that begins so gets no reply
        self.legs: dict[str, dict[str, str]] = {}
        self.dumps: dict[str, Mapping[str, str]] = {}  # what uuid_dump tells of a leg, beside its variables
        self.jobs: dict[str, str] = {}  # the leg → the job that originates it
        self.guests: dict[str, str] = {}
        self.scheduled: list[str] = []
        self.server = EslServer(self)

    # --- what a test does ---------------------------------------------------------------------------------------------

    def leg(self) -> str:
        """The uuid of the leg that was originated last, once there is one."""
        until(lambda: bool(self.legs), 10, "a leg")
        return list(self.legs)[-1]

    def tell(self, name: str, uuid: str, **headers: str) -> None:
        """An event of a leg; a header's name has `_` for `-`, but for those of variables."""
        plain = {key if key.startswith("variable_") else key.replace("_", "-"): value for key, value in headers.items()}
        body = {"Event-Name": name, "Core-UUID": self.core, "Unique-ID": uuid, "Channel-Call-UUID": uuid, **plain}
        self.say(_framed(body))

    def ring(self, uuid: str) -> None:
        """The first phone rings."""
        self.tell("CHANNEL_CREATE", uuid)
        self.tell("CHANNEL_PROGRESS", uuid)

    def pick_up(self, uuid: str) -> None:
        """It is answered, and `originate` is done."""
        self.tell("CHANNEL_ANSWER", uuid)
        self.finish(uuid, f"+OK {uuid}\n")

    def talk(self, uuid: str, other: str = "b0b0b0b0-0000-4000-8000-000000000000") -> None:
        """The other phone rings and is answered."""
        self.tell("CHANNEL_CREATE", other, Channel_Call_UUID=uuid)
        self.tell("CHANNEL_PROGRESS", other, Channel_Call_UUID=uuid)
        self.tell("CHANNEL_BRIDGE", uuid, Bridge_A_Unique_ID=uuid, Bridge_B_Unique_ID=other)

    def hang_up(self, uuid: str, cause: str = "NORMAL_CLEARING", **headers: str) -> None:
        """The leg is gone."""
        self.legs.pop(uuid, None)
        self.tell("CHANNEL_HANGUP", uuid, Hangup_Cause=cause, **headers)

    def finish(self, uuid: str, answer: str) -> None:
        """What `originate` answers."""
        self.say(event("BACKGROUND_JOB", Job_UUID=self.jobs[uuid], _body=answer).replace(b'"-body"', b'"_body"'))

    # --- what it is told ----------------------------------------------------------------------------------------------

    def _reply(self, command: str) -> bytes:
        if self.silent and command.startswith(self.silent):
            return b""
        word, _, rest = command.partition(" ")
        if word == "filter":
            return plain_frame("command/reply", Reply_Text="+OK filter added.")
        if word == "event":
            return plain_frame("command/reply", Reply_Text="+OK event listener enabled json")
        if word == "api":
            body = self._api(rest).encode()
            return b"Content-Type: api/response\nContent-Length: %d\n\n%s" % (len(body), body)
        text, _, job = rest.partition("\nJob-UUID: ")
        reply = plain_frame("command/reply", Reply_Text=f"+OK Job-UUID: {job}", Job_UUID=job)
        answer = self._originate(text, job)
        if answer is None:
            return reply
        return reply + event("BACKGROUND_JOB", Job_UUID=job, _body=answer).replace(b'"-body"', b'"_body"')

    def _originate(self, text: str, job: str) -> str | None:
        found = _ORIGINATE.fullmatch(text)
        if found is None:
            return "-USAGE: <call url> <exten>|&<application_name>(<app_args>) [<dialplan>] [<context>]\n"
        if self.refuse is not None:
            return self.refuse
        variables = dict(pair.split("=", 1) for pair in found["variables"].split(","))
        uuid = variables["origination_uuid"]
        self.jobs[uuid] = job
        self.legs[uuid] = variables
        return None

    def _api(self, text: str) -> str:  # noqa: PLR0911 (one per command)
        match text.split(" "):
            case ["version"]:
                return "FreeSWITCH Version 1.11.1-release~64bit ( 64bit)\n"
            case ["global_getvar", name]:
                return {"core_uuid": self.core, "domain": self.domain}[name]
            case ["module_exists", _]:
                return "true"
            case ["uuid_kill", uuid]:
                return self._kill(uuid)
            case ["uuid_dump", uuid, "json"]:
                return self._dump(uuid)
            case ["hash", order]:
                _, _, token, to = order.split("/")
                self.guests[token] = to
                return "+OK\n"
            case ["sched_api" | "sched_hangup", *_]:
                self.scheduled.append(text)
                return "+OK Added: 19\n"
        return f"-ERR {text.partition(' ')[0]} Command not found!\n"

    def _kill(self, uuid: str) -> str:
        if uuid not in self.legs:
            return "-ERR No such channel!\n"
        threading.Thread(target=self._go, args=(uuid,), daemon=True).start()  # its reply comes first
        return "+OK\n"

    def _go(self, uuid: str) -> None:
        with contextlib.suppress(OSError):  # whoever ended it has gone meanwhile
            self.hang_up(uuid)

    def _dump(self, uuid: str) -> str:
        if uuid not in self.legs:
            return "-ERR No such channel!\n"
        variables = {f"variable_{name}": value for name, value in self.legs[uuid].items()}
        told = {"Event-Name": "CHANNEL_DATA", "Unique-ID": uuid, "Answer-State": "ringing", **variables}
        return json.dumps({**told, **self.dumps.get(uuid, {})})


def _framed(headers: Mapping[str, str]) -> bytes:
    body = json.dumps(headers, separators=(",", ":")).encode()
    return b"Content-Length: %d\nContent-Type: text/event-json\n\n%s" % (len(body), body)
