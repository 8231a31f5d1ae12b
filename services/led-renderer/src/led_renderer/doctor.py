"""`led-renderer doctor`: what is wrong with the surroundings, one line each, and what to do about it.

It disturbs nothing: no byte goes to the panel, and what is published says what is so already.
"""

import getpass
import grp
import importlib.util
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

import msgspec

from lampfield_bus.channels import SWITCH_HEALTH, match
from lampfield_bus.instants import parse
from lampfield_bus.messages import SwitchHealth
from lampfield_bus.node import rights
from lampfield_bus.node.arrivals import Message
from lampfield_bus.node.findings import Finding, report
from lampfield_bus.node.inbox import Inbox
from led_renderer.drivers import InUseError
from led_renderer.drivers.terminal import is_drawable
from led_renderer.identity import display_name
from led_renderer.settings import PROGRAM, Settings, panel_of
from led_renderer.spi_advice import Access, Machine, forbidden, missing
from led_renderer.subscriptions import filters

__all__ = ["broker", "clock", "driver", "examine", "machine", "time_zone"]

HEALTH_SECONDS: Final = 16.0  # a publisher tells its health every 15 s
SKEW_SECONDS: Final = 5.0  # beyond it the panel shows its age pixel


def examine(settings: Settings) -> int:
    """Prints every finding as it comes; returns the exit status: 1 when one of them is a `fail`."""
    return report(_findings(settings))


def _findings(settings: Settings) -> Iterator[Finding]:
    display = settings.display or display_name()
    width, height = settings.geometry.frame_size
    yield Finding("ok", f"display {display}: {width}x{height} pixels, {settings.geometry.modules} modules")
    yield from driver(settings)
    yield time_zone(settings)
    yield from broker(settings, display)


def driver(settings: Settings) -> Iterator[Finding]:
    """Whether the driver that the settings ask for can work here."""
    options = settings.driver_options
    wanted = settings.driver
    if wanted == "max7219" or (wanted == "auto" and options.spi_path.exists()):
        yield from _spi(settings, "fail" if wanted == "max7219" else "note")
    elif wanted == "terminal" or (wanted == "auto" and is_drawable(sys.stdout)):
        drawable = is_drawable(sys.stdout)
        yield Finding(
            "ok" if drawable else "note", f"driver terminal: stdout {'is' if drawable else 'is not'} a terminal"
        )
    else:
        yield Finding("ok", f"driver none: no {options.spi_path} and no terminal; the frame topic is the only panel")


def _spi(settings: Settings, grade: Literal["note", "fail"]) -> Iterator[Finding]:
    path = settings.driver_options.spi_path
    if not path.exists():
        yield Finding(grade, f"driver max7219: {missing(str(path), machine())}")
        return
    if not os.access(path, os.R_OK | os.W_OK):
        yield Finding(grade, f"driver max7219: {forbidden(_access(path))}")
        return
    if importlib.util.find_spec("spidev") is None:
        yield Finding(
            grade, "driver max7219: the Python package spidev is not installed: pip install spidev (needs gcc)"
        )
        return
    from led_renderer.drivers.max7219 import probe  # noqa: PLC0415 (luma brings Pillow: 20 MB that others can save)

    try:
        probe(port=settings.spi_port, device=settings.spi_device, speed_hz=settings.spi_speed_hz)
    except InUseError:
        yield Finding("ok", f"driver max7219: {path} is in use: a led-renderer runs")
    except ConnectionError as error:
        yield Finding(grade, f"driver max7219: {error}")
    else:
        # The chips have no way to answer.
        yield Finding("ok", f"driver max7219: {path} opens at {settings.spi_speed_hz} Hz; whether modules hear is seen")


def machine(root: Path = Path("/")) -> Machine:
    """What this machine shows of its SPI. A Pi 5's spidev10.0 is left out: it is the chip that the Pi starts from."""
    config = next(
        (path for path in (root / "boot/firmware/config.txt", root / "boot/config.txt") if path.is_file()), None
    )
    model = _text(root / "proc/device-tree/model")
    return Machine(
        model=None if model is None else model.strip("\0 \n"),
        config=None if config is None else _text(config),
        config_path=f"/{config.relative_to(root)}" if config is not None else "",
        devices=tuple(f"/dev/{path.name}" for path in sorted((root / "dev").glob("spidev[0-9].*"))),
        container=_in_container(root),
    )


def _access(path: Path) -> Access:
    user, gid = getpass.getuser(), path.stat().st_gid
    try:
        group = grp.getgrgid(gid)
        name, member = group.gr_name, user in group.gr_mem
    except KeyError:  # a container does not know the host's groups
        name, member = str(gid), False
    return Access(path=str(path), group=name, gid=gid, user=user, member=member, container=_in_container(Path("/")))


def _in_container(root: Path) -> bool:
    return (root / ".dockerenv").exists() or (root / "run/.containerenv").exists()


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None


def time_zone(settings: Settings) -> Finding:
    """The zone of clock pages and schedules, and the time there."""
    local = datetime.now(settings.zone)
    if settings.tz is None and local.utcoffset() == datetime.now(UTC).utcoffset():
        return Finding("note", f"time zone UTC, {local:%H:%M}; set TZ (Europe/Berlin) if your clocks say otherwise")
    return Finding("ok", f"time zone {settings.tz or 'of the system'}, {local:%H:%M}")


def broker(settings: Settings, display: str) -> Iterator[Finding]:
    """Whether the broker lets us in, what it lets us do there, and how far the switches' clocks are off."""
    state, orders, _ = filters(panel_of(settings, display, "none", 0))
    claims = rights.Claims("display", display, [*state, *orders[1:]])
    return rights.broker(settings, claims, lambda visit: clock(visit.inbox, filter(_is_health, visit.retained)))


def _is_health(message: Message) -> bool:
    row = match(message.topic)
    return row is not None and row[0] is SWITCH_HEALTH


def clock(
    inbox: Inbox,
    retained: Iterable[Message],
    wall: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    limit: float = HEALTH_SECONDS,
) -> Iterator[Finding]:
    """How far this clock is from each switch's, by the next `health` that each of them sends."""
    expected = {message.topic for message in retained if message.payload}
    if not expected:
        yield Finding("note", "no switch has ever been heard of on this broker: the panel will say NO PBX")
        return
    for arrival in _arrivals(inbox, limit):
        if isinstance(arrival, Message) and arrival.topic in expected and not arrival.retain and arrival.payload:
            expected.remove(arrival.topic)
            yield _skew(arrival, wall())
        if not expected:
            return
    for topic in sorted(expected):
        yield Finding("note", f"{_switch(topic)}: no health within {limit:.0f} s; is its publisher running?")


def _skew(message: Message, now: int) -> Finding:
    try:
        health = msgspec.json.decode(message.payload, type=SwitchHealth)
        ahead = (now - parse(health.at)) / 1000
    except ValueError as error:
        return Finding("note", f"{_switch(message.topic)}: its health is not understood: {error}")
    text = f"{_switch(message.topic)}: this clock is {abs(ahead):.1f} s {'ahead' if ahead >= 0 else 'behind'}"
    if abs(ahead) <= SKEW_SECONDS:
        return Finding("ok", text)
    return Finding("fail", f"{text}; waits and ages will be wrong: run NTP on both")


def _switch(topic: str) -> str:
    found = match(topic)
    return f"switch {found[1][0]}" if found else PROGRAM


def _arrivals(inbox: Inbox, limit: float) -> Iterator[object]:
    end = time.monotonic() + limit
    while (left := end - time.monotonic()) > 0:
        yield from inbox.take(left)
