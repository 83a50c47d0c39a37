"""Malformed and empty bodies of every method: all services behind the real edge, every REST binding."""

import json
from collections.abc import Generator
from typing import Any

import httpx
import pytest

from chartly.platform.names import SERVICES
from chartly.platform.paths import operator_token_path
from chartly.v1 import error_reason_pb2

from .conftest import running
from .test_denial import BINDINGS

REASONS = {name.removeprefix("REASON_") for name in error_reason_pb2.Reason.keys()}  # noqa: SIM118 - an enum, not a dict
# A push is any bytes: they are stored without a check whether they are JSON.
OPAQUE = {"Ingest", "IngestStream"}
WRITING = [(method, verb, path) for method, verb, path in BINDINGS if verb in {"POST", "PUT"} and method.name not in OPAQUE]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Generator[httpx.Client]:
    """The operator's client of an installation with all services."""
    with running(tmp_path_factory.mktemp("all"), *SERVICES) as installation:
        headers = {"authorization": f"Bearer {operator_token_path(installation.config).read_text(encoding='utf-8').strip()}"}
        with httpx.Client(base_url=installation.edge.url, headers=headers, timeout=60) as opened:
            yield opened


def violations(answer: httpx.Response) -> list[dict[str, Any]]:
    """Check that an error has the shape of all errors; return its field violations."""
    body = json.loads(answer.text)
    details = {detail["@type"].rpartition(".")[2]: detail for detail in body["details"]}
    assert details["ErrorInfo"]["domain"] == "chartly.io"
    assert details["ErrorInfo"]["reason"] in REASONS
    return details.get("BadRequest", {}).get("field_violations", [])


@pytest.mark.parametrize(("method", "verb", "path"), BINDINGS, ids=[f"{verb} {path}" for _, verb, path in BINDINGS])
def test_empty_request_is_answered_or_refused(client: httpx.Client, method: Any, verb: str, path: str) -> None:
    """An empty request succeeds or is refused with a reason of the enum, never with a fault; a 400 names the fields."""
    answer = client.request(verb, path, content=b"{}" if verb in {"POST", "PUT"} else None)

    # The installation has no drone, so it is not ready.
    expected = {503} if method.name == "GetReadiness" else {200, 400, 404, 409}
    assert answer.status_code in expected, answer.text
    if answer.status_code != 200:
        assert answer.headers["content-type"] == "application/json"
        found = violations(answer)
        assert found or answer.status_code != 400


@pytest.mark.parametrize(("method", "verb", "path"), WRITING, ids=[path for _, _, path in WRITING])
@pytest.mark.parametrize("body", ["{", "[]", '"text"', "<html>"])
def test_malformed_body_is_400_with_field_violations(client: httpx.Client, method: Any, verb: str, path: str, body: str) -> None:
    """A malformed body of any method is 400 with field violations."""
    answer = client.request(verb, path, content=body)

    assert answer.status_code == 400, answer.text
    assert violations(answer)


@pytest.mark.parametrize(("method", "verb", "path"), WRITING, ids=[path for _, _, path in WRITING])
def test_unknown_member_is_400_with_its_place(client: httpx.Client, method: Any, verb: str, path: str) -> None:
    """A body with an unknown field is 400, and the violation names it."""
    answer = client.request(verb, path, json={"no_such_member": 1})

    assert answer.status_code == 400, answer.text
    assert [(each["field"], each["reason"]) for each in violations(answer)] == [("no_such_member", "unknown-key")]


def test_value_of_another_type_is_400_with_its_field(client: httpx.Client) -> None:
    """For a value of the wrong type the violation names the field, not the whole body."""
    answer = client.post("/v1/query", json={"sql": 3})

    assert answer.status_code == 400
    assert [(each["field"], each["description"]) for each in violations(answer)] == [("sql", "must be a text")]


def test_long_body_is_checked_on_a_thread(client: httpx.Client) -> None:
    """A body that is too long for the event loop is checked on a thread."""
    answer = client.post("/v1/query", json={"no_such_member": "x" * 1_000_000})

    assert [each["field"] for each in violations(answer)] == ["no_such_member"]


def test_violations_of_one_body_are_bounded(client: httpx.Client) -> None:
    """A body's violations are bounded in number and in the length of names."""
    answer = client.post("/v1/query", json={f"{number:0200}": 1 for number in range(1_000)})

    assert [each["field"] for each in violations(answer)] == ["0" * 128] * 20


def test_body_beyond_the_check_bound_reaches_the_method(client: httpx.Client) -> None:
    """The edge forwards a body that is too long for its check, and the method refuses it."""
    answer = client.post("/v1/query", json={"sql": "x" * (4 << 20)})

    assert answer.status_code == 400
    assert [each["field"] for each in violations(answer)] == ["sql"]


def test_without_a_token_no_body_is_read(client: httpx.Client) -> None:
    """A request without a token is 401, whatever its body."""
    answer = httpx.post(client.base_url.join("/v1/query"), content=b"{", timeout=60)

    assert answer.status_code == 401
