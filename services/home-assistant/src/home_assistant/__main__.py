"""The command `home-assistant`: arguments and settings, then one of run, check, doctor, forget."""

import sys
from collections.abc import Sequence

from home_assistant.settings import PROGRAM, Settings
from lampfield_bus.node import cli
from lampfield_bus.node.settings import load


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit status."""
    check = cli.check(Settings, PROGRAM, lambda settings: settings.node)
    commands = cli.Commands(run=_run, check=check, doctor=_doctor, forget=_forget)
    return cli.main(PROGRAM, "Tells Home Assistant of displays and switches.", "node", commands, arguments)


def _run() -> int:
    from home_assistant.app import run  # noqa: PLC0415 (`check` runs every few seconds and needs none of it)

    return run(load(Settings, PROGRAM))


def _doctor() -> int:
    from home_assistant.app import examine  # noqa: PLC0415 (as above)

    return examine(load(Settings, PROGRAM))


def _forget(name: str, _force: bool) -> int:  # noqa: FBT001 (cli.Commands gives it by position)
    from home_assistant.app import forget  # noqa: PLC0415 (as above)

    return forget(load(Settings, PROGRAM), name)


if __name__ == "__main__":
    sys.exit(main())
