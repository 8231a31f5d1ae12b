"""`esl-publisher doctor`: what is wrong with the surroundings, one line each, and what to do about it.

It changes nothing: FreeSWITCH is only asked, and what is published says what is so already (`node.rights`).
"""

import time
from collections.abc import Iterator
from typing import Final, NamedTuple

import gevent

from esl_publisher import commands, snapshot, tables
from esl_publisher.decode import decode
from esl_publisher.settings import Settings
from esl_publisher.source import Fault, Source, SourceLost
from lampfield_bus.instants import from_microseconds
from lampfield_bus.node import rights
from lampfield_bus.node.findings import Finding, report

__all__ = ["broker", "examine", "switch"]

EVENT_SECONDS: Final = 21.0  # FreeSWITCH's HEARTBEAT comes every 20 s
SKEW_MS: Final = 5_000  # beyond it a display says that what it shows may be stale

_CONF = "autoload_configs/event_socket.conf.xml"
_ADVICE: Final[dict[Fault, str]] = {
    "unreachable": "is FreeSWITCH running, does listen-ip in {conf} let other hosts in, is a firewall between?",
    "refused": "name an ACL with this address in apply-inbound-acl of {conf}, then reload mod_event_socket",
    "password": "set LAMPFIELD_ESL_PASSWORD to the password of {conf}",
    "protocol": "is LAMPFIELD_ESL_PORT the listen-port of {conf}? Something else answers there",
    "silent": "is LAMPFIELD_ESL_PORT the listen-port of {conf}, and is FreeSWITCH healthy (fs_cli -x status)?",
    "gone": "see FreeSWITCH's own log",
    "stopped": "try again",
}
_QUEUES: Final = "callcenter_config queue list"
_MODULES: Final = {  # whose answer tells that a module is there → the module, and what is not shown without it
    "gateways": ("mod_sofia", "gateways"),
    "conferences": ("mod_conference", "conferences"),
    "lots": ("mod_valet_parking", "parking lots"),
    "fifos": ("mod_fifo", "fifos"),
    _QUEUES: ("mod_callcenter", "queues and agents"),
}
_EVERYBODYS: Final = "ClueCon"


class _Arrived(NamedTuple):
    """An event's body, and when it came: ms since the epoch, by our clock."""

    body: bytes
    at: int


def _wall() -> int:
    return time.time_ns() // 1_000_000


def examine(settings: Settings) -> int:
    """Prints every finding as it comes; returns the exit status: 1 when one of them is a `fail`."""
    return report(_findings(settings))


def _findings(settings: Settings) -> Iterator[Finding]:
    yield from switch(settings)
    yield from broker(settings)


def switch(settings: Settings, limit: float = EVENT_SECONDS) -> Iterator[Finding]:
    """The way to FreeSWITCH, what it lets us do there, and how far its clock is from ours."""
    for host in settings.esl_host:
        where = f"FreeSWITCH {host}:{settings.esl_port}"
        source = Source(host, settings.esl_port, settings.esl_password.get_secret_value())
        try:
            source.connect()
            yield Finding("ok", f"{where}: reached, and it takes the password")
            if settings.esl_password.get_secret_value() == _EVERYBODYS:
                yield Finding("note", f"the password is {_EVERYBODYS}, as everywhere: choose another in {_CONF}")
            yield from _questions(source, settings)
            yield from _events(source, where, limit)
        except SourceLost as lost:
            other = lost.fault == "unreachable" and host != settings.esl_host[-1]
            advice = "trying the next host" if other else _ADVICE[lost.fault].format(conf=_CONF)
            yield Finding("note" if other else "fail", f"{where}: {lost}; {advice}")
            if other:
                continue
        finally:
            source.stop()
        return


def _questions(source: Source, settings: Settings) -> Iterator[Finding]:
    version, name = source.api(commands.VERSION), source.api(commands.HOSTNAME)
    yield Finding("ok", f"it is {version or 'of unknown version'} on {name or 'an unnamed host'}")
    domain = source.api(commands.DOMAIN)
    if settings.domain is None and domain is None:
        yield Finding("note", "it has no variable `domain`: set LAMPFIELD_DOMAIN, or extensions keep their @domain")
    else:
        yield Finding("ok", f"extensions of {settings.domain or domain} are shown by their number alone")


def _events(source: Source, where: str, limit: float) -> Iterator[Finding]:
    """API events are made by our own questions, so there is something to hear on an idle switch, too."""
    arrived: list[_Arrived] = []
    source.register_handle("*", lambda bodies: arrived.extend(_Arrived(body, _wall()) for body in bodies))
    source.send(commands.subscribe(["API", "HEARTBEAT", "BACKGROUND_JOB"]))
    source.start_event_handlers()
    began = time.monotonic()
    answers = source.tables()
    took = (time.monotonic() - began) * 1000
    try:
        taken = snapshot.parse(**answers, asked_at=0, answered_at=0)
    except ValueError as error:
        yield Finding("fail", f"{where}: {error}; is mod_commands loaded?")
    else:
        rows = f"{len(taken.channels)} legs, {len(taken.registrations)} registrations"
        yield Finding("ok", f"its tables can be read: {rows}, {took:.0f} ms")
        yield from (Finding("note", f"{where}: {fault}") for fault in taken.faults)
    yield from _modules({**answers, **source.tables([_QUEUES])})
    while not arrived and time.monotonic() - began < limit:
        gevent.sleep(0.05)
    yield _lag(where, arrived)
    if arrived:
        while not any(_is_heartbeat(one) for one in arrived) and time.monotonic() - began < limit:
            gevent.sleep(0.05)
        yield _heartbeat(where, arrived, limit)


def _modules(answers: dict[str, str]) -> Iterator[Finding]:
    missing = [f"{module} ({what})" for table, (module, what) in _MODULES.items() if tables.absent(answers[table])]
    if missing:
        advice = "for those you use: `load NAME` in fs_cli, and a line in autoload_configs/modules.conf.xml"
        yield Finding("note", f"not loaded, and so not shown: {', '.join(missing)}; {advice}")


def _is_heartbeat(event: _Arrived) -> bool:
    try:
        return decode(event.body).name == "HEARTBEAT"
    except ValueError:
        return False


def _heartbeat(where: str, arrived: list[_Arrived], limit: float) -> Finding:
    if any(map(_is_heartbeat, arrived)):
        return Finding("ok", "its HEARTBEAT comes")
    advice = "set event-heartbeat-interval to 20 in autoload_configs/switch.conf.xml, then restart FreeSWITCH"
    return Finding("note", f"{where}: no HEARTBEAT in {limit:.0f} s, so `stats` will be missing or old; {advice}")


def _lag(where: str, arrived: list[_Arrived]) -> Finding:
    if not arrived:
        return Finding("fail", f"{where}: no event came in time, not even its HEARTBEAT; see FreeSWITCH's own log")
    body, at = arrived[0]
    try:
        moment = from_microseconds(decode(body).timestamp)
    except ValueError as error:
        return Finding("fail", f"{where}: an event cannot be read: {error}")
    if moment is None:
        return Finding("note", "events come, but without a time")
    if abs(at - moment) > SKEW_MS:
        text = f"{where}: its clock is {(moment - at) / 1000:+.1f} s from this one; waits and ages will be wrong"
        return Finding("fail", f"{text}: run NTP on both")
    return Finding("ok", f"events come, {at - moment} ms after they happened by its clock")


def broker(settings: Settings) -> Iterator[Finding]:
    """Whether the broker lets us in, and what it lets us do there."""
    return rights.broker(settings, rights.Claims("switch", settings.switch))
