"""Call-control's settings. Opens nothing."""

from typing import Annotated, Final

from pydantic import Field

from call_control.web.settings import CallsSettings
from lampfield_bus.node.settings import Host, Name

__all__ = ["PROGRAM", "Settings"]

PROGRAM: Final = "call-control"

AnyPort = Annotated[int, Field(ge=0, le=65535)]


class Settings(CallsSettings):
    """Everything that can be set."""

    node: Name = Field(default="main", description="the name of this service in the topics")
    http_host: Host = Field(default="127.0.0.1", description="the address that HTTP is served on")
    http_port: AnyPort = Field(default=8081, description="and its port; 0 is a free one, which the log names")
