"""The address and scheme of a request's sender, behind trusted proxies or not; the only place that says it.

What stands in X-Forwarded-For is believed only as far as the proxies named in HOTLINE_TRUSTED_PROXIES wrote it: from
right to left, past trusted ones, to the first that is not.  Whatever a client wrote itself stands further left.
"""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from litestar.connection import ASGIConnection

Network = IPv4Network | IPv6Network
Headers = Iterable[tuple[bytes, bytes]]
FORWARDED, PROTO = b"x-forwarded-for", b"x-forwarded-proto"
HOUSEHOLD = 64  # bits of an IPv6 address that one customer has; the rest the customer may change at will
MOST_HOPS = 50


def origin(peer: str, scheme: str, headers: Headers, trusted: Sequence[Network]) -> tuple[str, str]:
    """Return the client's (address, scheme), from the peer's own and what trusted proxies say of it."""
    address = plain(peer)
    if not _in(address, trusted):
        return address or peer, scheme
    hops = _header_parts(headers, FORWARDED)[-MOST_HOPS:]
    while hops and _in(address, trusted):
        hop = plain(hops.pop())
        if not hop:  # "unknown", or nothing an address could be: what stands further left is nobody's word
            break
        address = hop
    said = _header_parts(headers, PROTO)[-1:]
    return address, said[0].lower() if said and said[0].lower() in {"http", "https"} else scheme


def network_of(address: str) -> str:
    """Return what guesses are counted by: an IPv4 address, the /64 of an IPv6 one."""
    found = plain(address)
    if ":" in found:
        return str(ip_network(f"{found}/{HOUSEHOLD}", strict=False))
    return found or address


def network(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """Return the network a request comes from; "" where nobody can say."""
    return network_of(connection.client.host) if connection.client else ""


def plain(text: str) -> str:
    """Return an address in its one spelling, without a port, IPv4 inside IPv6 as IPv4; "" if it is none."""
    host = text.strip().strip('"')
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        found = ip_address(host.partition("%")[0])
    except ValueError:
        return ""
    inner = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(inner or found)


def says(headers: Headers) -> bool:
    """Say whether a request claims to be forwarded."""
    return any(name.lower() == FORWARDED for name, _ in headers)


def believed(address: str, trusted: Sequence[Network]) -> bool:
    """Say whether what this peer says of others is believed."""
    return _in(plain(address), trusted)


def _in(address: str, trusted: Sequence[Network]) -> bool:
    return bool(address) and any(ip_address(address) in one for one in trusted)


def _header_parts(headers: Headers, wanted: bytes) -> list[str]:
    """Return the parts of a header, those of several lines in their order."""
    lines = (value.decode("latin-1") for name, value in headers if name.lower() == wanted)
    return [part.strip() for line in lines for part in line.split(",")]
