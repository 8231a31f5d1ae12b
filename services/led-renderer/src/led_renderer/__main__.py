"""The command `led-renderer`: arguments and settings, then one of run, check, doctor, wiring, forget."""

import sys
from collections.abc import Sequence

from lampfield_bus.node import cli, forget
from lampfield_bus.node.settings import load
from led_renderer.identity import display_name
from led_renderer.settings import PROGRAM, Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit status."""
    wiring = cli.Word("walk through a new panel: ask what is seen, suggest the settings", _wiring)
    check = cli.check(Settings, PROGRAM, lambda settings: settings.display or display_name())
    commands = cli.Commands(run=_run, check=check, doctor=_doctor, forget=_forget, others={"wiring": wiring})
    return cli.main(PROGRAM, "Shows the state of a FreeSWITCH on LED matrices.", "display", commands, arguments)


def _run() -> int:
    from led_renderer.app import run  # noqa: PLC0415 (`check` runs every few seconds and needs none of it)

    return run(load(Settings, PROGRAM))


def _doctor() -> int:
    from led_renderer.doctor import examine  # noqa: PLC0415 (as above)

    return examine(load(Settings, PROGRAM))


def _wiring() -> int:
    from led_renderer.wiring import walk  # noqa: PLC0415 (as above)

    return walk(load(Settings, PROGRAM))


def _forget(name: str, force: bool) -> int:  # noqa: FBT001 (cli.Commands gives it by position)
    return forget.run(load(Settings, PROGRAM), PROGRAM, "display", name, force=force)


if __name__ == "__main__":
    sys.exit(main())
