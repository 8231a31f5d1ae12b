"""The command `credentials`: run by docker-compose.yml before the broker, and by make for people."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from credentials.app import App, Places, load_kinds
from lampfield_bus.node.run import FAILED, OK
from lampfield_bus.node.settings import NodeSettings, load

PROGRAM = "credentials"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit status."""
    words = _parser().parse_args(arguments)
    settings = load(NodeSettings, PROGRAM)
    given = settings.mqtt_password.get_secret_value() if settings.mqtt_password is not None else None
    try:
        app = App(
            Places.below(words.base),
            load_kinds(words.access),
            root=settings.topic_root,
            broker=(settings.mqtt_host, settings.mqtt_port),
            settings=os.environ,
            given=given,
        )
        _run(app, words)
    except (ValueError, OSError) as error:  # ConnectionError is one
        sys.stderr.write(f"{PROGRAM}: {error}\n")
        return FAILED
    return OK


def _run(app: App, words: argparse.Namespace) -> None:
    match words.command:
        case "show":
            app.show()
        case "password":
            app.password(words.user)
        case "add":
            app.add(words.kind, words.name, numbers=words.numbers == "on")
        case "remove":
            app.remove(words.kind, words.name)
        case "rotate":
            app.rotate(words.user)
        case "certs":
            if words.certificate is not None:
                app.own_certs(words.certificate.read_bytes(), words.key.read_bytes())
            else:
                app.certs(words.hosts)
        case "ca":
            app.ca()
        case _:
            app.ensure()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description="The broker's users, passwords and certificates.")
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {metadata.version(f'lampfield-{PROGRAM}')}")
    parser.add_argument("--base", type=Path, default=Path("/var/lib/lampfield"), help="where everything is kept")
    parser.add_argument("--access", type=Path, default=Path("/opt/lampfield/access"), help="the services' paragraphs")
    words = parser.add_subparsers(dest="command", metavar="COMMAND")
    words.add_parser("ensure", help="make what is missing (the default)")
    words.add_parser("show", help="every user, its password, what it may do")
    words.add_parser("password", help="one user's password").add_argument("user")
    add = words.add_parser("add", help="one more user: add display lobby")
    remove = words.add_parser("remove", help="take one away: remove display lobby")
    for command in (add, remove):
        command.add_argument("kind")
        command.add_argument("name")
    add.add_argument("--numbers", choices=["on", "off"], default="on", help="off: never parties' numbers and names")
    words.add_parser("rotate", help="new passwords: one user's, or all of this host").add_argument("user", nargs="?")
    certs = words.add_parser("certs", help="a certificate for the broker by these names and addresses")
    certs.add_argument("hosts", nargs="*")
    certs.add_argument("--certificate", type=Path, help="your own, PEM, with the chain")
    certs.add_argument("--key", type=Path, help="its key")
    words.add_parser("ca", help="the authority's certificate")
    return parser


if __name__ == "__main__":
    sys.exit(main())
