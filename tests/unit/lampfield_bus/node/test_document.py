"""YAML as text with lines; what could mean more than it says is refused."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampfield_bus.node.document import MAX_BYTES, Fault, field_name, parse


def faults(text: str) -> list[Fault]:
    return parse(text.encode()).faults


def test_scalars_stay_the_text_that_stands_there() -> None:
    value = parse(b"a: on\nb: 18:00\nc: 0100\nd: ~\ne: 'x # y'\nf: |\n  two\n  lines\ng: {h: [1, no]}\n").value
    assert value == {
        "a": "on", "b": "18:00", "c": "0100", "d": "~", "e": "x # y", "f": "two\nlines\n", "g": {"h": ["1", "no"]},
    }  # fmt: skip


def test_every_value_has_its_line() -> None:
    document = parse(b"# c\npages:\n  - widget: x\n    seconds: 3\n\n  - widget: y\n")
    assert document.line(("pages",)) == 2
    assert document.line(("pages", 0, "seconds")) == 4
    assert document.line(("pages", 1)) == 6
    assert document.line(("pages", 1, "nowhere", "at all")) == 6
    assert document.line(("elsewhere",)) == 1
    assert field_name(("pages", 1, "warn", "clear")) == "pages[1].warn.clear"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "twice"),
        ("a: &x 1\n", 1, "anchor"),
        ("a: 1\nb: *x\n", 2, "alias"),
        ("a: !!python/object/apply:os.system [ls]\n", 1, "tag"),
        ("a: 1\n---\na: 2\n", 2, "second document"),
        ("? [a, b]\n: 1\n", 1, "key"),
        ("a: [1, 2\n", 2, "YAML"),
        ("a:\n\t- 1\n", 2, "YAML"),
        ("a: b: c\n", 1, "YAML"),
        ("a: 1\nb: \x07\n", 2, "YAML"),
        ("%YAML 9.1\n---\na: 1\n", 1, "YAML"),
        ("[" * 10 + "]" * 10, 1, "deep"),
        ("x" * (MAX_BYTES + 1), 0, "long"),
    ],
)
def test_what_is_refused_says_where(text: str, line: int, said: str) -> None:
    found = faults(text)
    assert (found[0].line, said in found[0].error) == (line, True), found


def test_bytes_that_are_no_utf8_have_a_line_too() -> None:
    assert parse(b"a: 1\nb: \xff\n").faults == [Fault(2, "", "is not UTF-8")]
    assert parse(b"\xef\xbb\xbfa: 1\n").value == {"a": "1"}


def test_a_billion_laughs_are_short() -> None:
    levels = [f"{name}: &{name} [{', '.join(['*' + inner] * 9)}]" for inner, name in pairwise("abcdefgh")]
    laughs = "\n".join(["a: &a [x]", *levels])
    began = time.process_time()
    assert faults(laughs)
    assert time.process_time() - began < 2


@given(st.one_of(st.binary(max_size=200), st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace"))))
def test_whatever_stands_there_it_is_read_or_refused(data: bytes) -> None:
    document = parse(data)
    assert all(fault.line >= 0 and fault.error for fault in document.faults)


@given(st.text("ab:-[]{}&*!|>'\"#%@`?, \n\t\u0085\u2028", max_size=60))
def test_whatever_looks_like_yaml_too(text: str) -> None:
    parse(text.encode())
