import pytest

from lampfield_bus.sip_status import REASONS, SIP_OF_CAUSE, sip_status


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("486", 486),
        ("sip:486", 486),
        ("", 0),
        ("sip:", 0),
        ("99", 0),
        ("099", 0),
        ("4x6", 0),
        ("\u0664\u0668\u0666", 0),
    ],
)
def test_a_status_is_three_digits(text: str, status: int) -> None:
    assert sip_status(text) == status


def test_every_mapped_status_has_its_phrase() -> None:
    assert set(SIP_OF_CAUSE.values()) <= REASONS.keys()
    assert (len(SIP_OF_CAUSE), len(REASONS)) == (45, 75)
