"""The flows that there are: shipped, a folder's, and those that are wrong."""

from pathlib import Path

import pytest

from call_control.httapi.library import SHIPPED, Library, read

PROGRAM = """\
from call_control.documents.actions import Transfer
def flow(call):
    yield [Transfer(to=call.values["operator"])]
"""


def test_the_shipped_ones_are_there_and_served_when_their_values_are_set() -> None:
    library = Library(None, {})
    assert set(library.entries) == set(SHIPPED)
    assert library.find("announcement") is not None
    assert library.find("board") is None
    assert library.entries["board"].unset == ("code",)
    assert Library(None, {"code": "4711"}).find("board") is not None
    assert library.find("nowhere") is None


def test_a_folder_s_go_over_the_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "board.yaml").write_text("steps: {a: {dial: '1'}}")
    (tmp_path / "mine.py").write_text(PROGRAM)
    (tmp_path / "README.md").write_text("no flow")
    (tmp_path / ".hidden.yaml").write_text("no flow")
    library = Library(tmp_path, {})
    assert set(library.entries) == {*SHIPPED, "mine"}
    assert library.find("board") is not None
    assert [library.is_slow(name) for name in ("board", "mine", "nowhere")] == [False, True, False]


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("a.yaml", "steps: {a: {}}", "a.yaml:1: steps.a: says nothing to do"),
        ("a.py", "def flow(", "a.py: SyntaxError: "),
        ("a.py", "x = 1", "a.py: TypeError: has no function flow(call)"),
        ("a.py", "raise LookupError('own')", "a.py: LookupError: own"),
    ],
)
def test_one_that_is_wrong_is_said_and_not_served(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str, text: str, fault: str
) -> None:
    (tmp_path / name).write_text(text)
    library = Library(tmp_path, {})
    assert library.find("a") is None
    library.tell()
    assert fault in caplog.text
    assert "the flow a is not served" in caplog.text


def test_what_is_served_and_what_is_not_is_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    Library(None, {"code": "1234"}).tell()
    assert "the flow board is served" in caplog.text
    assert "the flow attendant is not served: LAMPFIELD_FLOW_VALUES sets no domain" in caplog.text


def test_a_flow_can_be_withdrawn() -> None:
    library = Library(None, {})
    library.withdraw("announcement", "it hangs")
    assert library.find("announcement") is None


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert read(tmp_path / "a.yaml", {}).faults == ("a.yaml: No such file or directory",)
