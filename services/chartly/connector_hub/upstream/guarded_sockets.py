"""Sockets that connect only where the egress policy allows. The address that was checked is the address that is connected to.

aiohttp passes each resolved address to ``socket_factory`` right before it connects, literal addresses too. So neither a second DNS
answer nor another spelling of an address gets past the check.
"""

import socket
from collections.abc import Callable

import aiohttp

from chartly.connector_hub.domain.egress import EgressPolicy

AddressInfo = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[str, int] | tuple[str, int, int, int]]


class AddressRefused(OSError):
    """A name resolved to an address that the policy refuses. An OSError, since aiohttp tries the next address only after one."""

    def __init__(self, address: str, rule: str) -> None:
        super().__init__(f"{address} is refused by {rule}")
        self.address = address
        self.rule = rule


def guarded_connector(policy: EgressPolicy, connections_max: int, *, private_allowed: bool) -> aiohttp.TCPConnector:
    """Return a connection pool that follows ``policy`` and caches no DNS answer, so that each connection is checked.

    Args:
        policy: the connector profile's.
        connections_max: most connections that the pool opens.
        private_allowed: whether the installation lets profiles allow private networks at all.
    """
    factory = _socket_factory(policy, private_allowed=private_allowed)
    return aiohttp.TCPConnector(socket_factory=factory, limit=connections_max, use_dns_cache=False)


def _socket_factory(policy: EgressPolicy, *, private_allowed: bool) -> Callable[[AddressInfo], socket.socket]:
    effective = policy if private_allowed else EgressPolicy(policy.hosts, policy.blocked, ())

    def make(info: AddressInfo) -> socket.socket:
        family, kind, protocol, _, address = info
        rule = effective.address_refusal(str(address[0]))
        if rule:
            raise AddressRefused(str(address[0]), rule)
        return socket.socket(family, kind, protocol)

    return make
