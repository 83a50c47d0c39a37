"""No method of the protos can be called without its permission, by REST or gRPC. The tests read the protos, so they include new RPCs."""

import base64
import re
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.api import annotations_pb2, http_pb2
from google.protobuf import descriptor_pb2

from chartly.platform.identity.policy import ROLES, allows
from chartly.platform.identity.scope import Scope
from chartly.platform.identity.tokens import HEADER
from chartly.platform.rpc.methods import DESCRIPTORS, Method, all_methods

METHODS = sorted(all_methods().values(), key=lambda method: method.path)
EXTERNAL = [method for method in METHODS if method.external]
INTERNAL = [method for method in METHODS if method.internal]
PROFILE = "tenant-demo/proj-sales::connector/shop@1.0.0"


def bindings() -> Iterator[tuple[Method, str, str]]:
    """Return every REST binding: method, verb, and path with its variables filled in."""
    files = descriptor_pb2.FileDescriptorSet.FromString(DESCRIPTORS.read_bytes())
    for file in files.file:
        for service in file.service:
            for rpc in service.method:
                options: Any = rpc.options
                if not options.HasExtension(annotations_pb2.http):
                    continue
                rule: http_pb2.HttpRule = options.Extensions[annotations_pb2.http]
                method = all_methods()[f"/{file.package}.{service.name}/{rpc.name}"]
                for each in (rule, *rule.additional_bindings):
                    verb = each.WhichOneof("pattern")
                    assert verb
                    path = re.sub(r"\{[^}=]+=\*\*\}", PROFILE, getattr(each, verb))
                    yield method, verb.upper(), re.sub(r"\{[^}]+\}", "x1", path)


BINDINGS = list(bindings())
REST = pytest.mark.parametrize(("method", "verb", "path"), BINDINGS, ids=[f"{verb} {path}" for _, verb, path in BINDINGS])


def test_every_external_method_has_a_binding() -> None:
    """Every external method has a REST binding."""
    assert {method.path for method, _, _ in BINDINGS} == {method.path for method in EXTERNAL}


@REST
def test_rest_without_a_token(edge: Any, method: Method, verb: str, path: str) -> None:
    """Every binding without a token is 401 with its reason as JSON, but for public methods."""
    answer = edge.ask(verb, path, json={} if verb in {"POST", "PUT"} else None)

    if method.public:
        assert answer.status_code == 200
        return
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["details"][0]["reason"] == "TOKEN_INVALID"


@pytest.fixture(scope="module")
def ingester(edge: Any) -> dict[str, str]:
    """Headers of a principal who may push records and nothing else."""
    return edge.make_token("ingester")


@REST
def test_rest_without_the_permission(edge: Any, ingester: dict[str, str], method: Method, verb: str, path: str) -> None:
    """Every binding is 403 with the missing permission, unless the role has that permission."""
    if method.public or allows(["ingester"], method.permission):
        pytest.skip("open to the role")

    answer = edge.ask(verb, path, json={} if verb in {"POST", "PUT"} else None, headers=ingester)

    assert answer.status_code == 403
    info = answer.json()["details"][0]
    assert (info["reason"], info["metadata"]["permission"]) == ("PERMISSION_DENIED", method.permission)


@pytest.mark.parametrize("method", EXTERNAL, ids=lambda method: method.path)
def test_grpc_without_a_token(edge: Any, method: Method) -> None:
    """A gRPC call without a token is refused like the REST call of the same method."""
    assert grpc_status(edge, method.path) is (grpc.StatusCode.OK if method.public else grpc.StatusCode.UNAUTHENTICATED)


@pytest.mark.parametrize("method", INTERNAL, ids=lambda method: method.path)
def test_internal_methods_do_not_exist_at_the_edge(edge: Any, method: Method) -> None:
    """Internal methods are refused at the edge, even for the operator and with an internal token."""
    stolen = edge.host.tokens.mint(Scope.service("storage", "t", "p"))

    assert grpc_status(edge, method.path, ("authorization", edge.operator["authorization"]), (HEADER, stolen)) is (
        grpc.StatusCode.UNIMPLEMENTED
    )
    assert edge.ask("POST", method.path, json={}, headers=edge.operator).status_code == 404


