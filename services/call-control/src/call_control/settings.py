"""Call-control's settings, and what they must not be together. Opens nothing."""

import re
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from call_control.web.settings import CallsSettings
from lampfield_bus.node.settings import PREFIX, CommaList, ExistingFile, Host, Name

__all__ = ["PROGRAM", "Settings"]

PROGRAM: Final = "call-control"

AnyPort = Annotated[int, Field(ge=0, le=65535)]
_VALUE: Final = re.compile(r"\s*([a-z][a-z0-9_]*)\s*=(.*)")


def _folder(path: Path) -> Path:
    if not path.is_dir():
        raise ValueError("no such folder; allowed: one that this process can read")
    return path


def _networks(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        try:
            ip_network(name, strict=False)
        except ValueError:
            raise ValueError(f"{name!r} is no network; allowed: as 127.0.0.1, 192.0.2.0/24, with commas") from None
    return names


def _secret(secret: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[A-Za-z0-9_.~-]{16,200}", secret.get_secret_value()):
        raise ValueError("cannot stand in a URL, or is guessed; allowed: 16 and more of letters, digits and - . _ ~")
    return secret


def _values(secret: SecretStr) -> SecretStr:
    for part in re.split(r"[,\n]", secret.get_secret_value()):
        if part.strip() and not _VALUE.fullmatch(part):
            raise ValueError("has a part without a name; allowed: as code=4711,group=lobby")
    return secret


class Settings(CallsSettings):
    """Everything that can be set."""

    node: Name = Field(default="main", description="the name of this service in the topics")
    http_host: Host = Field(default="127.0.0.1", description="the address that HTTP is served on")
    http_port: AnyPort = Field(default=8081, description="and its port; 0 is a free one, which the log names")
    httapi_allow: Annotated[CommaList, AfterValidator(_networks)] = Field(
        default=("127.0.0.0/8", "::1"), description="the networks that FreeSWITCH asks from"
    )
    httapi_secret: Annotated[SecretStr, AfterValidator(_secret)] | None = Field(
        default=None,
        description="what FreeSWITCH tells in the URL, or as the password of gateway-credentials",
    )
    httapi_conf: ExistingFile | None = Field(
        default=None,
        description="FreeSWITCH's httapi.conf.xml, to hold flows to its permissions; default: those of freeswitch/",
    )
    flows_dir: Annotated[Path, AfterValidator(_folder)] | None = Field(
        default=None, description="a folder with flows of your own, .yaml and .py; read at the start"
    )
    flow_values: Annotated[SecretStr, AfterValidator(_values)] = Field(
        default=SecretStr(""), description="values of flows, as code=4711,group=lobby; in a file a line each"
    )
    recordings_dir: Annotated[Path, AfterValidator(_folder)] | None = Field(
        default=None, description="the folder that recordings are kept in; default: none is kept"
    )
    recording_mib: Annotated[int, Field(ge=1, le=1024)] = Field(
        default=100, description="of one recording at most so much is kept, in MiB"
    )
    recordings_mib: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        default=1024, description="and of all together, in MiB: then new ones are dropped"
    )

    @model_validator(mode="after")
    def _strangers_need_the_secret(self) -> Self:
        if self.httapi_secret is None and not all(each.is_loopback for each in self.networks):
            raise ValueError(
                f"{PREFIX}HTTAPI_ALLOW: names other hosts while there is no secret; allowed: with {PREFIX}HTTAPI_SECRET"
            )
        return self

    @property
    def networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """HTTAPI_ALLOW, understood."""
        return tuple(ip_network(name, strict=False) for name in self.httapi_allow)

    @property
    def values(self) -> Mapping[str, str]:
        """FLOW_VALUES by name."""
        parts = (_VALUE.fullmatch(part) for part in re.split(r"[,\n]", self.flow_values.get_secret_value()))
        return {found[1]: found[2].strip() for found in parts if found}
