"""One example of every JSON payload: what the generated documents show and the contract tests send.

Numbers and names are made up; instants are of one evening. Pure.
"""

from typing import Final

import msgspec

from lampfield_bus import messages as m

__all__ = ["EXAMPLES"]

_AT: Final = "2026-11-22T23:11:53.341Z"
_STARTED: Final = "2026-11-22T23:11:41.020Z"
_ID: Final = "0b1a3c5e-7f91-4a6e-9d2b-1c4e8f60a7d3"
_LEG: Final = "5d7c9e1f-2b43-4c86-8a0d-93b5f7e1c264"

_CALL: Final = m.Call(
    id=_ID,
    state="active",
    direction="inbound",
    caller=m.Party(number="+4930123456", name="Erika Mustermann"),
    callee=m.Party(number="1000", name=""),
    started_at=_STARTED,
    answered_at="2026-11-22T23:11:49.902Z",
    gateway="carrier",
    queue=None,
    extensions=["1000"],
    legs=[_ID, _LEG],
    sip_call_ids=["902b765303f81823@192.0.2.7"],
)
_FIELDS: Final = msgspec.structs.asdict(_CALL)
_ENDED_AT: Final = "2026-11-22T23:14:09.417Z"

_AGENTS: Final = m.Agents(available=1, on_call=1, on_break=0, logged_out=2)
_QUEUE_TODAY: Final = m.QueueToday(
    date="2026-11-22", complete=True, offered=64, answered=55, abandoned=6, answered_within_sla=48,
    abandoned_within_sla=4, wait_seconds=812.504, talk_seconds=9_120.75, longest_wait=71.208,
)  # fmt: skip
_CONTROL_CALL: Final = m.ControlCall(
    id=_LEG, kind="click", from_="1000", to="+4930123456", state="active", started_at=_STARTED,
    answered_at="2026-11-22T23:11:49.902Z", outcome=None,
)  # fmt: skip

_CALL_ID: Final = "902b765303f81823@192.0.2.7"
_INVITE: Final = m.SipMessage(
    at=_STARTED, from_="192.0.2.7:5060", to="192.0.2.1:5060", transport="UDP",
    first_line="INVITE sip:1000@pbx.example SIP/2.0", cseq="2 INVITE", retransmission=False,
    body=f"INVITE sip:1000@pbx.example SIP/2.0\r\nFrom: <sip:+4930123456@pbx.example>;tag=7f94e39f\r\n"
    f"Call-ID: {_CALL_ID}\r\nCSeq: 2 INVITE\r\n\r\n",
)  # fmt: skip

