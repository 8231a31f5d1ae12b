import re
import sys
from pathlib import Path

import pytest

import esl_publisher
from esl_publisher import commands
from esl_publisher.commands import Command


@pytest.mark.parametrize(
    "text",
    [
        "",
        "api status",
        "api hostname\n\napi fsctl shutdown",
        "api hostname\n",
        "api global_setvar domain x",
        "api global_getvar default_password",
        "api show channels",
        "api callcenter_config agent set status 1001@default Logged Out",
        "bgapi originate user/1000 &park\nJob-UUID: a",
        "bgapi show channels as json",
        "bgapi sofia profile external killgw carrier\nJob-UUID: a",
        "bgapi conference 3000 kick all\nJob-UUID: a",
        "bgapi fifo list x\nJob-UUID: a",
        "bgapi show channels as json\nJob-UUID: a\nX: y",
        "bgapi callcenter_config queue set support@default strategy ring-all\nJob-UUID: a",
        "bgapi callcenter_config agent set status 1001@default Logged Out\nJob-UUID: a",
        "bgapi callcenter_config queue list members\nJob-UUID: a",
        "bgapi callcenter_config queue list members a b\nJob-UUID: a",
        "event plain ALL",
        "event json HEARTBEAT sofia::register",
        "event json HEARTBEAT\n\nexit",
        "event json",
        "sendevent CUSTOM",
        "auth a\nb",
        "auth ",
        "filter delete all",
        "exit",
    ],
)
def test_what_is_not_on_the_list_cannot_be_made(text: str) -> None:
    with pytest.raises(ValueError, match="not on the list"):
        Command(text, "test")


def test_the_commands_are_spelt_as_freeswitch_wants_them() -> None:
    assert commands.auth("Clue Con").wire == b"auth Clue Con\n\n"
    assert commands.HOSTNAME.wire == b"api hostname\n\n"
    assert commands.job("calls", "ab-1").wire == b"bgapi show calls as json\nJob-UUID: ab-1\n\n"
    assert commands.foreground("calls").wire == b"api show calls as json\n\n"
    assert commands.job("lots", "ab-1").wire == b"bgapi valet_info\nJob-UUID: ab-1\n\n"
    assert commands.subscribe(["HEARTBEAT", "CHANNEL_CREATE"]).wire == b"event json HEARTBEAT CHANNEL_CREATE\n\n"


@pytest.mark.parametrize("table", [*commands.QUEUE_TABLES, commands.members("support@default")])
def test_the_queues_tables_can_be_asked_for(table: str) -> None:
    assert commands.foreground(table).wire == f"api {table}\n\n".encode()
    assert commands.job(table, "ab-1").wire == f"bgapi {table}\nJob-UUID: ab-1\n\n".encode()


@pytest.mark.parametrize("name", ["a b", "a\nb", "", "a'", "x" * 129, "a;b"])
def test_a_queue_that_no_command_line_can_name_is_not_asked_for(name: str) -> None:
    assert commands.members(name) is None


def test_custom_comes_last_with_its_subclasses() -> None:
    command = commands.subscribe(["HEARTBEAT"], ["sofia::register", "callcenter::info"])
    assert command.text == "event json HEARTBEAT CUSTOM sofia::register callcenter::info"


def test_a_password_is_never_shown() -> None:
    command = commands.auth("hunter2")
    assert "hunter2" not in repr(command)
    assert "hunter2" not in str(command)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("vm", "vm"), ("vm\n", "vm"), ("", None), ("\n", None), ("-ERR no reply\n", None), ("-ERR x", None)],
)
def test_an_error_and_an_empty_answer_are_no_value(text: str, expected: str | None) -> None:
    assert commands.value(text) == expected


def test_no_other_module_spells_a_command() -> None:
    spelt = re.compile(r"""["'](api|bgapi|event|auth|userauth|sendmsg|sendevent|filter|nixevent|exit)[ "'\\]""")
    package = Path(sys.modules[esl_publisher.__name__].__file__ or "").parent
    guilty = [path.name for path in package.glob("*.py") if path.name != "commands.py" and spelt.search(_code(path))]
    assert guilty == []


def _code(path: Path) -> str:
    """A module's text without its docstrings' backticked words."""
    return re.sub(r"`[^`\n]*`", "", path.read_text(encoding="utf-8"))
