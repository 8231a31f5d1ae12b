"""What can be set on the command line, or by an environment variable of the same name: --port is LAMPFIELD_DEMO_PORT.

May NOT start anything. A bad value ends the program with status 2 and one line that names it.
"""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from demo_switch.office import SMALLEST


@dataclass(frozen=True)
class Options:
    """Everything that can be set; durations in seconds."""

    host: str = "127.0.0.1"
    port: int = 8021
    password: str = "ClueCon"  # noqa: S105  # FreeSWITCH's own default, known to everybody
    seed: str = "lampfield"
    rate: float = 10.0
    speed: float = 1.0
    phones: int = 20
    heartbeat: float = 20.0
    db_lag: float = 0.3
    client_queue: int = 10_000
    replay: Path | None = None
    pause: float | None = None


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
    return value


def _at_least_zero(text: str) -> float:
    value = float(text)
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number of at least 0")
    return value


def _port(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 65_535:
        raise argparse.ArgumentTypeError(f"{text} is not a port: 0 (any that is free) to 65535")
    return value


def _phones(text: str) -> int:
    value = int(text)
    if not SMALLEST <= value <= 1_000:
        raise argparse.ArgumentTypeError(f"{text} phones: there must be {SMALLEST} to 1000")
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number above 0")
    return value


def _parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="demo-switch",
        description="A small synthetic PBX that speaks FreeSWITCH's Event Socket and lives a believable day.",
        epilog="Every option can also be set in the environment, as LAMPFIELD_DEMO_PORT for --port.",
    )
    parser.add_argument("--version", action="version", version=f"demo-switch {version('lampfield-demo-switch')}")

    def option(name: str, kind: object, text: str) -> None:
        field = name.replace("-", "_")
        default = environment.get(f"LAMPFIELD_DEMO_{field.upper()}") or getattr(Options, field)
        shown = "" if default is None else f" (default: {default})"
        parser.add_argument(f"--{name}", type=kind, default=default, help=text + shown)  # type: ignore[arg-type]  # a converter

    option("host", str, "address to listen on")
    option("port", _port, "port to listen on; 0 is any that is free")
    option("password", str, "password of the Event Socket")
    option("seed", str, "two days with one seed are the same")
    option("rate", _at_least_zero, "calls that begin in a minute of the day, on average; 0 is none by themselves")
    option("speed", _positive, "how many times faster than the clock the day passes; 1000 is as fast as it goes")
    option("phones", _phones, "how many extensions there are, from 1000 on")
    option("heartbeat", _positive, "seconds of the day between two HEARTBEAT events")
    option("db-lag", _at_least_zero, "seconds by which `show … as json` is older than the events")
    option("client-queue", _count, "frames that may wait for a client that does not read, before it is dropped")
    option("replay", Path, "live no day, but send the events of this capture to every client that subscribes")
    option("pause", _at_least_zero, "with --replay: seconds after each event, instead of the capture's own pace")
    return parser


def parse(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> Options:
    """The options in force; SystemExit with status 2 on a bad one."""
    return Options(**vars(_parser(environment).parse_args(arguments)))
