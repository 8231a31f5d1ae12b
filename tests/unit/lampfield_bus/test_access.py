"""Rights from the table of channels: granted by rows, to names, with and without parties."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampfield_bus import access
from lampfield_bus.access import ANY, Kind, kinds, rights
from lampfield_bus.channels import CHANNELS, Channel
from lampfield_bus.topics import encode_name

DISPLAY = Kind("display", ("display/{display}/#", "group/#", "switch/#"))
OPERATOR = Kind("operator", ("#",))


def matches(pattern: str, topic: str) -> bool:
    """MQTT 5, section 4.7, for topics without $."""
    wants, has = pattern.split("/"), topic.split("/")
    if wants[-1] == "#":
        return matches("/".join(wants[:-1]), "/".join(has[: len(wants) - 1])) if len(wants) > 1 else True
    return len(wants) == len(has) and all(want in ("+", level) for want, level in zip(wants, has, strict=True))


def may(filters: tuple[str, ...], topic: str) -> bool:
    return any(matches(pattern, topic) for pattern in filters)


def topic(row: Channel, first: str) -> str:
    return row.topic(first, *["x"] * (len(row.parameters) - 1))


@pytest.mark.parametrize("row", CHANNELS, ids=lambda row: row.name)
def test_a_display_writes_its_own_rows_with_its_own_name_and_nothing_else(row: Channel) -> None:
    mine = rights(DISPLAY, "lobby")
    assert may(mine.write, topic(row, "lobby")) == (row.writer == "display")
    assert not may(mine.write, topic(row, "hall"))


@pytest.mark.parametrize("row", CHANNELS, ids=lambda row: row.name)
@pytest.mark.parametrize("numbers", [True, False])
def test_a_display_reads_every_switch_its_groups_and_of_displays_itself(row: Channel, *, numbers: bool) -> None:
    read = rights(DISPLAY, "lobby", numbers=numbers).read
    hidden = row.parties and not numbers
    theirs = row.address.split("/")[0] in ("switch", "display", "group") and not hidden
    assert may(read, topic(row, "lobby")) == theirs
    assert may(read, topic(row, "other")) == (row.parameters[0] != "display" and theirs)


@pytest.mark.parametrize("row", CHANNELS, ids=lambda row: row.name)
def test_a_publisher_has_its_switch_to_itself(row: Channel) -> None:
    mine = rights(Kind("switch"), "main")
    for filters in mine:
        assert may(filters, topic(row, "main")) == (row.writer == "switch")
        assert not may(filters, topic(row, "berlin"))


@pytest.mark.parametrize("row", CHANNELS, ids=lambda row: row.name)
def test_an_operator_commands_and_a_viewer_only_looks(row: Channel) -> None:
    assert may(rights(OPERATOR).write, topic(row, "x")) == (row.writer == "operator")
    assert rights(Kind(reads=("#",))) == ((), ("#",))


def test_a_service_may_be_given_some_of_the_operator_s_commands() -> None:
    mine = rights(Kind("control", commands=("group/{group}/cmd/notify",)), "main")
    assert {row.name for row in CHANNELS if row.writer == "operator" and may(mine.write, topic(row, "hall"))} == {
        "group_cmd_notify"
    }
    assert not any("cmd" in pattern for pattern in mine.read)


def test_one_user_may_stand_for_every_display() -> None:
    everyone = rights(DISPLAY, ANY)
    assert "display/+/frame" in everyone.write
    assert not any("cmd" in pattern or pattern.endswith("#") for pattern in everyone.write)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).filter(lambda name: name != ANY))
def test_no_name_reaches_beyond_itself(name: str) -> None:
    mine = rights(DISPLAY, name)
    assert all(pattern.startswith(f"display/{encode_name(name)}/") for pattern in mine.write)
    assert not any({"+", "#"} & set(pattern.split("/")) for pattern in mine.write)


@pytest.mark.parametrize(
    ("kind", "name", "said"), [(DISPLAY, None, "has display name"), (OPERATOR, "me", "no name"), (DISPLAY, "", "empty")]
)
def test_a_name_where_none_belongs_and_none_where_one_does(kind: Kind, name: str | None, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        rights(kind, name)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[x]\nwriter = "nobody"', "x: writer: 'nobody' writes no row"),
        ('[x]\nreads = ["switch/{switch}/no"]', "'switch/{switch}/no' is no row"),
        ('[x]\nwrites = ["#"]', "unknown field `writes`"),
        (
            '[x]\ncommands = ["display/{display}/state"]',
            "'display/{display}/state' is no row that the op",
        ),
        ("[x", "Expected"),
    ],
)
def test_a_paragraph_that_means_nothing_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        kinds(text)


def test_a_right_is_the_fewest_filters() -> None:
    one = [row for row in CHANNELS if row.name == "switch_extension"]
    assert access._filters(one, {}) == ["switch/+/extension/+"]
    assert access._filters(CHANNELS, {}) == ["#"]
    assert access._filters([], {}) == []
