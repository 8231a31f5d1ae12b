"""Settings of the discovery."""

import pytest
from pydantic import ValidationError

from home_assistant.settings import Settings


def test_it_is_off_by_default() -> None:
    assert Settings().homeassistant is False
    assert Settings().homeassistant_prefix == "homeassistant"


@pytest.mark.parametrize("prefix", ["", "a/", "/a", "a/#", "a b", "$SYS"])
def test_a_prefix_is_a_topic(prefix: str) -> None:
    with pytest.raises(ValidationError, match="is no topic"):
        Settings(homeassistant_prefix=prefix)
