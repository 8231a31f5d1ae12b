"""`call-control doctor`: what is wrong with the surroundings, a line each, and what to do about it. Changes nothing."""

import socket
from collections.abc import Iterator

from call_control.httapi.library import Library
from call_control.httapi.profiles import permissions
from call_control.httapi.recordings import Recordings
from call_control.server import listening
from call_control.settings import Settings
from call_control.switches import FILTERS
from call_control.web.examine import findings
from lampfield_bus.node import rights
from lampfield_bus.node.findings import Finding, report

__all__ = ["broker", "examine", "flows", "port"]


def examine(settings: Settings) -> int:
    """Prints every finding as it comes; returns the exit status: 1 when one of them is a `fail`."""
    return report(_findings(settings))


def _findings(settings: Settings) -> Iterator[Finding]:
    yield port(settings)
    yield from flows(settings)
    yield from broker(settings)
    yield from findings(settings)


def port(settings: Settings) -> Finding:
    """Whether HTTP can be served where the settings say."""
    where = f"HTTP {settings.http_host}:{settings.http_port}"
    try:
        with socket.create_connection((settings.http_host, settings.http_port or 1), 1):
            return Finding("note", f"{where}: something answers there already: a call-control that runs, or another")
    except OSError:
        pass
    try:
        listening(settings.http_host, settings.http_port).close()
    except ConnectionError as error:
        return Finding("fail", f"{error}; see LAMPFIELD_HTTP_HOST and LAMPFIELD_HTTP_PORT")
    return Finding("ok", f"{where}: free")


def flows(settings: Settings) -> Iterator[Finding]:
    """Which flows are served and which are not, who may ask for them, and where recordings go."""
    for entry in Library(settings.flows_dir, settings.values).entries.values():
        if entry.faults:
            yield Finding("fail", f"flow {entry.name}: {entry.faults[0]}; call-control check {entry.name}")
        elif entry.unset:
            unset = ", ".join(entry.unset)
            yield Finding("note", f"flow {entry.name}: not served: LAMPFIELD_FLOW_VALUES sets no {unset}")
        else:
            yield Finding("ok", f"flow {entry.name}: served")
    told = "with the secret" if settings.httapi_secret else "without a secret"
    yield Finding("ok", f"FreeSWITCH may ask from {', '.join(settings.httapi_allow)}, {told}")
    try:
        permissions(settings.httapi_conf)
        Recordings(settings.recordings_dir, each=1, all_=1, clear=False)
    except ValueError as error:
        yield Finding("fail", str(error))
    if settings.recordings_dir is None:
        yield Finding("note", "recordings are dropped: LAMPFIELD_RECORDINGS_DIR names no folder")


def broker(settings: Settings) -> Iterator[Finding]:
    """Whether the broker lets us in, and what it lets us do there."""
    return rights.broker(settings, rights.Claims("control", settings.node, FILTERS))
