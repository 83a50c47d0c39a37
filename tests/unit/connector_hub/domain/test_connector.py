"""The installation's limits over a connector profile's bounds."""

from typing import Any

import pytest

from chartly.connector_hub.domain.connector import Connector, connector_from
from chartly.platform.config import Limits

ASKED: dict[str, Any] = {
    "transport": {"baseUrl": "http://a.example", "timeoutMs": 4_000, "maxPayloadBytes": 4_000, "redirectsMax": 4},
    "egressPolicy": {"dnsAllowlist": ["a.example"]},
    "pagination": {"mode": "none", "pagesMax": 4},
    "retry": {"maxAttempts": 4},
    "rateLimit": {"maxConcurrency": 4},
}
BOUNDS = {
    "upstream_timeout_s": ("timeout_ms", 1000),
    "page_bytes_max": ("payload_bytes_max", 1000),
    "upstream_redirects_max": ("redirects_max", 1),
    "upstream_concurrency_max": ("concurrency", 1),
    "upstream_attempts_max": ("attempts_max", 1),
    "sync_pages_max": ("pages_max", 1),
}


def bound(connector: Connector, name: str) -> int:
    """Return the value at a path in the connector."""
    holder = connector.retry if name == "attempts_max" else connector.pagination if name == "pages_max" else connector
    return getattr(holder, name)


@pytest.mark.parametrize("limit", BOUNDS)
def test_limit_lowers_what_a_profile_asks(limit: str) -> None:
    """A profile's bound above the limit becomes the limit; one at or below it stays."""
    name, unit = BOUNDS[limit]
    connector = connector_from({"metadata": {"name": "a"}, "spec": ASKED})
    scale = 1 if limit == "upstream_timeout_s" else unit

    lowered = [bound(connector.within(Limits(**{limit: count * scale})), name) for count in (3, 4, 5)]

    assert lowered == [3 * unit, 4 * unit, 4 * unit]
