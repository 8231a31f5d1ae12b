"""`call-control token add | list | remove`: makes API tokens, shows whose there are, takes them away. Shell.

A token is printed once, for the one it is for. The running service reads the file again by itself.
"""

import argparse
import secrets
import sys
import time
from collections.abc import Callable, Sequence
from typing import Final

from call_control.web.settings import CallsSettings
from call_control.web.token_file import TokenFile
from call_control.web.tokens import SCOPES, Scope, Token, digest, keyring, new_secret, parse, written
from lampfield_bus.instants import rfc3339
from lampfield_bus.node.run import FAILED, OK

__all__ = ["run"]

DAY_MS: Final = 86_400_000


def run(
    arguments: Sequence[str],
    settings: Callable[[], CallsSettings],
    *,
    random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    now: Callable[[], int] = time.time_ns,
) -> int:
    """Does what the words after `token` say; returns the exit status. SystemExit 2 on bad usage."""
    parsed = _parser().parse_args(arguments)
    file = TokenFile(settings().tokens_file)
    try:
        tokens = file.read()
        if parsed.action == "list":
            sys.stdout.writelines(f"{_line(each)}\n" for each in tokens)
        elif parsed.action == "remove":
            _write(file, _without(tokens, parsed.name))
        else:
            secret = new_secret(random_bytes)
            _write(file, [*tokens, _made(parsed, secret, now() // 1_000_000)])
            sys.stdout.write(f"{secret}\n")
    except (ValueError, OSError) as error:
        why = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
        sys.stderr.write(f"call-control: token: {why}\n")
        return FAILED
    return OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="call-control token", description="API tokens for calls from the web.")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    add = actions.add_parser("add", help="make one, and print it: it is shown once")
    add.add_argument("name", metavar="NAME", help="what lists and the audit log call it")
    add.add_argument(
        "--scopes", type=_scopes, required=True, help="; ".join(f"{scope}: {what}" for scope, what in SCOPES.items())
    )
    add.add_argument("--from", dest="callers", type=_parts, help="whose phone it may ring first; default: CALL_FROM")
    add.add_argument("--to", dest="callees", type=_parts, help="whom it may call; default: CALL_TO, GUEST_TO")
    add.add_argument("--origins", type=_parts, help="the web pages that may use it: https://www.example.org")
    add.add_argument("--days", type=int, help="until it expires; default: it does not")
    actions.add_parser("list", help="whose there are, and what they may do")
    remove = actions.add_parser("remove", help="take one away; what it started goes on")
    remove.add_argument("name", metavar="NAME")
    return parser


def _made(parsed: argparse.Namespace, secret: str, at: int) -> Token:
    return Token(
        name=parsed.name,
        sha256=digest(secret),
        scopes=parsed.scopes,
        from_=parsed.callers,
        to=parsed.callees,
        origins=parsed.origins,
        expires_at=None if parsed.days is None else rfc3339(at + parsed.days * DAY_MS),
    )


def _without(tokens: list[Token], name: str) -> list[Token]:
    left = [each for each in tokens if each.name != name]
    if len(left) == len(tokens):
        raise ValueError(f"there is no token called {name}")
    return left


def _line(each: Token) -> str:
    lists = (("from", each.from_), ("to", each.to), ("origins", each.origins))
    words = [each.name, ",".join(each.scopes), *(f"{label} {','.join(them)}" for label, them in lists if them)]
    return "  ".join([*words, *([f"until {each.expires_at}"] if each.expires_at else [])])


def _write(file: TokenFile, tokens: list[Token]) -> None:
    keyring(parse(written(tokens)))  # what could not be read back is not written
    file.write(tokens)


def _scopes(text: str) -> list[Scope]:
    names = _parts(text)
    unknown = [name for name in names if name not in SCOPES]
    if unknown or not names:
        raise argparse.ArgumentTypeError(f"{','.join(unknown) or 'nothing'!r}: there are {', '.join(SCOPES)}")
    return [scope for scope in SCOPES if scope in names]


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
