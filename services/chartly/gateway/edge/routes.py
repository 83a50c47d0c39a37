"""One route for each external method, by its gRPC path, then what REST paths and everything else get. It names no policy but timeouts."""

from collections.abc import Sequence
from typing import Any

from chartly.gateway.pages import Page, pages
from chartly.platform.config import Limits
from chartly.platform.names import service_of
from chartly.platform.rpc.methods import Method

from .clusters import INGEST

_TYPE = "type.googleapis.com/"
# Leaves the filter out of the chain, which is built for the route *before* transcoding: good for gRPC paths only.
_OFF = {"@type": f"{_TYPE}envoy.config.route.v3.FilterConfig", "disabled": True}
# Looked at when the filter runs, on the route after transcoding.
_UNASKED = {"@type": f"{_TYPE}envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute", "disabled": True}

# What asks auth about a REST request's body before it is transcoded; the extension tells that question from the other.
_BODIES = "chartly.bodies"
_ASKED_ABOUT_BODIES = {
    "@type": f"{_TYPE}envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute",
    "check_settings": {"context_extensions": {"body": "rest"}},
}

# Where REST requests begin. Before transcoding they have no other route, so this is where their bodies are bounded.
REST_PREFIXES = ("/v1/", "/v1", "/api/")
# A body of any length, which the edge passes on as it comes and never holds whole.
_STREAMED = "/v1/sources/[^/]+:ingestStream"
# Bodies that are payloads, not messages: nobody reads them here.
_OPAQUE = "/v1/sources/[^/]+:ingest"
# Pushes go by a cluster of their own, which bounds how many are under way.
_PUSHES = frozenset({"/chartly.v1.ConnectorHubService/Ingest", "/chartly.v1.ConnectorHubService/IngestStream"})


def routes(external: Sequence[Method], limits: Limits) -> list[dict[str, Any]]:
    """Give all routes in the order that Envoy tries them."""
    buffered = {
        "envoy.filters.http.buffer": {
            "@type": f"{_TYPE}envoy.extensions.filters.http.buffer.v3.BufferPerRoute",
            "buffer": {"max_request_bytes": limits.request_bytes_max},
        }
    }
    # CORS ignores direct responses, so what is never forwarded still names a cluster: the transcoder refuses it first.
    refused = {"cluster": "gateway"}
    return [
        *(_method_route(method, limits) for method in external),
        *(_page_route(page) for page in pages()),
        # A gRPC call of anything else, internal methods included: the edge has no such method.
        {"match": {"prefix": "/", "grpc": {}}, "direct_response": {"status": 404}, "typed_per_filter_config": _bypassed()},
        {"match": {"safe_regex": {"regex": _STREAMED}}, "route": refused},
        {"match": {"safe_regex": {"regex": _OPAQUE}}, "route": refused, "typed_per_filter_config": buffered},
        *(
            {
                "match": {"prefix": prefix, "headers": [{"name": ":method", "string_match": {"exact": verb}}]},
                "route": refused,
                "typed_per_filter_config": {**buffered, _BODIES: _ASKED_ABOUT_BODIES},
            }
            for prefix in REST_PREFIXES
            for verb in ("POST", "PUT")
        ),
        *({"match": {"prefix": prefix}, "route": refused, "typed_per_filter_config": buffered} for prefix in REST_PREFIXES),
        {"match": {"prefix": "/"}, "route": refused},
    ]


def _method_route(method: Method, limits: Limits) -> dict[str, Any]:
    cluster = INGEST if method.path in _PUSHES else service_of(method.service)
    streams = method.server_streaming or method.client_streaming
    deadline = "0s" if streams else f"{limits.rpc_deadline_s}s"
    route: dict[str, Any] = {
        "match": {"path": method.path},
        "route": {
            "cluster": cluster,
            # With max_stream_duration, route.timeout is ignored.
            "max_stream_duration": {"max_stream_duration": deadline, "grpc_timeout_header_max": deadline},
            # Only what certainly reached no service: safe for every method.
            "retry_policy": {"retry_on": "connect-failure,refused-stream,reset-before-request", "num_retries": 2},
        },
    }
    if method.public:
        route["typed_per_filter_config"] = {"envoy.filters.http.ext_authz": _UNASKED}
    return route


def _page_route(page: Page) -> dict[str, Any]:
    return {
        "match": {"path": page.path, "headers": [{"name": ":method", "string_match": {"exact": "GET"}}]},
        "direct_response": {"status": 200, "body": {"inline_string": page.text}},
        "response_headers_to_add": [
            {"header": {"key": key, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"} for key, value in page.headers.items()
        ],
        "typed_per_filter_config": _bypassed(),
    }


def _bypassed() -> dict[str, Any]:
    return {"envoy.filters.http.grpc_json_transcoder": _OFF, "envoy.filters.http.ext_authz": _OFF}
