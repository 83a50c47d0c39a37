"""Requests through the edge: JSON, errors, bounds, CORS, gRPC and gRPC-Web."""

import base64
import json
import struct
import time
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import httpx
import pytest
from google.rpc import error_details_pb2, status_pb2

from chartly.v1 import auth_pb2, auth_pb2_grpc, gateway_pb2

INTROSPECT = "/chartly.v1.AuthService/Introspect"


def details(answer: httpx.Response) -> dict[str, Any]:
    """Return an error's details by the last part of their type."""
    return {detail["@type"].rpartition(".")[2]: detail for detail in answer.json()["details"]}


def test_health_and_readiness_need_no_token(edge: Any) -> None:
    """Health and readiness are answered without a token."""
    assert edge.ask("GET", "/health").json() == {"status": "ok"}
    assert edge.ask("GET", "/ready").json() == {"status": "ready"}
    assert edge.ask("GET", "/edge/health").status_code == 200


def test_status_lists_services_and_counts(edge: Any) -> None:
    """Counts are returned as strings, as protobuf's JSON encodes int64, and zeros are included."""
    received = edge.ask("GET", "/api/status", headers=edge.operator).json()

    assert received["services"] == [{"service": name, "status": "serving", "problem": ""} for name in ("auth", "gateway")]
    assert received["counts"]["profiles"] == "0"


def test_local_operator_uses_the_default_project_or_any_it_names(edge: Any) -> None:
    """The local operator acts in tenant-demo/proj-sales unless the request names another project."""
    received = edge.ask("GET", "/v1/auth/introspect", headers=edge.operator).json()
    named = edge.ask("GET", "/v1/auth/introspect", headers={**edge.operator, "x-chartly-project": "tenant-demo/weather"}).json()

    assert (received["tenant_id"], received["project_id"], named["project_id"]) == ("tenant-demo", "proj-sales", "weather")


def test_request_that_breaks_field_rules_is_400_with_every_violation(edge: Any) -> None:
    """Over REST each field that breaks a rule of the protos is named with its rule, and no value is repeated."""
    body = {"principal": "p" * 101, "roles": ["root"], "projects": ["secret-name"], "lifetime_s": 59}
    answer = edge.ask("POST", "/v1/auth/tokens", headers=edge.operator, json=body)

    assert answer.status_code == 400
    assert details(answer)["ErrorInfo"]["reason"] == "INVALID_REQUEST"
    found = details(answer)["BadRequest"]["field_violations"]
    assert {each["field"]: each["description"] for each in found} == {
        "principal": "must have 1 to 100 characters",
        "roles[0]": "must be viewer, analyst, engineer, operator, drone or ingester",
        "projects[0]": "must be <tenant>/<project> or *",
        "lifetime_s": "must be 0, or from 60 to 31536000",
    }
    assert "secret-name" not in answer.text


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "/nothing"),
        ("GET", "/v1"),
        ("GET", "/v1/nothing"),
        ("POST", "/health"),
        ("PUT", "/v1/query"),
        ("GET", "/"),
        ("HEAD", "/v1/x"),
        ("OPTIONS", "/v1/query"),
    ],
)
def test_unknown_path_is_404_as_json(edge: Any, verb: str, path: str) -> None:
    """An unknown path is 404 with and without a token."""
    for headers in (dict[str, str](), edge.operator):
        answer = edge.ask(verb, path, headers=headers)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/json"
        if verb != "HEAD":
            assert details(answer)["ErrorInfo"]["reason"] == "ROUTE_UNKNOWN"


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("{", "body"),
        ("[1]", "body"),
        ("nonsense", "body"),
        ('{"principal": 7}', "principal"),
        ('{"lifetime_s": "soon"}', "lifetime_s"),
        ('{"roles": {"a": 1}}', "roles"),
        ('{"principal": "\ud800"}'.encode("utf-8", "surrogatepass"), "body"),
    ],
)
def test_malformed_body_is_400_with_field_violations(edge: Any, body: str | bytes, place: str) -> None:
    """A body that is not JSON or has wrong types is refused before the service sees it, with the place."""
    answer = edge.ask("POST", "/v1/auth/tokens", content=body, headers=edge.operator)

    assert answer.status_code == 400
    assert details(answer)["ErrorInfo"]["reason"] == "INVALID_REQUEST"
    assert details(answer)["BadRequest"]["field_violations"][0]["field"] == place


