"""The command `esl-publisher`: arguments and settings, then one of run, check, doctor, forget."""

import sys
from collections.abc import Sequence

from esl_publisher.settings import PROGRAM, Settings
from lampfield_bus.node import cli, forget
from lampfield_bus.node.settings import load


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit status."""
    check = cli.check(Settings, PROGRAM, lambda settings: settings.switch)
    commands = cli.Commands(run=_run, check=check, doctor=_doctor, forget=_forget)
    return cli.main(PROGRAM, "Publishes the state of a FreeSWITCH to MQTT.", "switch", commands, arguments)


def _run() -> int:
    from esl_publisher.app import run  # noqa: PLC0415 (`check` runs every few seconds and needs none of it)

    return run(load(Settings, PROGRAM))


def _doctor() -> int:
    from esl_publisher.doctor import examine  # noqa: PLC0415 (as above)

    return examine(load(Settings, PROGRAM))


def _forget(name: str, force: bool) -> int:  # noqa: FBT001 (cli.Commands gives it by position)
    return forget.run(load(Settings, PROGRAM), PROGRAM, "switch", name, force=force)


if __name__ == "__main__":
    sys.exit(main())
