"""The part as the process has it. What it answers is in test_api.py."""

from pathlib import Path

import pytest

from call_control.parts import Place
from call_control.register import Register
from call_control.settings import Settings
from call_control.web.part import WebPart
from lampfield_bus.messages import ControlCall, Publication
from lampfield_bus.node.run import Now


def part(sent: list[Publication], register: Register, tokens: Path) -> WebPart:
    return WebPart(Place(Settings(tokens_file=tokens), register, sent.extend, lambda: 0))


def test_what_an_earlier_run_left_and_nobody_can_read_is_ended(tmp_path: Path) -> None:
    sent: list[Publication] = []
    register = Register("main")
    register._orphans["a"] = ControlCall(
        id="a", kind="click", from_="1", to="2", state="active", started_at="soon", answered_at=None, outcome=None
    )
    made = part(sent, register, tmp_path / "tokens.json")
    made.tick(Now(0, 0, 0))
    assert [publication.payload == b"" for publication in sent] == [True, False]
    assert register.live == {}
    assert (made.counts.esl, list(made.filters)) == ("off", [])


def test_a_clock_that_is_set_ends_no_call(tmp_path: Path) -> None:
    sent: list[Publication] = []
    made = part(sent, register := Register("main"), tmp_path / "tokens.json")
    register._orphans["a"] = ControlCall(
        id="a", kind="click", from_="1", to="2", state="active", started_at="1970-01-01T00:00:00.000Z",
        answered_at=None, outcome=None,
    )  # fmt: skip
    made.tick(Now(1_000, 1_000, 0))
    years = 50 * 365 * 86_400_000
    for second in (2, 3, 30, 60):
        made.tick(Now(years + second * 1_000, second * 1_000, years if second == 2 else 0))
    assert list(register.live) == ["a"]


def test_a_file_that_is_none_ends_it_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "tokens.json").write_text("[]")
    with pytest.raises(ValueError, match="the tokens' file"):
        part([], Register("main"), tmp_path / "tokens.json")
