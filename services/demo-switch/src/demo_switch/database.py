"""What `show channels|calls|registrations as json` read: tables that are written a moment after the events.

May NOT read a clock. FreeSWITCH writes its database asynchronously (measured: 130 to 560 ms after the event), so a
snapshot is older than the events already received, and here it is too.
"""

import json
from collections import deque
from typing import Literal

from demo_switch.templates import Event
from demo_switch.values import stamp

Row = dict[str, str]
Table = Literal["channels", "calls", "registrations"]

# column: header. Columns as `show channels as json` has them, in its order.
_CHANNEL = {
    "uuid": "Unique-ID",
    "direction": "Call-Direction",
    "created": "",
    "created_epoch": "",
    "name": "Channel-Name",
    "state": "Channel-State",
    "cid_name": "Caller-Caller-ID-Name",
    "cid_num": "Caller-Caller-ID-Number",
    "ip_addr": "Caller-Network-Addr",
    "dest": "Caller-Destination-Number",
    "application": "variable_current_application",
    "application_data": "variable_current_application_data",
    "dialplan": "Caller-Dialplan",
    "context": "Caller-Context",
    "read_codec": "Channel-Read-Codec-Name",
    "read_rate": "Channel-Read-Codec-Rate",
    "read_bit_rate": "Channel-Read-Codec-Bit-Rate",
    "write_codec": "Channel-Write-Codec-Name",
    "write_rate": "Channel-Write-Codec-Rate",
    "write_bit_rate": "Channel-Write-Codec-Bit-Rate",
    "secure": "",
    "hostname": "FreeSWITCH-Hostname",
    "presence_id": "Channel-Presence-ID",
    "presence_data": "",
    "accountcode": "variable_accountcode",
    "callstate": "Channel-Call-State",
    "callee_name": "Caller-Callee-ID-Name",
    "callee_num": "Caller-Callee-ID-Number",
    "callee_direction": "",
    "call_uuid": "Channel-Call-UUID",
    "sent_callee_name": "variable_last_sent_callee_id_name",
    "sent_callee_num": "variable_last_sent_callee_id_number",
    "initial_cid_name": "Caller-Caller-ID-Name",
    "initial_cid_num": "Caller-Caller-ID-Number",
    "initial_ip_addr": "Caller-Network-Addr",
    "initial_dest": "Caller-Destination-Number",
    "initial_dialplan": "Caller-Dialplan",
    "initial_context": "Caller-Context",
}
# `show calls as json`: these of the first leg, then the same of the second with b_ before them.
_CALL = (
    *("uuid", "direction", "created", "created_epoch", "name", "state", "cid_name", "cid_num", "ip_addr", "dest"),
    *("presence_id", "presence_data", "accountcode", "callstate", "callee_name", "callee_num", "callee_direction"),
    *("call_uuid", "hostname", "sent_callee_name", "sent_callee_num"),
)
_CALL_B = tuple(column for column in _CALL if column not in ("call_uuid", "hostname"))


def channel_row(event: Event, before: Row | None) -> Row:
    """A channel's row after an event of it; what the event does not tell stays as it was."""
    row = {column: event.header(header) if header else "" for column, header in _CHANNEL.items()}
    created = event.header("Caller-Channel-Created-Time")
    if created:
        row["created_epoch"] = str(int(created) // 1_000_000)
        row["created"] = stamp(int(created))
    if before is not None:
        kept = {column for column in row if not row[column] or column.startswith("initial_")}
        row |= {column: before[column] for column in kept}
    bridged = bool(event.header("variable_bridge_uuid") or event.name == "CHANNEL_BRIDGE")
    if bridged or (before is not None and before["callee_direction"]):
        row["callee_direction"] = "SEND"
    elif row["direction"] == "inbound":
        row["call_uuid"] = ""
    return row


class Database:
    """Three tables, each write seen `lag` microseconds later."""

    def __init__(self, lag: int) -> None:
        self._lag = lag
        self._tables: dict[Table, dict[str, Row]] = {"channels": {}, "calls": {}, "registrations": {}}
        self._waiting: deque[tuple[int, Table, str, Row | None]] = deque()

    def write(self, at: int, table: Table, key: str, row: Row | None) -> None:
        """Put a row, or with None delete it, at an instant (µs)."""
        self._waiting.append((at + self._lag, table, key, row))

    def rows(self, at: int, table: Table) -> list[Row]:
        """The rows as somebody who asks now (µs) sees them."""
        while self._waiting and self._waiting[0][0] <= at:
            _, where, key, row = self._waiting.popleft()
            if row is None:
                self._tables[where].pop(key, None)
            else:
                self._tables[where][key] = row
        return list(self._tables[table].values())

    def calls(self, at: int) -> list[Row]:
        """Bridged pairs once, and every leg that is not bridged, as the view basic_calls joins them."""
        pairs = self.rows(at, "calls")
        legs = {row["uuid"]: row for row in self.rows(at, "channels")}
        second = {pair["callee"]: pair for pair in pairs if pair["caller"] in legs and pair["callee"] in legs}
        first = {pair["caller"]: pair for pair in second.values()}
        found = []
        for uuid, leg in legs.items():
            if uuid in second:
                continue
            pair = first.get(uuid)
            other = legs[pair["callee"]] if pair else dict.fromkeys(_CALL_B, "")
            row = {column: leg[column] for column in _CALL}
            row |= {f"b_{column}": other[column] for column in _CALL_B}
            row["call_created_epoch"] = pair["epoch"] if pair else ""
            found.append(row)
        return found


def as_json(rows: list[Row]) -> str:
    """The answer to `show … as json`; without rows it has another form."""
    if not rows:
        return '{"row_count": 0}\n'
    return json.dumps({"row_count": len(rows), "rows": rows}, ensure_ascii=False, separators=(",", ":"))
