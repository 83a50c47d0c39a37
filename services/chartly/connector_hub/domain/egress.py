"""Which hosts and addresses a connector may connect to. Pure: it resolves no name.

Private, loopback, link-local, multicast, reserved and metadata addresses are refused unless the profile allows their network;
what the profile blocks is refused even then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

# RFC 6052's well-known prefix: an IPv4 address in its last 32 bits, reached through a translator.
_NAT64 = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class EgressPolicy:
    """The hosts and networks of one connector."""

    hosts: tuple[str, ...]
    blocked: tuple[Network, ...]
    allowed: tuple[Network, ...]

    @classmethod
    def from_spec(cls, spec: Mapping[str, Any]) -> "EgressPolicy":
        """Read ``spec.egressPolicy`` of a resolved connector profile."""
        return cls(
            hosts=tuple(host.lower().rstrip(".") for host in spec["dnsAllowlist"]),
            blocked=_networks(spec.get("blockCidrs", ())),
            allowed=_networks(spec.get("allowCidrs", ())),
        )

    def host_refusal(self, host: str) -> str | None:
        """Return the rule that refuses ``host``, or None when it is allowed."""
        name = host.lower().rstrip(".")
        for allowed in self.hosts:
            if name == allowed or (allowed.startswith("*.") and name.endswith(allowed[1:]) and name != allowed[2:]):
                return None
        return "dnsAllowlist"

    def address_refusal(self, text: str) -> str | None:
        """Return the rule that refuses an address that a name resolved to, or None when it is allowed."""
        address = _embedded(ip_address(text.partition("%")[0]))
        if any(address in network for network in self.blocked):
            return "blockCidrs"
        if any(address in network for network in self.allowed):
            return None
        return None if address.is_global and not address.is_multicast else "not-a-public-address"


def _embedded(address: Address) -> Address:
    """Return the IPv4 address within an IPv6 one: each spelling of an address meets the same rules."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address.sixtofour:
            return address.sixtofour
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _networks(texts: Sequence[str]) -> tuple[Network, ...]:
    return tuple(ip_network(text, strict=False) for text in texts)
