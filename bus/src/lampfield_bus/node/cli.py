"""The command line that all services share: `run` (the default), `check`, `doctor`, `forget NAME`.

A service may add words of its own. Settings come from the environment, so there is nothing else to say on the line.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from typing import Literal, NamedTuple, TypeVar

from lampfield_bus.node import health
from lampfield_bus.node.settings import NodeSettings, load

__all__ = ["Argument", "Commands", "Word", "check", "main"]

S = TypeVar("S", bound=NodeSettings)


class Argument(NamedTuple):
    """What may follow a word: `name` in place, or `--name`; of kind `bool` it is a switch. `many`: one or more."""

    name: str
    help: str
    kind: Callable[[str], str | int] = str
    needed: bool = True
    many: bool = False


class Word(NamedTuple):
    """A word that one service alone has: the line of its help, and what it does with its arguments, given by name.

    One that is called `check` is that command of a service when its first argument is given.
    """

    help: str
    command: Callable[..., int]
    arguments: Sequence[Argument] = ()


@dataclass(frozen=True)
class Commands:
    """What each word does; every one returns the exit status. `check` takes whether to end what hangs, `forget` the
    name and whether to insist.
    """

    run: Callable[[], int]
    check: Callable[[bool], int]
    doctor: Callable[[], int]
    forget: Callable[[str, bool], int]
    others: Mapping[str, Word] = field(default_factory=dict)


def check(settings: type[S], program: str, name: Callable[[S], str]) -> Callable[[bool], int]:
    """The command `check` of `program`: what the heartbeat of the one that is called `name(settings)` tells."""

    def answer(end_hung: bool) -> int:  # noqa: FBT001 (Commands says so)
        loaded = load(settings, program)
        return health.answer(loaded.heartbeat_path(program, name(loaded)), end_hung=end_hung)

    return answer


def main(
    program: str,
    summary: str,
    thing: Literal["switch", "display", "node"],
    commands: Commands,
    arguments: Sequence[str] | None = None,
) -> int:
    """Runs `program` (distribution `lampfield-<program>`) and returns the exit status; SystemExit 2 on bad usage."""
    parsed = _parser(program, summary, thing, commands.others).parse_args(arguments)
    word = commands.others.get(parsed.command)
    given = {} if word is None else {_field(each): getattr(parsed, _field(each)) for each in word.arguments}
    if word is not None and (parsed.command != "check" or next(iter(given.values())) is not None):
        return word.command(**given)
    if parsed.command == "check":
        return commands.check(parsed.end_hung)
    if parsed.command == "doctor":
        return commands.doctor()
    if parsed.command == "forget":
        return commands.forget(parsed.name, parsed.force)
    return commands.run()


def _parser(program: str, summary: str, thing: str, others: Mapping[str, Word]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program, description=summary, epilog="Settings are environment variables: see .env.example."
    )
    parser.add_argument("--version", action="version", version=f"{program} {metadata.version(f'lampfield-{program}')}")
    words = parser.add_subparsers(dest="command", metavar="COMMAND")
    words.add_parser("run", help="run until SIGTERM or SIGINT (the default)")
    check = words.add_parser("check", help="exit 0 when the running service is healthy: for container health checks")
    check.add_argument(
        "--end-hung", action="store_true", help="kill it when it hangs: for a supervisor to start it anew"
    )
    words.add_parser("doctor", help="tell what is wrong with the surroundings")
    for word, other in others.items():
        theirs = check if word == "check" else words.add_parser(word, help=other.help, description=other.help)
        for each in other.arguments:
            _add(theirs, each)
    forget = words.add_parser("forget", help=f"delete everything retained under a retired {thing}")
    forget.add_argument("name", metavar="NAME", help=f"the {thing}'s name in the topics")
    forget.add_argument("--force", action="store_true", help="also when it still reads `online`")
    return parser


def _add(parser: argparse.ArgumentParser, argument: Argument) -> None:
    if argument.kind is bool:
        parser.add_argument(argument.name, help=argument.help, action="store_true")
    elif argument.many:
        parser.add_argument(argument.name, help=argument.help, type=argument.kind, nargs="+")
    elif argument.needed or argument.name.startswith("-"):
        parser.add_argument(argument.name, help=argument.help, type=argument.kind)
    else:
        parser.add_argument(argument.name, help=argument.help, type=argument.kind, nargs="?")


def _field(argument: Argument) -> str:
    return argument.name.lstrip("-").replace("-", "_")
