"""Envoy's own answers as JSON of google.rpc.Status, the form of the services' errors. ext_authz's refusals have it already.

One mapper for each status: Envoy's own texts are short and text/plain. Answers to gRPC clients stay unchanged.
"""

from collections.abc import Sequence
from typing import Any

from chartly.platform.rpc.status import DOMAIN

_TYPE = "type.googleapis.com/"

# HTTP status → google.rpc.Code, reason, message. %LOCAL_REPLY_BODY% is Envoy's own text, such as the place of a JSON error.
_REPLIES: dict[int, tuple[int, str, str]] = {
    400: (3, "INVALID_REQUEST", "The request can't be read: %LOCAL_REPLY_BODY%"),
    404: (5, "ROUTE_UNKNOWN", "No method of the API has this path and HTTP verb"),
    408: (4, "DEADLINE_EXCEEDED", "The request took too long to arrive"),
    413: (8, "PAYLOAD_TOO_LARGE", "The body is larger than the limit of this path; send less at a time"),
    414: (3, "INVALID_REQUEST", "The path is too long"),
    415: (3, "INVALID_REQUEST", "The content type or content coding is not supported; only pushes may have a Content-Encoding"),
    426: (3, "INVALID_REQUEST", "The protocol is not supported"),
    429: (8, "QUOTA_EXCEEDED", "Too many requests a second; retry later"),
    431: (3, "INVALID_REQUEST", "The headers are too large"),
    500: (13, "INTERNAL", "Internal error at the edge"),
    502: (14, "SERVICE_UNAVAILABLE", "The service's answer is not gRPC"),
    503: (14, "SERVICE_UNAVAILABLE", "The service is not available; retry later"),
    504: (4, "DEADLINE_EXCEEDED", "The service did not answer in time"),
}

_OVERFLOW = "Too many such requests are under way; retry later"

_CONTENT_TYPE = {
    "name": "content-type",
    "string_match": {"prefix": "application/grpc"},
    "invert_match": True,
    "treat_missing_header_as_empty": True,
}
# An invalid query is refused before the transcoder turns the request into a POST, an invalid body after it.
_GET = {"name": ":method", "string_match": {"exact": "GET"}}
# After transcoding, a REST request has gRPC's content type, and its original path in a header.
_NOT_GRPC: dict[str, Any] = {
    "or_filter": {
        "filters": [
            {"header_filter": {"header": _CONTENT_TYPE}},
            {"header_filter": {"header": {"name": "x-envoy-original-path", "present_match": True}}},
        ]
    }
}


def local_replies() -> list[dict[str, Any]]:
    """Return the mappers in the order in which Envoy tries them; the first match wins."""
    untouched = {"filter": {"response_flag_filter": {"flags": ["UAEX"]}}}
    overflow = _mapper(503, 8, "QUEUE_FULL", _OVERFLOW, also=[{"response_flag_filter": {"flags": ["UO"]}}])
    overflow |= {"status_code": 429, "headers_to_add": [{"header": {"key": "retry-after", "value": "2"}}]}
    unread = _REPLIES[400]
    return [
        untouched,
        overflow,
        _mapper(400, *unread, field="query", also=[{"header_filter": {"header": _GET}}]),
        _mapper(400, *unread, field="body"),
        *(_mapper(status, *said) for status, said in _REPLIES.items() if status != 400),  # noqa: PLR2004 - above
    ]


def _mapper(status: int, code: int, reason: str, message: str, field: str = "", also: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    details: list[dict[str, Any]] = [
        {
            "@type": f"{_TYPE}google.rpc.ErrorInfo",
            "reason": reason,
            "domain": DOMAIN,
            "metadata": {"request_id": "%REQ(x-request-id)%"},
        }
    ]
    if field:
        violation = {"field": field, "description": "%LOCAL_REPLY_BODY%"}
        details.append({"@type": f"{_TYPE}google.rpc.BadRequest", "field_violations": [violation]})
    comparison = {"op": "EQ", "value": {"default_value": status, "runtime_key": f"edge.reply.{status}"}}
    return {
        "filter": {"and_filter": {"filters": [{"status_code_filter": {"comparison": comparison}}, _NOT_GRPC, *also]}},
        "body_format_override": {
            "json_format": {"code": code, "message": message, "details": details},
            "content_type": "application/json",
        },
    }