def test_invalid_fields_are_400_with_field_violations(edge: Any) -> None:
    """An unknown field is refused before the service is called, a missing one by the service."""
    misspelt = edge.ask("POST", "/v1/auth/tokens", json={"pricipal": "user:ada"}, headers=edge.operator)
    answer = edge.ask("POST", "/v1/auth/tokens", json={}, headers=edge.operator)

    assert misspelt.status_code == 400
    assert [found["field"] for found in details(misspelt)["BadRequest"]["field_violations"]] == ["pricipal"]

    assert answer.status_code == 400
    assert [found["field"] for found in details(answer)["BadRequest"]["field_violations"]] == ["principal", "roles", "projects"]


def test_unknown_query_parameter_is_refused(edge: Any) -> None:
    """A misspelt query parameter is refused and not ignored."""
    answer = edge.ask("GET", "/v1/auth/tokens?page_sise=1", headers=edge.operator)

    assert answer.status_code == 400
    assert details(answer)["BadRequest"]["field_violations"][0]["field"] == "query"


def test_error_of_a_service_arrives_with_reason_and_facts(edge: Any) -> None:
    """An error is returned as google.rpc.Status in JSON, with its reason and facts."""
    answer = edge.ask("POST", "/v1/auth/tokens/tok_none:revoke", json={}, headers=edge.operator)

    assert answer.status_code == 404
    assert answer.json()["code"] == 5
    info = details(answer)["ErrorInfo"]
    assert (info["reason"], info["domain"], info["metadata"]) == ("TOKEN_UNKNOWN", "chartly.io", {"token_id": "tok_none"})


def test_service_that_is_not_run_is_501(edge: Any) -> None:
    """A method of a service that the installation doesn't run is 501."""
    assert edge.ask("GET", "/v1/profiles", headers=edge.operator).status_code == 501


def padded(size: int) -> bytes:
    """Return a body of exactly this size."""
    return json.dumps({"principal": "x"}).encode().ljust(size)


def chunked(body: bytes) -> Iterator[bytes]:
    """Send a body without a content-length."""
    yield from (body[start : start + 1000] for start in range(0, len(body), 1000))


@pytest.mark.parametrize("send", [bytes, chunked], ids=["content-length", "chunked"])
def test_body_above_the_bound_is_413(edge: Any, send: Callable[[bytes], Any]) -> None:
    """A body of the bound's size is read; one byte more is 413."""
    fits = edge.ask("POST", "/v1/auth/tokens", content=send(padded(100_000)), headers=edge.operator)
    above = edge.ask("POST", "/v1/auth/tokens", content=send(padded(100_001)), headers=edge.operator)

    assert (fits.status_code, above.status_code) == (400, 413)
    assert details(above)["ErrorInfo"]["reason"] == "PAYLOAD_TOO_LARGE"


def test_headers_above_the_bound_are_refused(edge: Any) -> None:
    """Headers above the bound are 431, or the connection is closed."""
    answer = edge.ask("GET", "/health", headers={"x-long": "x" * 70_000})

    assert answer.status_code == 431


def test_escaped_slashes_are_slashes(edge: Any) -> None:
    """A profile's reference with escaped slashes reaches the same method."""
    escaped = edge.ask("GET", "/v1/profiles/tenant-demo%2Fproj-sales%3A%3Aconnector%2Fshop%401.0.0")

    assert escaped.status_code == 401


def test_every_answer_has_its_request_id(edge: Any) -> None:
    """Each answer has the request id that the edge made, which is also in the access log."""
    answer = edge.ask("GET", "/api/status", headers={"x-request-id": "mine"})
    request_id = answer.headers["x-request-id"]
    assert request_id != "mine"

    ends = time.monotonic() + 60
    log = edge.config.data_path / "edge" / "access.log"
    while request_id not in log.read_text():
        assert time.monotonic() < ends, "Envoy flushes its log every ten seconds"
        time.sleep(0.2)
    line = next(json.loads(line) for line in log.read_text().splitlines() if request_id in line)
    assert (line["method"], line["path"], line["status"], line["rpc"]) == (
        "GET",
        "/api/status",
        401,
        "/chartly.v1.GatewayService/GetStatus",
    )


