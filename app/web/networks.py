"""Client addresses, and the networks that rate limits count.

An IPv6 customer has at least 2^64 addresses, so a limit per address would limit nothing.
"""

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

# Some proxies add the port: 192.0.2.1:5678, [2001:db8::1]:5678 (RFC 7239, 6).
WITH_PORT = re.compile(r"\[([^\]]+)\](?::\w+)?|([^:]+):\w+")
# Characters. An IPv6 address with brackets, a zone and a port is shorter.
MAX_ADDRESS_LENGTH = 80
# IPv4 clients of an IPv6 server behind a translator (RFC 6052).
NAT64 = ip_network("64:ff9b::/96")
# Invalid addresses are counted as one network, so that a client gains nothing by inventing them.
UNKNOWN = "unknown"


def parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """Return the address in `text`, without port and zone, or None if there is none.

    An IPv4 address that is written as IPv6 is returned as IPv4.
    """
    match = WITH_PORT.fullmatch(text) if len(text) <= MAX_ADDRESS_LENGTH else None
    bare = (match[1] or match[2]) if match else text[:MAX_ADDRESS_LENGTH]
    try:
        address = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return _embedded_ipv4(address) or address


@lru_cache(maxsize=1024)
def plain_address(text: str) -> str:
    """Return the address in `text` in canonical form (RFC 5952), or "" if there is none.

    Cached, because each request has an address, and few clients send most of them.
    """
    return str(parse_address(text) or "")


def network_of(text: str) -> str:
    """Return the network that rate limits count: the /64 of IPv6, and the address of IPv4."""
    address = parse_address(text)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address or UNKNOWN)


def _embedded_ipv4(address: IPv4Address | IPv6Address) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in NAT64 else address.ipv4_mapped
