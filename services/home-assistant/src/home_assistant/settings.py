"""The settings of Home Assistant's discovery. Opens nothing."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from lampfield_bus.node.settings import Name, NodeSettings

__all__ = ["PROGRAM", "Settings"]

PROGRAM: Final = "home-assistant"


def _prefix(text: str) -> str:
    if not re.fullmatch(r"[^\s/+#$][^\s+#]*", text) or text.endswith("/"):
        raise ValueError("is no topic; allowed: levels with / between them, without + and #")
    return text


class Settings(NodeSettings):
    """Everything that can be set."""

    homeassistant: bool = Field(default=False, description="whether displays and switches are told to Home Assistant")
    homeassistant_prefix: Annotated[str, AfterValidator(_prefix)] = Field(
        default="homeassistant", description="where Home Assistant looks for discoveries, and tells that it has started"
    )
    node: Name = Field(default="main", description="the name of this service in the topics")
