"""Who asks: the address that a limit counts by.

Pure. Behind a proxy every visitor comes from the proxy's address; what it says in X-Forwarded-For is believed when it
is one that the settings trust, and never else, because anybody can write that header.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from typing import Final

__all__ = ["Network", "client", "networks"]

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_LONGEST: Final = 16  # hops that are looked at


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """`10.0.0.0/8`, `192.0.2.7`. Raises ValueError that quotes what is none."""
    try:
        return tuple(ipaddress.ip_network(text, strict=False) for text in texts)
    except ValueError as error:
        raise ValueError(f"{error}; allowed: addresses and networks, as 192.0.2.7,10.0.0.0/8") from None


def client(peer: str, forwarded: str, trusted: Sequence[Network]) -> str:
    """Whoever spoke to the outermost trusted proxy. IPv6 counts by its /64: that is what one household has."""
    address = peer
    for hop in reversed(forwarded.split(",")[-_LONGEST:] if forwarded else []):
        if not _within(address, trusted):
            break
        address = hop.strip()
    try:
        found = ipaddress.ip_address(address)
    except ValueError:  # a proxy that says `unknown`, or a peer without an address
        return address[:64]
    if isinstance(found, ipaddress.IPv6Address):
        mapped = found.ipv4_mapped
        return str(mapped) if mapped is not None else str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def _within(address: str, trusted: Sequence[Network]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in trusted)
