"""Who may ask as FreeSWITCH: its address, and a secret in the URL or as the password of basic authentication. Pure."""

import base64
import binascii
import hmac
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

from msgspec import Struct

__all__ = ["Gate", "Network"]

Network = IPv4Network | IPv6Network


class Gate(Struct, frozen=True):
    """`networks` may ask; with a `secret` they have to know it."""

    networks: Sequence[Network]
    secret: str = ""

    def refusal(self, address: str, told: str, authorization: str) -> str | None:
        """Why not; None: welcome. `told` is what the URL says, `authorization` the header of that name."""
        try:
            peer = ip_address(address)
        except ValueError:
            return f"{address[:60]!r} is no address"
        if isinstance(peer, IPv6Address) and peer.ipv4_mapped is not None:
            peer = peer.ipv4_mapped
        if not any(peer in network for network in self.networks):
            return f"{peer} is not in LAMPFIELD_HTTAPI_ALLOW"
        if self.secret and not any(_same(given, self.secret) for given in (told, _password(authorization))):
            return f"{peer} does not tell LAMPFIELD_HTTAPI_SECRET"
        return None


def _same(given: str, secret: str) -> bool:
    return hmac.compare_digest(given.encode(), secret.encode())


def _password(authorization: str) -> str:
    """Of `gateway-credentials`, user:password; what the user is called says nothing."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
