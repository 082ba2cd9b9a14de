"""Which hosts and addresses results may be fetched from; decided for every connection, not once per name."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

# What the standard library calls global and a studio must not reach all the same: addresses that carry an
# IPv4 address inside, retired and documentation ranges, and the host of one cloud.
_NOT_PUBLIC = tuple(
    ip_network(net)
    for net in (
        "100.64.0.0/10",
        "168.63.129.16/32",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "::/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/32",
        "2002::/16",
        "3fff::/20",
        "fec0::/10",
    )
)


class ForbiddenError(ValueError):
    """This address is not fetched from; the text says why."""


@dataclass(frozen=True, slots=True)
class Hosts:
    """Where a provider keeps results: each name and all below it. `loopback` is for the sandbox alone."""

    names: tuple[str, ...]
    loopback: bool = False


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet; False for anything else, also what is no address."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return _is_open(ip)


def is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def allowed(url: str, hosts: Hosts) -> str:
    """The host of `url` when results may come from there. Raises ForbiddenError.

    An address written in numbers is never a provider's; the name's own address is checked as it connects.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ForbiddenError("The address of a result is not written plainly.") from None
    host = (parts.hostname or "").rstrip(".").lower()
    if hosts.loopback and parts.scheme == "http" and is_loopback(host):
        return host
    if parts.scheme != "https" or parts.username or parts.password or port not in (None, 443):
        raise ForbiddenError("A result is fetched by https from the usual port only.")
    if not host.isascii() or "%" in host or "\\" in url:
        raise ForbiddenError("The address of a result is not written plainly.")
    if not any(host == name or host.endswith(f".{name}") for name in hosts.names):
        raise ForbiddenError("A result lies on a host that is not the provider's.")
    return host


def _is_open(ip: IPv4Address | IPv6Address) -> bool:
    if not ip.is_global or ip.is_multicast or ip.is_reserved:
        return False
    return not any(ip.version == net.version and ip in net for net in _NOT_PUBLIC)
