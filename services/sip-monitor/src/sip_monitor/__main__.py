"""The command `sip-monitor`: arguments and settings, then one of run, check, doctor, forget, and its own words."""

import sys
from collections.abc import Sequence
from typing import Final

from lampfield_bus.node import cli, forget
from lampfield_bus.node.settings import load
from sip_monitor.explain import explain
from sip_monitor.settings import PROGRAM, Settings

_READ: Final = (
    cli.Argument("file", "pcap, pcapng, or HEP datagrams one after another"),
    cli.Argument("dialog", "its number in the list, or its Call-ID: draws its ladder", needed=False),
    cli.Argument("--every", "OPTIONS and what else is left out, too", bool),
    cli.Argument("--bodies", "the messages themselves, too", bool),
    cli.Argument("--pcap", "write what is shown into this file"),
)
_EXPORT: Final = (cli.Argument("call_id", "the dialog's Call-ID"), cli.Argument("file", "where to"))
_EXPLAIN: Final = (cli.Argument("word", "488, REFER, USER_BUSY, Q.850 17, Busy Here", many=True),)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit status."""
    others = {
        "watch": cli.Word("the dialogs of a node in this terminal, with their ladders", _watch),
        "read": cli.Word("the dialogs in a file: pcap, pcapng, or HEP", _read, _READ),
        "export": cli.Word("a dialog's ladder as pcap, for sngrep and Wireshark", _export, _EXPORT),
        "explain": cli.Word("a response code, a method or a hangup cause", _explain, _EXPLAIN),
    }
    check = cli.check(Settings, PROGRAM, lambda settings: settings.node)
    commands = cli.Commands(run=_run, check=check, doctor=_doctor, forget=_forget, others=others)
    return cli.main(PROGRAM, "Shows the SIP of a FreeSWITCH that it sends by HEP.", "node", commands, arguments)


def _run() -> int:
    from sip_monitor.app import run  # noqa: PLC0415 (`check` runs every few seconds and needs none of it)

    return run(load(Settings, PROGRAM))


def _doctor() -> int:
    from sip_monitor.doctor import examine  # noqa: PLC0415 (as above)

    return examine(load(Settings, PROGRAM))


def _forget(name: str, force: bool) -> int:  # noqa: FBT001 (cli.Commands gives it by position)
    return forget.run(load(Settings, PROGRAM), PROGRAM, "sip", name, force=force)


def _watch() -> int:
    from sip_monitor.watch import run  # noqa: PLC0415 (as above)

    return run(load(Settings, PROGRAM))


def _read(*, file: str, dialog: str | None, every: bool, bodies: bool, pcap: str | None) -> int:
    from sip_monitor.offline import Wanted, read  # noqa: PLC0415 (as above)

    return read(load(Settings, PROGRAM), file, Wanted(dialog, every, bodies, pcap))


def _export(*, call_id: str, file: str) -> int:
    from sip_monitor.offline import export  # noqa: PLC0415 (as above)

    return export(load(Settings, PROGRAM), call_id, file)


def _explain(*, word: Sequence[str]) -> int:
    try:
        sys.stdout.write("\n".join(explain(" ".join(word))) + "\n")
    except ValueError as error:
        sys.stderr.write(f"{PROGRAM}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
