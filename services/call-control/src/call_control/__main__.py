"""The command `call-control`: arguments and settings, then one of run, check, doctor, forget."""

import sys
from collections.abc import Sequence

from call_control.settings import PROGRAM, Settings
from lampfield_bus.node import cli, forget, health
from lampfield_bus.node.settings import load


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit status."""
    commands = cli.Commands(run=_run, check=_check, doctor=_doctor, forget=_forget)
    return cli.main(PROGRAM, "Answers calls for FreeSWITCH's mod_httapi.", "node", commands, arguments)


def _run() -> int:
    from call_control.app import run  # noqa: PLC0415 (`check` runs every few seconds and needs none of it)

    return run(load(Settings, PROGRAM))


def _check(end_hung: bool) -> int:  # noqa: FBT001 (cli.Commands gives it by position)
    settings = load(Settings, PROGRAM)
    return health.answer(settings.heartbeat_path(PROGRAM, settings.node), end_hung=end_hung)


def _doctor() -> int:
    from call_control.doctor import examine  # noqa: PLC0415 (as above)

    return examine(load(Settings, PROGRAM))


def _forget(name: str, force: bool) -> int:  # noqa: FBT001 (cli.Commands gives it by position)
    return forget.run(load(Settings, PROGRAM), PROGRAM, "control", name, force=force)


if __name__ == "__main__":
    sys.exit(main())
