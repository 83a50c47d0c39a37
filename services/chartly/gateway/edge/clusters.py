"""Envoy's clusters: one for each service, at its configured address. Remote hosts get health checks and outlier detection."""

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any

from chartly.platform.config import Config
from chartly.platform.names import health_name
from chartly.platform.rpc.transport import target, uses_tls

_TYPE = "type.googleapis.com/"


INGEST = "ingest"
"""The connector hub's cluster for pushes. It allows few at once, since the host holds each body in memory."""


def clusters(config: Config, services: Sequence[str]) -> list[dict[str, Any]]:
    """Return the clusters of all services, and the one for pushes."""
    ingest = _cluster(config, "connector_hub", INGEST, config.limits.pushes_open_max)
    return [*(_cluster(config, service, service, config.limits.rpc_concurrent_max) for service in services), ingest]


def _cluster(config: Config, service: str, name: str, requests_max: int) -> dict[str, Any]:
    address = target(config, service)
    cluster: dict[str, Any] = {
        "name": name,
        "connect_timeout": "2s",
        "per_connection_buffer_limit_bytes": 1024 * 1024,
        "circuit_breakers": {
            "thresholds": [
                {
                    "max_requests": requests_max,
                    "max_pending_requests": requests_max,
                    "max_retries": 8,
                    "track_remaining": True,
                }
            ]
        },
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": f"{_TYPE}envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                "explicit_http_config": {
                    "http2_protocol_options": {
                        "initial_stream_window_size": 1024 * 1024,
                        "initial_connection_window_size": 4 * 1024 * 1024,
                        # Detects a host that disappeared without closing its connection.
                        "connection_keepalive": {"interval": "30s", "timeout": "5s"},
                    }
                },
            }
        },
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": _address(address)}}]}],
        },
    }
    if address.startswith("unix:"):
        return {**cluster, "type": "STATIC"}
    cluster |= {
        "type": "STRICT_DNS",
        "health_checks": [
            {
                "timeout": "2s",
                "interval": "5s",
                "unhealthy_threshold": 2,
                "healthy_threshold": 1,
                "grpc_health_check": {"service_name": health_name(service)},
            }
        ],
        "outlier_detection": {"consecutive_5xx": 5, "base_ejection_time": "10s", "max_ejection_percent": 50},
    }
    if uses_tls(config, address):
        cluster["transport_socket"] = _mutual_tls(config, address)
    return cluster


def _address(address: str) -> dict[str, Any]:
    if address.startswith("unix:"):
        return {"pipe": {"path": address.removeprefix("unix:")}}
    return {"socket_address": {"address": _host(address), "port_value": int(address.rpartition(":")[2])}}


def _host(address: str) -> str:
    """Return the host of ``host:port``; of an IPv6 address in brackets, the address without them."""
    return address.rpartition("/")[2].rpartition(":")[0].removeprefix("[").removesuffix("]")


def _certified_name(host: str) -> tuple[str, str]:
    """Return the kind of name that a certificate has for a host, and the name as Envoy compares it."""
    try:
        return "IP_ADDRESS", ip_address(host).compressed
    except ValueError:
        return "DNS", host


def _mutual_tls(config: Config, address: str) -> dict[str, Any]:
    server = config.server
    kind, name = _certified_name(server.tls_server_name or _host(address))
    # RFC 6066 allows no address as the name that a client asks for.
    sni = {"sni": name} if kind == "DNS" else {}
    return {
        "name": "envoy.transport_sockets.tls",
        "typed_config": {
            "@type": f"{_TYPE}envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
            **sni,
            "common_tls_context": {
                "tls_certificates": [
                    {"certificate_chain": {"filename": server.tls_certificate}, "private_key": {"filename": server.tls_key}}
                ],
                "validation_context": {
                    "trusted_ca": {"filename": server.tls_ca},
                    "match_typed_subject_alt_names": [{"san_type": kind, "matcher": {"exact": name}}],
                },
            },
        },
    }
