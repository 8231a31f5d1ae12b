import pytest
from pydantic import ValidationError

from call_control.settings import Settings


def test_nobody_can_be_called_before_somebody_says_so() -> None:
    settings = Settings()
    assert (settings.call_from, settings.call_to, settings.guest_to, settings.tokens_file) == ((), (), (), None)


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("esl_host", "a b", "is no host"),
        ("esl_password", "a\nb", "cannot be sent"),
        ("domain", "pbx,user/9", "cannot stand in a dial string"),
        ("call_from", "1000-,2", "is no number"),
        ("call_to", "0151XXXXXXX@carrier", "names a gateway"),
        ("call_to", "00.", "is no number"),
        ("call_caller_ids", "+49", "is no number"),
        ("call_context", "a b", "cannot stand in a dial string"),
        ("guest_to", "*", "is no number"),
        ("trusted_proxies", "proxy", "addresses and networks"),
        ("call_ring_seconds", "0", "greater than or equal"),
    ],
)
def test_what_cannot_be_is_said(monkeypatch: pytest.MonkeyPatch, setting: str, value: str, said: str) -> None:
    monkeypatch.setenv(f"LAMPFIELD_{setting.upper()}", value)
    with pytest.raises(ValidationError, match=said):
        Settings()


def test_lists_have_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAMPFIELD_CALL_FROM", "1000-1019, 0151XXXXXXX@carrier")
    assert Settings().call_from == ("1000-1019", "0151XXXXXXX@carrier")
