"""`sip-monitor doctor`: what is wrong with the surroundings, one line each, and what to do about it."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Final

from lampfield_bus.node import rights
from lampfield_bus.node.findings import Finding, report
from sip_monitor import hep
from sip_monitor.app import READS
from sip_monitor.listener import BUFFER_BYTES, Listener
from sip_monitor.settings import Settings

__all__ = ["broker", "examine", "socket_findings"]

LISTEN_SECONDS: Final = 6.0  # FreeSWITCH pings gateways and telephones more often than that, if it is told to


def examine(settings: Settings) -> int:
    """Prints every finding as it comes; returns the exit status: 1 when one of them is a `fail`."""
    return report(_findings(settings))


def _findings(settings: Settings) -> Iterator[Finding]:
    yield from socket_findings(settings)
    yield from broker(settings)


def socket_findings(settings: Settings, seconds: float = LISTEN_SECONDS) -> Iterator[Finding]:
    """Whether HEP can come, and whether it does; who can send it."""
    where = f"{settings.hep_host}:{settings.hep_port}"
    yield _openness(settings, where)
    try:
        listener = Listener(settings.hep_host, settings.hep_port, settings.networks)
    except OSError as error:
        if error.errno == 98:  # EADDRINUSE
            yield Finding("note", f"HEP: {where} by UDP is in use: a sip-monitor runs, or something else does")
        else:
            yield Finding("fail", f"HEP: {where} by UDP: {error.strerror or error}")
        return
    with listener:
        yield _buffer(listener)
        datagrams = listener.take(seconds)
    if not datagrams:
        yield Finding(
            "note",
            f"HEP: nothing came to {where} within {seconds:.0f} s; in FreeSWITCH look at capture-server (no `;` at its"
            " end) and sip-capture, and make a call",
        )
        return
    try:
        packet = hep.decode(datagrams[0])
    except ValueError as error:
        yield Finding("fail", f"HEP: what comes to {where} is none: {error}")
    else:
        yield Finding("ok", f"HEP: it comes: {packet.source} to {packet.target}, capture id {packet.agent}")


def _openness(settings: Settings, where: str) -> Finding:
    try:
        local = ip_address(settings.hep_host).is_loopback
    except ValueError:
        local = settings.hep_host == "localhost"
    if local or settings.hep_sources:
        return Finding("ok", f"HEP: {where} takes {'this host' if local else ', '.join(settings.hep_sources)} alone")
    return Finding(
        "note",
        f"HEP: {where} takes whatever reaches it, and HEP knows no password: set LAMPFIELD_HEP_SOURCES or a firewall",
    )


def _buffer(listener: Listener) -> Finding:
    size = listener.buffer_bytes // 2  # the kernel tells twice what it gives
    if size >= BUFFER_BYTES:
        return Finding("ok", f"HEP: {size // 1024} KiB wait in the kernel when they come faster than they are read")
    return Finding(
        "note",
        f"HEP: the kernel keeps {size // 1024} KiB of what waits, {BUFFER_BYTES // 1024} were asked for:"
        f" sysctl net.core.rmem_max={BUFFER_BYTES}",
    )


def broker(settings: Settings) -> Iterator[Finding]:
    """Whether the broker lets us in, and what it lets us do there."""
    return rights.broker(settings, rights.Claims("sip", settings.node, READS))
