"""Hosts and addresses that a connector may call."""

import pytest

from chartly.connector_hub.domain.egress import EgressPolicy

POLICY = EgressPolicy.from_spec({"dnsAllowlist": ["api.example.com", "*.cdn.example.com"], "blockCidrs": ["93.184.216.0/24"]})
LOOPBACK = EgressPolicy.from_spec({"dnsAllowlist": ["127.0.0.1"], "allowCidrs": ["127.0.0.0/8"], "blockCidrs": ["127.0.0.53/32"]})


@pytest.mark.parametrize("host", ["api.example.com", "API.example.com.", "a.cdn.example.com", "a.b.cdn.example.com"])
def test_listed_hosts_are_allowed(host: str) -> None:
    """A host on the list, or below a starred one, is allowed in any case."""
    assert POLICY.host_refusal(host) is None


@pytest.mark.parametrize("host", ["example.com", "evil.com", "cdn.example.com", "api.example.com.evil.com", "notcdn.example.com", ""])
def test_other_hosts_are_refused(host: str) -> None:
    """A host that only resembles a listed one is refused."""
    assert POLICY.host_refusal(host) == "dnsAllowlist"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - an address to refuse, none to bind
        "224.0.0.1",
        "::1",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "::ffff:169.254.169.254",
        "::ffff:127.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
    ],
)
def test_addresses_inside_are_refused_in_every_spelling(address: str) -> None:
    """Private, loopback, link-local and metadata addresses are refused, wrapped in IPv6 or not."""
    assert POLICY.address_refusal(address) == "not-a-public-address"


def test_a_blocked_network_is_refused_though_public() -> None:
    """A public address in the profile's blockCidrs is refused."""
    assert POLICY.address_refusal("93.184.216.34") == "blockCidrs"


def test_an_allowed_network_is_allowed_but_for_what_is_blocked() -> None:
    """An address in allowCidrs is allowed unless it is in blockCidrs."""
    assert LOOPBACK.address_refusal("127.0.0.1") is None
    assert LOOPBACK.address_refusal("127.0.0.53") == "blockCidrs"
