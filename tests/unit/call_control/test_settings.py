"""Call-control's settings."""

import pytest
from pydantic import ValidationError

from call_control.settings import Settings


def test_it_answers_this_host_alone_unless_told_otherwise() -> None:
    settings = Settings()
    assert (settings.node, settings.http_host, settings.http_port) == ("main", "127.0.0.1", 8081)


@pytest.mark.parametrize(("name", "value"), [("node", ""), ("http_host", "a b"), ("http_port", 65_536)])
def test_a_value_that_means_nothing_is_refused(name: str, value: object) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({name: value})
