"""The settings of a sip-monitor. Opens nothing."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from lampfield_bus.node.settings import CommaList, Host, LowerCase, Name, NodeSettings, Port
from sip_monitor.reference import methods
from sip_monitor.tracker import Rules

__all__ = ["PROGRAM", "Settings"]

PROGRAM: Final = "sip-monitor"


def _networks(texts: tuple[str, ...]) -> tuple[str, ...]:
    for text in texts:
        try:
            ip_network(text)
        except ValueError:
            raise ValueError(
                f"{text!r} is no network; allowed: addresses and networks, as 192.0.2.7,10.0.0.0/8"
            ) from None
    return texts


def _methods(texts: tuple[str, ...]) -> tuple[str, ...]:
    names = tuple(text.upper() for text in texts)
    for name in names:
        if name not in methods() and name != "NONE":
            raise ValueError(f"{name!r} is no method of SIP; allowed: none, or some of {', '.join(methods())}")
    return names


class Settings(NodeSettings):
    """Everything that can be set."""

    node: Name = Field(default="main", description="the name of this service in the topics")
    hep_host: Host = Field(default="127.0.0.1", description="the address on which HEP is taken, by UDP")
    hep_port: Port = Field(default=9060, description="and its port")
    hep_sources: Annotated[CommaList, AfterValidator(_networks)] = Field(
        default=(), description="who may send, as 192.0.2.7,10.0.0.0/8; default: whoever reaches that address"
    )
    sip_ignore: Annotated[CommaList, AfterValidator(_methods)] = Field(
        default=("OPTIONS",), description="methods that begin dialogs which are left out; none: follow all"
    )
    sip_bodies: Annotated[Literal["none", "sdp", "all"], LowerCase] = Field(
        default="sdp", description="what messages carry that is shown; all shows texts and pressed keys as well"
    )
    hide_numbers: bool = Field(default=False, description="of five digits and more publish only the last two")

    @property
    def networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """Who may send HEP; nobody in it: everybody."""
        return tuple(ip_network(text) for text in self.hep_sources)

    @property
    def rules(self) -> Rules:
        """What is followed, and what may be shown."""
        return Rules(frozenset(self.sip_ignore), self.sip_bodies, self.hide_numbers)
