"""The file of pages on disk: bad at the start, replaced, half written, gone."""

import os
from pathlib import Path

import pytest

from led_renderer.pages_file import DEFAULT, Loaded
from led_renderer.watch import LOOK_MS, Watch

GOOD = "pages:\n  - {widget: clock, name: one}\n"
OTHER = "pages:\n  - {widget: calls, name: two}\n"


class Looking:
    """A watch and the time."""

    def __init__(self, path: Path) -> None:
        self.watch = Watch(path)
        self.ticks = 0

    def look(self) -> Loaded | None:
        self.ticks += LOOK_MS
        return self.watch.look(self.ticks)


def name_of(found: Loaded | None) -> str | None:
    assert found is not None
    return None if found.plan is None else found.plan.pages[0].name


def test_without_a_file_there_is_the_default_and_nothing_to_look_at() -> None:
    watch = Watch(None)
    assert watch.plan is DEFAULT
    assert watch.look(0) is None


@pytest.mark.parametrize(("text", "said"), [("pages: 3", ":1: pages: "), ("", "is empty")])
def test_a_bad_file_at_the_start_is_an_error_with_a_line_per_fault(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "office.yaml"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"office\.yaml") as caught:
        Watch(path)
    assert said in str(caught.value)


@pytest.mark.parametrize("kind", ["gone", "folder", "fifo", "secret"])
def test_what_is_no_file_is_an_error_and_never_waited_for(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "office.yaml"
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "secret":
        path.write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match=r"office\.yaml"):
        Watch(path)


def test_a_file_put_in_its_place_is_read_once_it_stands_still(tmp_path: Path) -> None:
    path = tmp_path / "office.yaml"
    path.write_text(GOOD)
    looking = Looking(path)
    assert looking.watch.plan.pages[0].name == "one"
    assert looking.look() is None
    new = tmp_path / "new"
    new.write_text(OTHER)
    new.replace(path)
    assert looking.look() is None, "it may be half written"
    assert name_of(looking.look()) == "two"
    assert looking.look() is None


def test_it_is_looked_at_once_a_second_at_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "office.yaml"
    path.write_text(GOOD)
    watch = Watch(path)
    stamp, looks = watch._stamp(), []

    def counted() -> object:
        looks.append(stamp)
        return stamp

    monkeypatch.setattr(watch, "_stamp", counted)
    for ticks in range(0, 5_000, 20):
        watch.look(ticks)
    assert len(looks) == 5


def test_a_file_that_is_being_written_breaks_nothing(tmp_path: Path) -> None:
    path = tmp_path / "office.yaml"
    path.write_text(GOOD)
    looking = Looking(path)
    for end in range(4, len(OTHER)):
        path.write_text(OTHER[:end])
        assert looking.look() is None
    path.write_text(OTHER)
    assert looking.look() is None
    assert name_of(looking.look()) == "two"


def test_a_bad_one_and_one_that_is_gone_are_told_once(tmp_path: Path) -> None:
    path = tmp_path / "office.yaml"
    path.write_text(GOOD)
    looking = Looking(path)
    path.write_text("pages:\n  - {widget: dance}\n")
    looking.look()
    bad = looking.look()
    assert bad is not None
    assert (bad.plan, bad.field) == (None, "pages[0].widget")
    assert [looking.look() for _ in range(3)] == [None] * 3
    path.unlink()
    looking.look()
    gone = looking.look()
    assert gone is not None
    assert "no such file" in gone.faults[0]
    assert [looking.look() for _ in range(3)] == [None] * 3
    path.write_text(OTHER)
    looking.look()
    assert name_of(looking.look()) == "two"


def test_a_megabyte_is_refused_without_being_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "office.yaml"
    path.write_bytes(b"# " + b"x" * 1_000_000)
    with pytest.raises(ValueError, match="too long"):
        Watch(path)
