"""Which addresses of the internet the desk may send requests to: none that leads inside.

Sources: the special-purpose registries of IANA, RFC 6890, and the ways in which SSRF guards of
others were passed (odd spellings of 127.0.0.1, IPv4 inside IPv6, translators, shared addresses).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

NAME_MAX = 253
# Everything in IPv4 that is not a public host, one line for each purpose.
CLOSED_V4 = (
    "0.0.0.0/8",  # this network
    "10.0.0.0/8",  # private
    "100.64.0.0/10",  # shared by the customers of a provider (CGNAT)
    "127.0.0.0/8",  # loopback
    "169.254.0.0/16",  # link-local, and the metadata of clouds
    "172.16.0.0/12",  # private
    "192.0.0.0/24",  # protocol assignments
    "192.0.2.0/24",  # documentation
    "192.88.99.0/24",  # relays of 6to4
    "192.168.0.0/16",  # private
    "198.18.0.0/15",  # benchmarks
    "198.51.100.0/24",  # documentation
    "203.0.113.0/24",  # documentation
    "224.0.0.0/4",  # multicast
    "240.0.0.0/4",  # reserved, and broadcast
)
# In IPv6 only this block is public: loopback, ULA (fc00::/7), link-local, multicast, IPv4-mapped
# and -compatible addresses and the translators of NAT64 (64:ff9b::) all lie outside of it.
OPEN_V6 = "2000::/3"
CLOSED_V6 = (
    "2001::/23",  # protocol assignments, Teredo among them: an IPv4 address in disguise
    "2002::/16",  # 6to4: an IPv4 address in disguise
    "3fff::/20",  # documentation; 2001:db8::/32, which leads nowhere either, is left alone
)
_closed: tuple[Network, ...] = tuple(map(ipaddress.ip_network, (*CLOSED_V4, *CLOSED_V6)))
_open_v6 = IPv6Network(OPEN_V6)
# What resolvers take for an IPv4 address: 2130706433, 0x7f000001, 0177.1, 127.1.
_ENDS_IN_NUMBER = re.compile(r"(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)$", re.IGNORECASE)
_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?")


class Misspelt(ValueError):
    """Neither a plain address nor a host name: what a resolver makes of it is anybody's guess."""


def host(written: str) -> str | Address:
    """A host name in ASCII small letters, or the address that is written in the plain form.

    Raises `Misspelt` for octal, decimal and shortened addresses, zones, and what is no name.
    """
    try:
        if ":" in written:
            return IPv6Address(written) if "%" not in written else _misspelt()
        name = written.encode("idna").decode() if not written.isascii() else written
        name = name.lower().removesuffix(".")
        if _ENDS_IN_NUMBER.search(name):
            return IPv4Address(name)
    except (ValueError, UnicodeError) as error:
        raise Misspelt from error
    if len(name) > NAME_MAX or not _NAME.fullmatch(name):
        raise Misspelt
    return name


def is_closed(address: Address, own: Iterable[str]) -> bool:
    """Whether no request may go there; `own` are the networks that are allowed all the same."""
    if any(address in ipaddress.ip_network(network.strip(), strict=False) for network in own):
        return False
    if isinstance(address, IPv6Address) and address not in _open_v6:
        return True
    return any(address in network for network in _closed)


def _misspelt() -> IPv6Address:
    raise Misspelt
