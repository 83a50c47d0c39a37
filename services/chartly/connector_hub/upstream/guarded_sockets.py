"""Sockets that connect only where the egress policy allows. The address that was checked is the address that is connected to.

aiohttp hands each resolved address to ``socket_factory`` right before it connects, literal addresses too, so that neither a second
DNS answer nor another spelling of an address gets past the check.
"""

import socket
from collections.abc import Callable

import aiohttp

from chartly.connector_hub.domain.egress import EgressPolicy

AddressInfo = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[str, int] | tuple[str, int, int, int]]


class AddressRefused(OSError):
    """A name resolved to an address that the policy refuses. An OSError, since aiohttp tries the next address on those only."""

    def __init__(self, address: str, rule: str) -> None:
        super().__init__(f"{address} is refused by {rule}")
        self.address = address
        self.rule = rule


def guarded(policy: EgressPolicy, *, private_allowed: bool) -> Callable[[AddressInfo], socket.socket]:
    """Give a socket factory that holds to ``policy``.

    Args:
        policy: the connector's.
        private_allowed: whether the installation lets profiles allow private networks at all.
    """
    effective = policy if private_allowed else EgressPolicy(policy.hosts, policy.blocked, ())

    def make(info: AddressInfo) -> socket.socket:
        family, kind, protocol, _, address = info
        refusal = effective.address_refusal(str(address[0]))
        if refusal:
            raise AddressRefused(str(address[0]), refusal)
        return socket.socket(family, kind, protocol)

    return make


def connector(policy: EgressPolicy, concurrency: int, *, private_allowed: bool) -> aiohttp.TCPConnector:
    """Give the connection pool of one source: guarded, bounded, without a DNS cache that outlives its check."""
    return aiohttp.TCPConnector(
        socket_factory=guarded(policy, private_allowed=private_allowed),
        limit=concurrency,
        use_dns_cache=False,
    )