_ALL: Final[tuple[m.State | m.Command, ...]] = (
    m.SwitchInfo(
        instance="3f9d", esl="connected", since=_STARTED, hostname="pbx", version="1.10.12", core_uuid=_LEG,
        domain="pbx.example", epoch=2,
    ),
    m.SwitchHealth(
        at=_AT, uptime=3600.25, lag_ms=4.2, queue=0, dropped=0, resyncs=61, topics=27, rss_bytes=41_943_040
    ),
    m.SwitchStats(
        at=_AT, sessions=2, sessions_peak=14, sessions_max=1000, sessions_per_second=0, sessions_total=512,
        idle_cpu=97.5, uptime=86_400.0,
    ),
    m.Calls(at=_AT, ringing=1, waiting=0, active=2, held=0, total=3),
    m.Party(number="1000", name="Reception"),
    m.Voicemail(new=1, saved=4),
    m.Extension(
        state="active", name="Reception", registered=True, contacts=1, calls=[_ID], since="2026-11-22T23:11:49.902Z",
        voicemail=m.Voicemail(new=1, saved=4), missed_today=2,
    ),
    m.Gateway(state="REGED", up=True, ping_ms=12.5, since="2026-11-22T06:00:00.000Z", calls=1, failed_today=0),
    m.Conference(members=3, talking=1, locked=False, recording=False, since=_STARTED),
    m.Parking(parked=1, longest_since=_STARTED),
    m.Today(
        date="2026-11-22", complete=True, started=212, answered=171, missed=29, failed=10, talk_seconds=31_415.926,
        peak=9,
    ),
    m.History(until="2026-11-22T23:11:00.000Z", minutes=[0] * 40 + [1, 2, 2, 3, 5, 4, 4, 3, 2, 2] * 2),
    _AGENTS,
    _QUEUE_TODAY,
    m.Queue(
        waiting=2, longest_wait_since=_STARTED, talking=1, agents=_AGENTS, today=_QUEUE_TODAY, sla_seconds=20
    ),
    m.Agent(
        name="1001@default", status="Available", state="In a queue call", since="2026-11-22T23:11:49.902Z", call=_ID,
        answered_today=14,
    ),
    m.WallPlace(name="hall", width=128, height=8, x=32, y=0),
    m.DisplayInfo(
        version="0.1.0", driver="max7219", width=32, height=8, groups=["all", "hall"],
        wall=m.WallPlace(name="hall", width=128, height=8, x=32, y=0), pages=["calls", "lamps", "clock"],
        since=_STARTED,
    ),
    m.DisplayState(
        power="on", brightness=4, brightness_mode="auto", page="calls", page_mode="auto", notification=None,
        power_mode="auto", levels={"queue:support@default": "warn"},
    ),
    m.DisplayHealth(
        at=_AT, uptime=3600.25, frames=90_210, skipped_frames=0, spi_bytes=1_443_360, spi_errors=0, messages=5120,
        rejected=1, clock_skew=0.004, rss_bytes=37_748_736,
    ),
    m.Result(cmd="notify", ok=False, error="Expected `float` > 0", field="seconds", transaction="t-17"),
    m.Notify(text="Lunch!", id="lunch", priority="info", seconds=8.0, effect="blink", transaction="t-17"),
    m.PageTopic(
        text="Lunch: {calls.active} calls", icon="clock", seconds=8, order=5, expires_at="2026-11-22T13:00:00.000Z"
    ),
    m.Single(value="12", transaction="t-18"),
    m.SipHealth(
        at=_AT, uptime=3600.25, datagrams=18_204, bad_datagrams=0, messages=18_204, dialogs=112, lost_datagrams=0,
        dropped_dialogs=0, topics=226, rss_bytes=50_331_648,
    ),
    m.SipDialog(
        call_id=_CALL_ID, method="INVITE", from_="+4930123456", to="1000", state="busy", status=486,
        reason="Busy Here", cause="USER_BUSY", started_at=_STARTED, answered_at=None, ended_at=_AT, setup_ms=None,
        messages=7, retransmissions=0, switch_call=_ID,
    ),
    _INVITE,
    m.SipLadder(hosts=["192.0.2.7:5060", "192.0.2.1:5060"], messages=[_INVITE]),
    m.SipSummary(
        at=_AT, live=3, per_minute=4, by_status={"200": 171, "486": 12, "487": 9}, registrations=18,
        answer_ratio=0.81, post_dial_delay_ms=412,
    ),
    _CALL,
    m.CallStarted(**(_FIELDS | {"state": "ringing", "answered_at": None, "event": "started", "at": _STARTED})),
    m.CallAnswered(**(_FIELDS | {"event": "answered", "at": _CALL.answered_at})),
    m.CallEnded(
        **(_FIELDS | {"event": "ended", "at": _ENDED_AT, "ended_at": _ENDED_AT}), outcome="answered",
        ring_seconds=8.882, talk_seconds=139.515, cause="NORMAL_CLEARING", sip_status=200, sip_reason="OK",
        sip_source="wire", merged_into=None,
    ),
    m.ControlHealth(
        at=_AT, uptime=3600.25, esl="connected", calls=1, documents=812, refused=0, rss_bytes=52_428_800
    ),
    _CONTROL_CALL,
    m.ControlCallEnded(
        **(msgspec.structs.asdict(_CONTROL_CALL) | {"state": "ended", "answered_at": None, "outcome": "missed"}),
        cause="USER_BUSY", sip_status=486, sip_reason="Busy Here",
    ),
)  # fmt: skip

EXAMPLES: Final = {type(message): message for message in _ALL}
