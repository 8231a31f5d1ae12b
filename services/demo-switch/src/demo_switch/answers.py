"""The `api` commands that this switch knows, and what it answers.

May NOT open a socket. The forms are those of the captured answers; what FreeSWITCH tells and nobody reads here is
left out.
"""

import json
from collections.abc import Callable
from xml.sax.saxutils import escape

from demo_switch import people
from demo_switch.database import as_json
from demo_switch.day import Day
from demo_switch.pbx import HOSTNAME
from demo_switch.people import DOMAIN, GATEWAY, QUEUE
from demo_switch.truth import truth

_VERSION = "1.11.1-release"
_LINE = "=" * 97 + "\n"
_AGENT_COLUMNS = (
    "name|instance_id|uuid|type|contact|status|state|max_no_answer|wrap_up_time|reject_delay_time|busy_delay_time|"
    "no_answer_delay_time|last_bridge_start|last_bridge_end|last_offered_call|last_status_change|no_answer_count|"
    "calls_answered|talk_time|ready_time|external_calls_count"
)
_MEMBER_COLUMNS = (
    "queue|instance_id|uuid|session_uuid|cid_number|cid_name|system_epoch|joined_epoch|rejoined_epoch|bridge_epoch|"
    "abandoned_epoch|base_score|skill_score|serving_agent|serving_system|state|score"
)
_QUEUE_COLUMNS = (
    "name|strategy|moh_sound|time_base_score|tier_rules_apply|tier_rule_wait_second|tier_rule_wait_multiply_level|"
    "tier_rule_no_agent_no_wait|discard_abandoned_after|abandoned_resume_allowed|max_wait_time|max_wait_time_with_no_agent|"
    "max_wait_time_with_no_agent_time_reached|record_template|calls_answered|calls_abandoned|ring_progressively_delay|"
    "skip_agents_with_external_calls|agent_no_answer_status"
)
_QUEUE_ROW = (
    f"{QUEUE}|longest-idle-agent|local_stream://moh|system|false|300|true|false|60|false|0|0|5||0|0|0|true|On Break"
)


def _table(columns: str, rows: list[str]) -> str:
    """A list of mod_callcenter: pipes, and +OK at the end; without rows only that."""
    return "\n".join([columns, *rows, "+OK\n"]) if rows else "+OK\n"


