"""docs/widgets.md is what the code says: every widget with what it needs and takes, every path, every icon."""

import re
from pathlib import Path

import pytest

from led_renderer.icons import ICONS
from led_renderer.values import path
from led_renderer.widgets import WIDGETS

PAGE = (Path(__file__).parents[2] / "docs" / "widgets.md").read_text(encoding="utf-8")
CELL = re.compile(r"`([^`]+)`")


def rows(head: str) -> dict[str, list[str]]:
    """The table below a head, by its first cell."""
    lines = PAGE.split(head, 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: row[1:] for row in cells}


def test_every_widget_is_there_in_the_order_of_the_code() -> None:
    assert [name.strip("`") for name in rows("| widget |")] == list(WIDGETS)


@pytest.mark.parametrize("name", WIDGETS)
def test_a_widget_is_described_as_it_is(name: str) -> None:
    _, needs, options = rows("| widget |")[f"`{name}`"]
    widget = WIDGETS[name]
    assert CELL.findall(needs) == ([] if widget.needs is None else [widget.needs])
    assert tuple(CELL.findall(options)) == widget.takes
    assert tuple(re.findall(r"\*\*`([^`]+)`\*\*", options)) == widget.requires


def test_every_option_is_explained() -> None:
    told = {option for row in rows("| option |") for option in CELL.findall(row)}
    assert told == {option for widget in WIDGETS.values() for option in widget.takes}


def test_every_path_is_one() -> None:
    for first in rows("| path |"):
        head, *fields = CELL.findall(first)
        for text in [head, *fields] if not head.endswith(".") else [head + field for field in fields]:
            assert path(re.sub(r"<\w+>", "x", text))


def test_every_icon_is_named_in_the_order_of_the_picture() -> None:
    assert CELL.findall(PAGE.split("pictures/icons.png)", 1)[1].split("in the order", 1)[0]) == list(ICONS)


def test_templates_that_are_shown_can_be_read() -> None:
    for text in re.findall(r"`\{([^`{}]+)\}`", PAGE):
        assert path(text)
