"""The command `call-control`: arguments and settings, then one of run, check, doctor, try, forget."""

import sys
from collections.abc import Callable, Sequence

from call_control.settings import PROGRAM, Settings
from lampfield_bus.node import cli, forget
from lampfield_bus.node.run import BAD_SETTING
from lampfield_bus.node.settings import load


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit status."""
    said = sys.argv[1:] if arguments is None else list(arguments)
    if said[:1] == ["token"]:  # it has words of its own
        return _token(said[1:])
    flow = cli.Argument("flow", "a flow's name, or its file")
    profile = cli.Argument("--profile", "of httapi.conf.xml; default: lampfield")
    calls = cli.Argument("--calls", "how many calls are live; default: nobody knows", int)
    words = {
        "check": cli.Word("", _check_flow, (flow._replace(needed=False), profile)),
        "token": cli.Word("make, list and take away API tokens: token --help", lambda: _token(["--help"])),
        "try": cli.Word("take a flow for a walk: this terminal is FreeSWITCH", _try, (flow, profile, calls)),
    }
    check = cli.check(Settings, PROGRAM, lambda settings: settings.node)
    commands = cli.Commands(run=_run, check=check, doctor=_doctor, forget=_forget, others=words)
    return cli.main(PROGRAM, "Answers calls for FreeSWITCH's mod_httapi.", "node", commands, arguments)


def _run() -> int:
    from call_control.app import run  # noqa: PLC0415 (`check` runs every few seconds and needs none of it)

    return run(load(Settings, PROGRAM))


def _check_flow(flow: str, profile: str | None) -> int:
    from call_control.rehearsal import check  # noqa: PLC0415 (as above)

    return _told(lambda: check(load(Settings, PROGRAM), flow, profile))


def _try(flow: str, profile: str | None, calls: int | None) -> int:
    from call_control.rehearsal import rehearse  # noqa: PLC0415 (as above)

    return _told(lambda: rehearse(load(Settings, PROGRAM), flow, profile, calls))


def _told(command: Callable[[], int]) -> int:
    """What is wrong with a setting that is a file is one line, as with every other."""
    try:
        return command()
    except ValueError as error:
        sys.stderr.write(f"{PROGRAM}: {error}\n")
        return BAD_SETTING


def _doctor() -> int:
    from call_control.doctor import examine  # noqa: PLC0415 (as above)

    return examine(load(Settings, PROGRAM))


def _token(words: Sequence[str]) -> int:
    from call_control.web.token_command import run  # noqa: PLC0415 (as above)

    return run(words, lambda: load(Settings, PROGRAM))


def _forget(name: str, force: bool) -> int:  # noqa: FBT001 (cli.Commands gives it by position)
    return forget.run(load(Settings, PROGRAM), PROGRAM, "control", name, force=force)


if __name__ == "__main__":
    sys.exit(main())
