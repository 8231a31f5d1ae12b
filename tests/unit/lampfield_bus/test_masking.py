import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampfield_bus.masking import mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("0555123456", "********56"),
        ("+49301234567", "+*********67"),
        ("1000", "1000"),
        ("12345", "***45"),
        ("sip:0555123456@carrier.example;user=phone", "sip:********56@carrier.example;user=phone"),
        ("Bell 12345 and 67890", "Bell ***45 and ***90"),
        ("", ""),
    ],
)
def test_runs_of_five_or_more_digits_keep_their_last_two(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("+1-202-555-0123", "+*-***-***-**23"),
        ("tel:+1-202-555-0123", "tel:+*-***-***-**23"),
        ("(202) 555-0123", "(***) ***-**23"),
        ("555-0123", "***-**23"),
        ("01.23.45.67.89", "**.**.**.**.89"),
        ("Praxis 030 / 123 45 67", "Praxis *** / *** ** 67"),
        ("+49\u00a030\u00a01234567", "+**\u00a0**\u00a0*****67"),
        ("1000-1003", "****-**03"),
    ],
)
def test_a_number_in_groups_is_one_number(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "1000@192.168.10.20",
        "sip:1000@192.168.10.20:5060",
        "sip:192.168.10.20:5060",
        "Room 12 34 56",
        "FreeSWITCH-mod_sofia/1.10.12",
        "SIP/2.0 200 OK",
        "24/7 desk, floor 3",
    ],
)
def test_what_is_no_number_stays(text: str) -> None:
    assert mask(text) == text


@given(st.text(alphabet="0123456789\u0660\u0661\u0662\u0967abc@:[. -()/*", max_size=60))
def test_nothing_is_left_to_mask(text: str) -> None:
    masked = mask(text)
    assert len(masked) == len(text)
    assert mask(masked) == masked
    assert not re.search(r"\d{5,}", masked)


@given(st.lists(st.text("0123456789", min_size=1, max_size=4), min_size=4, max_size=8), st.sampled_from("-. /"))
def test_no_grouping_gets_a_number_past(groups: list[str], separator: str) -> None:
    written = separator.join(groups)
    digits = re.findall(r"\d", mask(f"Call me: {written} (Bell)"))
    if len("".join(groups)) >= 7:
        assert len(digits) == 2


def test_no_text_takes_longer_than_its_length() -> None:
    began = time.process_time()
    for text in ("1 " * 30_000, "1    " * 20_000, "123456 x" * 10_000, "1-2-3-4-5-6 x" * 5_000, "@1.1.1" * 10_000):
        mask(text)
    assert time.process_time() - began < 0.5