class Answers:
    """The commands over one day's switch."""

    def __init__(self, day: Day) -> None:
        self._day = day
        self._pbx = day.pbx
        self._commands: dict[str, Callable[[str], str]] = {
            "status": lambda _: self._status(),
            "version": lambda _: f"FreeSWITCH Version {_VERSION}~64bit ( 64bit)\n",
            "hostname": lambda _: HOSTNAME,
            "switchname": lambda _: HOSTNAME,
            "uptime": lambda _: f"{(self._pbx.now - self._pbx.started) // 1_000_000}\n",
            "echo": lambda argument: argument,
            "global_getvar": self._global,
            "show": self._show,
            "uuid_exists": lambda argument: "true" if argument in self._pbx.legs else "false",
            "list_users": lambda _: self._users(),
            "sofia": self._sofia,
            "callcenter_config": self._callcenter,
            "conference": self._conference,
            "vm_boxcount": self._boxcount,
            "valet_info": lambda _: "<lots>\n</lots>\n",
            "demo": self._demo,
        }

    def answer(self, line: str) -> str:
        """The answer's body, whatever was asked."""
        name, _, argument = line.strip().partition(" ")
        command = self._commands.get(name)
        if command is None:
            return f"-ERR {name} Command not found!\n"
        self._pbx.api_event(name, argument)
        return command(argument.strip())

    # -- the core -------------------------------------------------------------------------------------------------

    def _status(self) -> str:
        pbx = self._pbx
        seconds = (pbx.now - pbx.started) // 1_000_000
        return (
            f"UP 0 years, {seconds // 86_400} days, {seconds // 3600 % 24} hours, {seconds // 60 % 60} minutes, "
            f"{seconds % 60} seconds, {pbx.now // 1_000 % 1_000} milliseconds, {pbx.now % 1_000} microseconds\n"
            f"FreeSWITCH (Version {_VERSION}  64bit) is ready\n"
            f"{pbx.sessions} session(s) since startup\n"
            f"{len(pbx.legs)} session(s) - peak {pbx.sessions_peak}, last 5min {pbx.sessions_peak} \n"
            "0 session(s) per Sec out of max 400, peak 2, last 5min 2 \n"
            "2000 session(s) max\nmin idle cpu 0.00/90.00\nCurrent Stack Size/Max 240K/240K\n"
        )

    def _global(self, name: str) -> str:
        known = {"domain": DOMAIN, "core_uuid": self._pbx.core, "hostname": HOSTNAME, "local_ip_v4": "127.0.0.1"}
        return known.get(name, "")

    def _show(self, argument: str) -> str:
        pbx = self._pbx
        match argument.split():
            case ["channels", "count", "as", "json"]:
                return json.dumps({"row_count": len(pbx.database.rows(pbx.now, "channels"))}) + "\n"
            case ["channels", "as", "json"]:
                return as_json(pbx.database.rows(pbx.now, "channels"))
            case ["calls", "as", "json"]:
                return as_json(pbx.database.calls(pbx.now))
            case ["registrations", "as", "json"]:
                return as_json(pbx.database.rows(pbx.now, "registrations"))
            case ["status"]:
                return self._status()
        return "-USAGE: channels|calls|registrations as json, channels count as json, status\n"

    def _users(self) -> str:
        """The directory: every phone, also the one that is off."""
        rows = ["userid|context|domain|group|contact|callgroup|effective_caller_id_name|effective_caller_id_number"]
        for party in self._day.office.phones:
            registered = party.number in self._pbx.registrations
            contact = (
                f"sofia/internal/sip:{party.number}@{DOMAIN}:{party.port}"
                if registered
                else "error/user_not_registered"
            )
            rows.append(f"{party.number}|default|{DOMAIN}|default|{contact}|techsupport|{party.name}|{party.number}")
        return "\n".join(rows) + "\n\n+OK\n"

    def _boxcount(self, argument: str) -> str:
        mailbox, _, what = argument.partition("|")
        new, saved = self._pbx.mailboxes.get(mailbox.partition("@")[0], [0, 0])
        return f"{new}:{saved}:0:0" if what == "all" else str(new)

    # -- sofia ----------------------------------------------------------------------------------------------------

    def _sofia(self, argument: str) -> str:
        match argument.split():
            case ["status"]:
                return self._sofia_status()
            case ["status", "gateway", name]:
                return self._gateway_text() if name == GATEWAY else "Invalid Gateway!\n"
            case ["xmlstatus", "gateway"]:
                return f'<?xml version="1.0" encoding="ISO-8859-1"?>\n<gateways>\n{self._gateway_xml()}</gateways>\n'
            case ["xmlstatus", "gateway", name]:
                known = f'<?xml version="1.0" encoding="ISO-8859-1"?>\n{self._gateway_xml()}'
                return known if name == GATEWAY else "Invalid Gateway!\n"
        return "-USAGE: status [gateway NAME], xmlstatus gateway [NAME]\n"

    def _sofia_status(self) -> str:
        rows = (
            (DOMAIN, "alias", "internal", "ALIASED"),
            ("external", "profile", "sip:mod_sofia@127.0.0.1:5080", "RUNNING (0)"),
            (f"external::{GATEWAY}", "gateway", "sip:labgw@127.0.0.1:5999", "NOREG"),
            ("internal", "profile", "sip:mod_sofia@127.0.0.1:5060", f"RUNNING ({len(self._pbx.legs)})"),
        )
        head = f"{'Name':>25}\t{'Type':>7}\t{'Data':>42}\tState\n{_LINE}"
        return (
            head + "".join(f"{a:>25}\t{b:>7}\t{c:>42}\t{d}\n" for a, b, c, d in rows) + f"{_LINE}2 profiles 1 alias\n"
        )

    def _gateway_fields(self) -> dict[str, str]:
        return {
            "name": GATEWAY,
            "profile": "external",
            "scheme": "Digest",
            "realm": "127.0.0.1:5999",
            "username": "labgw",
            "proxy": "sip:127.0.0.1:5999",
            "context": "public",
            "pingfreq": "5",
            "pingtime": "3.50" if self._pbx.gateway_up else "0.00",
            "state": "NOREG",
            "status": "UP" if self._pbx.gateway_up else "DOWN",
        }

    def _gateway_text(self) -> str:
        return _LINE + "".join(f"{name.title():<8}\t{text}\n" for name, text in self._gateway_fields().items()) + _LINE

    def _gateway_xml(self) -> str:
        fields = "".join(f"    <{name}>{escape(text)}</{name}>\n" for name, text in self._gateway_fields().items())
        return f"  <gateway>\n{fields}  </gateway>\n"

    # -- queue and conference ---------------------------------------------------------------------------------------

    def _callcenter(self, argument: str) -> str:
        match argument.split():
            case ["agent", "list"] | ["queue", "list", "agents", _]:
                return self._agents()
            case ["tier", "list"] | ["queue", "list", "tiers", _]:
                numbers = self._pbx.agents
                return _table(
                    "queue|agent|state|level|position", [f"{QUEUE}|{name}@default|Ready|1|1" for name in numbers]
                )
            case ["queue", "list"]:
                return _table(_QUEUE_COLUMNS, [_QUEUE_ROW])
            case ["queue", "list", "members", name]:
                return self._members() if name == QUEUE else "+OK\n"
            case ["queue", "count", "members", name]:
                return f"{len(self._pbx.members) if name == QUEUE else 0}\n"
        return "-USAGE: agent list, tier list, queue list [agents|members|tiers QUEUE], queue count members QUEUE\n"

    def _agents(self) -> str:
        return _table(
            _AGENT_COLUMNS,
            [
                f"{number}@default|single_box||callback|[leg_timeout=10]user/{number}@{DOMAIN}|{agent.status}|{agent.state}"
                f"|3|3|5|5|5|0|0|0|{agent.since // 1_000_000}|0|{agent.answered}|0|0|0"
                for number, agent in self._pbx.agents.items()
            ],
        )

    def _members(self) -> str:
        rows = []
        for member in self._pbx.members:
            caller, epoch = member.call.caller, member.joined // 1_000_000
            bridged = member.answered // 1_000_000
            state = "Answered" if bridged else "Trying"
            agent = f"{member.agent}@default|single_box|{state}" if member.agent else "||Waiting"
            rows.append(
                f"{QUEUE}|single_box|{member.uuid}|{member.call.id}|{caller.number}|{caller.name}|{epoch}|{epoch}|0|{bridged}"
                f"|0|0|0|{agent}|0"
            )
        return _table(_MEMBER_COLUMNS, rows)

    def _conference(self, argument: str) -> str:
        room = self._pbx.conference
        if argument.split()[-1:] != ["json_list"]:
            return "-USAGE: json_list\n"
        if room is None:
            return "[]"
        members = [
            {
                "type": "caller",
                "id": number,
                "flags": {"can_hear": True, "can_speak": True, "hold": False, "talking": True, "is_moderator": False},
                "uuid": call.values["a"],
                "caller_id_name": call.caller.name,
                "caller_id_number": call.caller.number,
                "join_time": (self._pbx.now - call.started) // 1_000_000,
            }
            for number, call in room.members.items()
        ]
        found = {
            "conference_name": f"{people.CONFERENCE}-{DOMAIN}",
            "member_count": len(members),
            "ghost_count": 0,
            "rate": 8000,
            "run_time": (self._pbx.now - room.since) // 1_000_000,
            "conference_uuid": room.uuid,
            "locked": False,
            "running": True,
            "recording": False,
            "members": members,
        }
        return json.dumps([found])

    # -- not of FreeSWITCH --------------------------------------------------------------------------------------------

    def _demo(self, argument: str) -> str:
        """`truth`; `call KIND`; `rate N` (calls a minute); `gateway up|down`."""
        match argument.split():
            case ["truth"]:
                return truth(self._pbx)
            case ["call", kind]:
                try:
                    self._day.begin(kind)
                except ValueError as fault:
                    return f"-ERR {fault}\n"
                return "+OK\n"
            case ["rate", number] if number.replace(".", "", 1).isdecimal():
                self._day.rate = float(number)
                return "+OK\n"
            case ["gateway", "up" | "down" as state]:
                self._pbx.gateway(up=state == "up")
                return "+OK\n"
        return "-USAGE: truth | call KIND | rate CALLS-A-MINUTE | gateway up|down\n"
