"""Render the edge's configuration from the template, the protos and the limits."""

from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

from chartly.platform.config import Config
from chartly.platform.names import SERVICES
from chartly.platform.paths import edge_folder
from chartly.platform.rpc.methods import DESCRIPTORS, all_methods
from chartly.platform.rpc.transport import socket_path

from .clusters import clusters
from .replies import local_replies
from .routes import routes

TEMPLATE = Path(__file__).with_name("template.yaml")

# Headers that only the edge and the services may set. The transcoder marks REST requests with x-envoy-original-path.
_STRIPPED = ("x-chartly-internal-token", "x-chartly-run-id", "x-envoy-original-path", "x-envoy-original-method")


def render(config: Config, port: int) -> dict[str, Any]:
    """Return the whole bootstrap configuration, as a JSON object."""
    limits = config.limits
    methods = sorted(all_methods().values(), key=lambda method: method.path)
    external = [method for method in methods if method.external]
    values: dict[str, Any] = {
        "admin_socket": str(socket_path(config, "edge-admin.sock")),
        "host": config.edge.host,
        "port": port,
        "clusters": clusters(config, SERVICES),
        "routes": routes(external, limits),
        "local_replies": local_replies(),
        "stripped_headers": [{"remove": name} for name in _STRIPPED],
        "cors_origins": [{"safe_regex": {"regex": pattern}} for pattern in config.edge.cors_origins],
        "access_log": _access_log(config),
        "descriptor": str(DESCRIPTORS),
        "proto_services": sorted({method.service for method in external}),
        "request_bytes_max": limits.request_bytes_max,
        "body_checked_bytes_max": limits.body_checked_bytes_max,
        "heap_bytes_max": limits.edge_heap_bytes_max,
        "response_bytes_max": limits.rpc_message_bytes_max * 2,
        "request_headers_kib_max": limits.request_headers_kib_max,
        "stream_idle_timeout": f"{limits.rpc_stream_deadline_s}s",
        "edge_requests_per_s": limits.edge_requests_per_s,
    }
    return _fill(_template(), values)


@cache
def _template() -> Any:
    return yaml.safe_load(TEMPLATE.read_bytes())


def _fill(node: Any, values: dict[str, Any]) -> Any:
    if isinstance(node, dict):
        return {key: _fill(value, values) for key, value in cast("dict[str, Any]", node).items()}
    if isinstance(node, list):
        return [_fill(value, values) for value in cast("list[Any]", node)]
    if isinstance(node, str) and node.startswith("${") and node.endswith("}"):
        return values[node[2:-1]]
    return node


def _access_log(config: Config) -> list[dict[str, Any]]:
    if not config.edge.access_log:
        return []
    line = {
        "ts": "%START_TIME(%Y-%m-%dT%H:%M:%S.%3fZ)%",
        "level": "info",
        "service": "edge",
        "env": config.telemetry.environment,
        "message": "request",
        "request_id": "%REQ(x-request-id)%",
        "traceparent": "%REQ(traceparent)%",
        "method": "%REQ(x-envoy-original-method?:method)%",
        "path": "%REQ(x-envoy-original-path?:path)%",
        "rpc": "%REQ(:path)%",
        "status": "%RESPONSE_CODE%",
        "grpc_status": "%GRPC_STATUS%",
        "flags": "%RESPONSE_FLAGS%",
        "details": "%RESPONSE_CODE_DETAILS%",
        "request_bytes": "%BYTES_RECEIVED%",
        "response_bytes": "%BYTES_SENT%",
        "duration_ms": "%DURATION%",
        "protocol": "%PROTOCOL%",
        "client": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
    }
    return [
        {
            "name": "envoy.access_loggers.file",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog",
                "path": str(edge_folder(config) / "access.log"),
                "log_format": {"json_format": line},
            },
        }
    ]
