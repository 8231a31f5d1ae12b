"""Text as pixels: any text is drawn, and nothing reads as what it is not."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from led_renderer.frame import MAX_SIDE
from led_renderer.text import HEIGHT, clean, strip, width

BOX = "\N{REPLACEMENT CHARACTER}"
anything = st.text(st.characters(), max_size=60)  # with lone surrogates


@given(anything)
def test_any_text_is_drawn(text: str) -> None:
    frame = strip(text)
    assert frame.height == HEIGHT
    assert 1 <= frame.width <= MAX_SIDE
    assert width(text) == frame.width


@given(anything)
def test_clean_text_is_one_composed_line_of_visible_characters(text: str) -> None:
    line = clean(text)
    assert clean(line) == line
    assert line == line.strip()
    assert "  " not in line
    assert unicodedata.is_normalized("NFC", line)
    assert not {unicodedata.category(character) for character in line} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(anything)
def test_what_is_drawn_is_the_clean_text(text: str) -> None:
    assert strip(text) == strip(clean(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\tb\n\r\vc", "a b c"),
        ("\N{NO-BREAK SPACE} a \N{EM SPACE}\N{IDEOGRAPHIC SPACE}b ", "a b"),
        ("a\x00\x07\x1b[0mb", "a[0mb"),
        ("a\N{ZERO WIDTH SPACE}\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NO-BREAK SPACE}b", "ab"),
        ("\N{RIGHT-TO-LEFT OVERRIDE}abc\N{POP DIRECTIONAL FORMATTING}", "abc"),
        ("a\N{SOFT HYPHEN}b", "ab"),
        ("a\ud83d\udc4db\ud800", "ab"),
        ("\N{HEAVY BLACK HEART}\N{VARIATION SELECTOR-16}", "\N{HEAVY BLACK HEART}"),
        ("e\N{COMBINING ACUTE ACCENT}", "é"),
        ("e\N{ZERO WIDTH JOINER}\N{COMBINING ACUTE ACCENT}", "é"),
        ("\N{OHM SIGN}", "\N{GREEK CAPITAL LETTER OMEGA}"),
        ("", ""),
    ],
)
def test_invisible_things_go_and_letters_stay(text: str, expected: str) -> None:
    assert clean(text) == expected


def test_a_text_of_nothing_is_one_dark_column() -> None:
    for text in ("", " ", "\u200b", "\ud800"):
        assert (strip(text).width, strip(text).dark) == (1, True)


@pytest.mark.parametrize("text", ["\U0001f44d", "漢", "ש", "\ue000", "\U0010ffff", "x\N{COMBINING CIRCUMFLEX ACCENT}"])
def test_what_the_font_lacks_is_a_box(text: str) -> None:
    assert strip(text) == strip(BOX)


def test_each_of_several_characters_without_a_glyph_is_a_box_of_its_own() -> None:
    assert strip("a漢字b") == strip(f"a{BOX}{BOX}b")


def test_a_mark_makes_a_box_of_what_it_stands_on_and_of_nothing_else() -> None:
    overline = "\N{COMBINING OVERLINE}"
    assert strip(f"ax{overline}{overline}b") == strip(f"a{BOX}b")
    assert strip(f"{overline}b") == strip(f"{BOX}b")


@pytest.mark.parametrize(
    ("first", "last"),
    [(0x21, 0x7E), (0xA1, 0xAC), (0xAE, 0x17F), (0x388, 0x38A), (0x38E, 0x3A1), (0x3A3, 0x3CE), (0x401, 0x40C)],
)
def test_latin_and_greek_have_glyphs(first: int, last: int) -> None:
    for point in range(first, last + 1):
        assert strip(chr(point)) != strip(BOX), f"U+{point:04X}"


def test_cyrillic_money_and_typography_have_glyphs() -> None:
    for (
        character
    ) in "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюяЁёЄєІіЇїҐґЎўЉЊЋЏ€£¥–—‘’“”„…•←↑→↓✓✗☎":  # noqa: RUF001 - letters of other scripts are what this is about
        assert strip(character) != strip(BOX), character


# What the face cannot tell apart in so few pixels: pairs that no language has both of, and Greek's letter-like symbols.
ALIKE = {"ÐĐ", "ĔĚ", "ĕě", "ŞȘ", "şș", "ŢȚ", "ţț", "θϴ", "εϵ"}


@pytest.mark.parametrize("script", ["LATIN", "GREEK", "CYRILLIC", "DIGIT"])
def test_no_two_letters_of_a_script_look_alike(script: str) -> None:
    seen: dict[object, str] = {}
    alike = set()
    for character in map(chr, range(0x20, 0x530)):
        picture = strip(character)
        if unicodedata.name(character, "").split(" ")[0] in {script, "DIGIT"} and picture != strip(BOX):
            alike |= {seen[picture] + character} if picture in seen else set()
            seen[picture] = character
    assert alike <= ALIKE


def test_digits_have_one_width() -> None:
    assert {width(digit) for digit in "0123456789"} == {4}
    assert len({width(f"{hour:02}:{minute:02}") for hour in range(24) for minute in range(60)}) == 1


@given(st.text("abcdefgÄŽжЩωy3 ", min_size=1, max_size=30).map(clean).filter(bool))
def test_glyphs_stand_side_by_side_one_dark_column_apart(text: str) -> None:
    frame = strip(text)
    x = 0
    for character in text:
        glyph = strip(character) if character != " " else None
        columns = glyph.width if glyph else 2
        part = frame.crop(x, 0, columns, HEIGHT)
        assert part.dark if glyph is None else part == glyph
        assert frame.crop(x + columns, 0, 1, HEIGHT).dark
        x += columns + 1
    assert x == frame.width + 1


def test_a_long_text_is_drawn_whole_and_a_longer_one_ends_with_a_whole_glyph() -> None:
    assert width("a" * 1_000) == 4_999
    assert width("ж" * 1_000) == 5_999
    longest = strip("a" * 1_000_000)
    assert longest.width <= MAX_SIDE < longest.width + 5
    assert longest.crop(longest.width - 4, 0, 4, HEIGHT) == strip("a")


def test_a_word_is_readable_as_art() -> None:
    assert str(strip("Hé 1")) == (
        ".......#.........\n"
        "#..#..#........#.\n"
        "#..#..........##.\n"
        "####..##.......#.\n"
        "#..#.#.##......#.\n"
        "#..#.##........#.\n"
        "#..#..##......###\n"
        ".................\n"
    )


def test_the_space_between_words_is_wider_than_between_letters() -> None:
    columns = [not strip("a a").crop(x, 0, 1, HEIGHT).dark for x in range(strip("a a").width)]
    changes = [index for index, (one, two) in enumerate(pairwise(columns)) if one != two]
    assert changes == [3, 7]