def test_preflight_of_an_allowed_origin(edge: Any) -> None:
    """The preflight of an allowed origin is answered without a token."""
    asked = {"origin": "http://localhost:3000", "access-control-request-method": "POST", "access-control-request-headers": "authorization"}

    answer = edge.ask("OPTIONS", "/v1/query", headers=asked)

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert "x-chartly-project" in answer.headers["access-control-allow-headers"]


def test_foreign_origin_gets_no_permission(edge: Any) -> None:
    """Another origin gets no CORS headers, in a preflight or in an answer."""
    foreign = {"origin": "https://evil.example", "access-control-request-method": "POST"}

    assert "access-control-allow-origin" not in edge.ask("OPTIONS", "/v1/query", headers=foreign).headers
    assert "access-control-allow-origin" not in edge.ask("GET", "/health", headers={"origin": "https://evil.example"}).headers
    assert "access-control-allow-origin" in edge.ask("GET", "/health", headers={"origin": "http://127.0.0.1:5173"}).headers


def test_grpc_passes(edge: Any) -> None:
    """A gRPC client can call through the edge with the token as metadata."""
    with grpc.insecure_channel(edge.target) as channel:
        stub = auth_pb2_grpc.AuthServiceStub(channel)
        received = stub.Introspect(auth_pb2.IntrospectRequest(), metadata=(("authorization", f"Bearer {edge.token}"),), timeout=20)

    assert received.principal == "user:operator"


def test_grpc_error_keeps_its_details(edge: Any) -> None:
    """A gRPC error has its reason and facts in grpc-status-details-bin."""
    with grpc.insecure_channel(edge.target) as channel, pytest.raises(grpc.RpcError) as refused:
        auth_pb2_grpc.AuthServiceStub(channel).RevokeToken(
            auth_pb2.RevokeTokenRequest(token_id="tok_none"),  # noqa: S106 - an id, no secret
            metadata=(("authorization", f"Bearer {edge.token}"),),
            timeout=20,
        )

    received: Any = refused.value
    assert received.code() is grpc.StatusCode.NOT_FOUND
    assert b"TOKEN_UNKNOWN" in dict(received.trailing_metadata())["grpc-status-details-bin"]


def test_refusal_of_the_edge_has_details_for_grpc_too(edge: Any) -> None:
    """A refusal by auth has a reason in the details, as an error of a service has."""
    with grpc.insecure_channel(edge.target) as channel, pytest.raises(grpc.RpcError) as refused:
        auth_pb2_grpc.AuthServiceStub(channel).Introspect(auth_pb2.IntrospectRequest(), timeout=20)

    received: Any = refused.value
    status = status_pb2.Status.FromString(dict(received.trailing_metadata())["grpc-status-details-bin"])
    info = error_details_pb2.ErrorInfo()
    assert (received.code(), status.code, status.details[0].Unpack(info), info.reason) == (
        grpc.StatusCode.UNAUTHENTICATED,
        16,
        True,
        "TOKEN_INVALID",
    )


@pytest.mark.parametrize("text", [False, True], ids=["proto", "text"])
def test_grpc_web_passes(edge: Any, *, text: bool) -> None:
    """A gRPC-Web answer has one frame with the message and one with the trailers."""
    frame = struct.pack(">BI", 0, 0)
    kind = f"application/grpc-web{'-text' if text else ''}+proto"
    headers = {**edge.operator, "content-type": kind, "accept": kind, "x-grpc-web": "1"}

    answer = edge.ask("POST", INTROSPECT, content=base64.b64encode(frame) if text else frame, headers=headers)

    # As text, each frame is encoded and padded on its own.
    groups = (answer.content[start : start + 4] for start in range(0, len(answer.content), 4))
    body = b"".join(map(base64.b64decode, groups)) if text else answer.content
    size = struct.unpack(">BI", body[:5])[1]
    assert auth_pb2.IntrospectResponse.FromString(body[5 : 5 + size]).principal == "user:operator"
    assert b"grpc-status:0" in body[5 + size :].replace(b" ", b"")


def test_public_methods_pass_by_grpc(edge: Any) -> None:
    """Health has the same answer by REST, gRPC and gRPC-Web."""
    with grpc.insecure_channel(edge.target) as channel:
        untyped: Any = channel
        answer = untyped.unary_unary("/chartly.v1.GatewayService/GetHealth")(b"", timeout=20)

    assert gateway_pb2.GetHealthResponse.FromString(answer).status == "ok"
