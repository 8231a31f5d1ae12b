"""lampfield_bus.reference."""

import re

from lampfield_bus.channels import CHANNELS
from lampfield_bus.reference import page


def test_every_address_is_on_the_page() -> None:
    text = page()
    assert [channel.address for channel in CHANNELS if f"| `{channel.address}` |" not in text] == []


def test_every_field_has_a_type_and_a_sentence() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*) \|$", page(), re.MULTILINE)
    assert len(rows) > 80
    assert [row for row in rows if not row[1] or not row[2]] == []


def test_every_link_leads_to_a_heading() -> None:
    text = page()
    headings = {heading.lower() for heading in re.findall(r"^### (\w+)$", text, re.MULTILINE)}
    assert set(re.findall(r"\]\(#(\w+)\)", text)) <= headings


def test_it_ends_with_one_line_feed() -> None:
    assert page().endswith("```\n")
