"""Limits in Envoy's rendered configuration."""

import json
from collections.abc import Callable

import pytest

from chartly.gateway.edge.render import render
from chartly.platform.config import Config


@pytest.mark.parametrize(
    ("limit", "value", "rendered"),
    [
        ("edge_heap_bytes_max", 123_456_789, '"max_heap_size_bytes": 123456789'),
        ("edge_requests_per_s", 77, '"max_tokens": 77'),
        ("request_headers_kib_max", 33, '"max_request_headers_kb": 33'),
        ("rpc_stream_deadline_s", 345, '"stream_idle_timeout": "345s"'),
        ("body_checked_bytes_max", 54_321, '"max_request_bytes": 54321'),
        ("rpc_concurrent_max", 456, '"max_requests": 456'),
    ],
)
def test_edge_has_the_configured_limit(make_config: Callable[..., Config], limit: str, value: int, rendered: str) -> None:
    """The rendered configuration has the configured limit, and not its default."""
    assert rendered in json.dumps(render(make_config(**{f"limits__{limit}": value}), 8090))
    assert rendered not in json.dumps(render(make_config(), 8090))
