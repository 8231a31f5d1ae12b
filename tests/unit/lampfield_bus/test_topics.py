"""lampfield_bus.topics."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampfield_bus.topics import MAX_NAME_BYTES, decode_name, encode_name, join, split

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=50)


@given(names)
def test_a_name_comes_back(name: str) -> None:
    assert decode_name(encode_name(name)) == name


@given(names)
def test_a_level_has_nothing_that_mqtt_gives_a_meaning_to(name: str) -> None:
    level = encode_name(name)
    assert not set(level) & set("/+#$")
    assert not any(ord(character) < 0x20 or 0x7F <= ord(character) <= 0x9F for character in level)


@given(names, names)
def test_two_names_never_share_a_level(one: str, other: str) -> None:
    assert (one == other) == (encode_name(one) == encode_name(other))


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("support@default", "support@default"),
        ("Büro 1", "Büro 1"),
        ("a/b", "a%2Fb"),
        ("50%", "50%25"),
        ("$SYS", "%24SYS"),
        ("+#", "%2B%23"),
        ("a\tb", "a%09b"),
        ("\x85", "%C2%85"),
        ("€", "€"),
    ],
)
def test_how_names_are_spelt(name: str, level: str) -> None:
    assert encode_name(name) == level


def test_an_empty_name_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        encode_name("")


def test_a_name_longer_than_fits_is_refused() -> None:
    encode_name("x" * MAX_NAME_BYTES)
    with pytest.raises(ValueError, match="at most"):
        encode_name("x" * (MAX_NAME_BYTES + 1))
    with pytest.raises(ValueError, match="at most"):
        encode_name("/" * (MAX_NAME_BYTES // 3 + 1))


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(ValueError, match="Unicode"):
        encode_name("\ud800")


@pytest.mark.parametrize("level", ["", "%", "%2", "%2f", "%41", "a+b", "a b%00\n", "%FF", "%C2"])
def test_a_level_that_no_name_encodes_to_is_refused(level: str) -> None:
    with pytest.raises(ValueError, match="level"):
        decode_name(level)


def test_topics_are_joined_and_split_by_levels() -> None:
    assert split(join("switch", "a%2Fb", "calls")) == ("switch", "a%2Fb", "calls")
