"""The command `sip-monitor`: arguments and settings, then one of run, check, doctor, forget, and its own words."""

import sys
from collections.abc import Sequence

from lampfield_bus.node import cli, forget, health
from lampfield_bus.node.settings import load
from sip_monitor.settings import PROGRAM, Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit status."""
    commands = cli.Commands(run=_run, check=_check, doctor=_doctor, forget=_forget)
    return cli.main(PROGRAM, "Shows the SIP of a FreeSWITCH that it sends by HEP.", "node", commands, arguments)


def _run() -> int:
    from sip_monitor.app import run  # noqa: PLC0415 (`check` runs every few seconds and needs none of it)

    return run(load(Settings, PROGRAM))


def _check(end_hung: bool) -> int:  # noqa: FBT001 (cli.Commands gives it by position)
    settings = load(Settings, PROGRAM)
    return health.answer(settings.heartbeat_path(PROGRAM, settings.node), end_hung=end_hung)


def _doctor() -> int:
    from sip_monitor.doctor import examine  # noqa: PLC0415 (as above)

    return examine(load(Settings, PROGRAM))


def _forget(name: str, force: bool) -> int:  # noqa: FBT001 (cli.Commands gives it by position)
    return forget.run(load(Settings, PROGRAM), PROGRAM, "sip", name, force=force)


if __name__ == "__main__":
    sys.exit(main())