@pytest.mark.parametrize(
    ("content_type", "frame"),
    [("application/grpc-web+proto", b"\0\0\0\0\0"), ("application/grpc-web-text", base64.b64encode(b"\0\0\0\0\0"))],
)
def test_internal_methods_do_not_exist_for_browsers(edge: Any, content_type: str, frame: bytes) -> None:
    """Internal methods are refused by gRPC-Web, too."""
    headers = {**edge.operator, "content-type": content_type}

    answer = edge.ask("POST", "/chartly.v1.AuditService/AppendEvents", content=frame, headers=headers)

    assert answer.headers["grpc-status"] == "7"


def test_forged_internal_token_is_stripped(edge: Any) -> None:
    """The edge removes an internal token from a request, also when it is valid or accompanies a weaker token."""
    stolen = {HEADER: edge.host.tokens.mint(Scope("user:boss", "tenant-demo", "proj-sales", frozenset({"operator"})))}

    assert edge.ask("GET", "/api/status", headers=stolen).status_code == 401
    weaker = edge.make_token("viewer")
    received = edge.ask("GET", "/v1/auth/introspect", headers={**weaker, **stolen}).json()
    assert (received["principal"], received["roles"]) == ("user:viewer", ["viewer"])


def test_transcoders_mark_cannot_be_forged(edge: Any) -> None:
    """The header that marks REST calls is removed from gRPC calls."""
    assert grpc_status(edge, "/chartly.v1.GatewayService/GetStatus", ("x-envoy-original-path", "/health")) is (
        grpc.StatusCode.UNAUTHENTICATED
    )


def test_revoked_token_ends_at_once(edge: Any) -> None:
    """A revoked token is refused at once, although decisions are cached."""
    headers = edge.make_token("viewer")
    token_id = headers["authorization"].removeprefix("Bearer ").partition(".")[0]
    assert edge.ask("GET", "/v1/auth/introspect", headers=headers).status_code == 200

    revoked = [edge.ask("POST", f"/v1/auth/tokens/{token_id}:revoke", json={}, headers=edge.operator).status_code for _ in range(2)]

    assert revoked == [200, 200]
    assert edge.ask("GET", "/v1/auth/introspect", headers=headers).status_code == 401


def test_token_opens_its_projects_only(edge: Any) -> None:
    """X-Chartly-Project selects one of the token's projects; another project is refused, and a malformed name is 400."""
    headers = edge.make_token("viewer", projects=("t/a", "t/b"))

    def introspect(**project: str) -> Any:
        asked = {"x-chartly-project": project["of"]} if project else {}
        return edge.ask("GET", "/v1/auth/introspect", headers={**headers, **asked})

    assert introspect(of="t/b").json()["project_id"] == "b"
    assert (introspect(of="t/c").status_code, introspect().status_code, introspect(of="../x").status_code) == (403, 403, 400)


def test_operator_creates_tokens_only_for_own_projects(edge: Any) -> None:
    """An operator of one project can't create a token for another one or list another tenant's tokens."""
    headers = {**edge.make_token("operator", projects=("t/a",)), "x-chartly-project": "t/a"}
    body = {"principal": "user:eve", "roles": ["viewer"], "projects": ["tenant-demo/proj-sales"]}

    assert edge.ask("POST", "/v1/auth/tokens", json=body, headers=headers).status_code == 403
    assert edge.ask("GET", "/v1/auth/tokens", headers=headers).json() == {"tokens": [], "next_page_token": ""}


def test_only_roles_of_the_table_can_be_requested(edge: Any) -> None:
    """The services' own role is refused like an unknown one, and the violation names the field."""
    for role in ("service", "superuser"):
        body = {"principal": "user:eve", "roles": [role], "projects": ["t/a"]}
        answer = edge.ask("POST", "/v1/auth/tokens", json=body, headers=edge.operator)
        assert answer.status_code == 400
        assert [found["field"] for found in answer.json()["details"][1]["field_violations"]] == ["roles[0]"]
    for role in ROLES.keys() - {"service"}:
        assert edge.make_token(role)


def grpc_status(edge: Any, path: str, *metadata: tuple[str, str]) -> grpc.StatusCode:
    """Call a method through the edge with an empty message; return the status."""
    with grpc.insecure_channel(edge.target) as channel:
        untyped: Any = channel
        try:
            untyped.unary_unary(path)(b"", metadata=metadata, timeout=20)
        except grpc.RpcError as failure:
            received: Any = failure
            return received.code()
    return grpc.StatusCode.OK
