"""Envoy's routes: one for each external method by its gRPC path, then those of REST paths and of everything else."""

from collections.abc import Sequence
from typing import Any

from chartly.gateway.pages import WebPage, pages
from chartly.platform.config import Limits
from chartly.platform.names import service_of
from chartly.platform.rpc.methods import Method

from .clusters import INGEST

_TYPE = "type.googleapis.com/"
# Removes the filter from the chain. The chain is built for the route *before* transcoding, so this works for gRPC paths only.
_OFF = {"@type": f"{_TYPE}envoy.config.route.v3.FilterConfig", "disabled": True}
# Read when the filter runs, on the route after transcoding.
_UNASKED = {"@type": f"{_TYPE}envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute", "disabled": True}

# Asks auth about the body of a REST request before transcoding. The extension marks this question.
_BODIES = "chartly.bodies"
_ASKED_ABOUT_BODIES = {
    "@type": f"{_TYPE}envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute",
    "check_settings": {"context_extensions": {"body": "rest"}},
}

# The route of REST requests before transcoding. The bounds of their bodies are here, since they have no other route yet.
REST_PREFIXES = ("/v1/", "/v1", "/api/")
# A body without a bound: the edge forwards it as a stream.
_STREAMED = "/v1/sources/[^/]+:ingestStream"
# Bodies that are payloads, not messages. Auth doesn't read them.
_OPAQUE = "/v1/sources/[^/]+:ingest"
# A body with a content coding. Only pushes may have one, which the hub undoes; elsewhere the transcoder would read coded bytes as JSON.
_CODED = {"name": "content-encoding", "string_match": {"exact": "identity", "ignore_case": True}, "invert_match": True}
# Pushes have a separate cluster that bounds their number.
_PUSHES = frozenset({"/chartly.v1.ConnectorHubService/Ingest", "/chartly.v1.ConnectorHubService/IngestStream"})


def routes(external: Sequence[Method], limits: Limits) -> list[dict[str, Any]]:
    """Return all routes in the order in which Envoy tries them."""
    buffered = {
        "envoy.filters.http.buffer": {
            "@type": f"{_TYPE}envoy.extensions.filters.http.buffer.v3.BufferPerRoute",
            "buffer": {"max_request_bytes": limits.request_bytes_max},
        }
    }
    # CORS ignores direct responses, so a route that is never forwarded names a cluster too. The transcoder refuses the request first.
    refused = {"cluster": "gateway"}
    return [
        *(_method_route(method, limits) for method in external),
        *(_page_route(page) for page in pages()),
        # Any other gRPC call, also of an internal method: the edge does not have it.
        {"match": {"prefix": "/", "grpc": {}}, "direct_response": {"status": 404}, "typed_per_filter_config": _bypassed()},
        {"match": {"safe_regex": {"regex": _STREAMED}}, "route": refused},
        {"match": {"safe_regex": {"regex": _OPAQUE}}, "route": refused, "typed_per_filter_config": buffered},
        *(
            {
                "match": {"prefix": prefix, "headers": [{"name": "content-encoding", "present_match": True}, _CODED]},
                "direct_response": {"status": 415},
                "response_headers_to_add": [{"header": {"key": "accept-encoding", "value": "identity"}}],
                "typed_per_filter_config": _bypassed(),
            }
            for prefix in REST_PREFIXES
        ),
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
            # Retry only requests that reached no service. That is safe for every method.
            "retry_policy": {"retry_on": "connect-failure,refused-stream,reset-before-request", "num_retries": 2},
        },
    }
    if method.public:
        route["typed_per_filter_config"] = {"envoy.filters.http.ext_authz": _UNASKED}
    return route


def _page_route(page: WebPage) -> dict[str, Any]:
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
