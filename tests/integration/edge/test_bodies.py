"""What every method of every service makes of bodies that say nothing: all services behind the real edge, every REST binding."""

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
# What is pushed is bytes: nobody looks whether they are JSON before they are stored.
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
    """Check that an error has the shape of all errors; give its field violations."""
    body = json.loads(answer.text)
    details = {detail["@type"].rpartition(".")[2]: detail for detail in body["details"]}
    assert details["ErrorInfo"]["domain"] == "chartly.io"
    assert details["ErrorInfo"]["reason"] in REASONS
    return details.get("BadRequest", {}).get("field_violations", [])


@pytest.mark.parametrize(("method", "verb", "path"), BINDINGS, ids=[f"{verb} {path}" for _, verb, path in BINDINGS])
def test_empty_request_is_answered_or_refused(client: httpx.Client, method: Any, verb: str, path: str) -> None:
    """Never a fault: it is understood, or refused with a reason of the enum; a 400 says which fields are meant."""
    answer = client.request(verb, path, content=b"{}" if verb in {"POST", "PUT"} else None)

    assert answer.status_code in {200, 400, 404, 409}, answer.text
    if answer.status_code != 200:
        assert answer.headers["content-type"] == "application/json"
        found = violations(answer)
        assert found or answer.status_code != 400


@pytest.mark.parametrize(("method", "verb", "path"), WRITING, ids=[path for _, _, path in WRITING])
@pytest.mark.parametrize("body", ["{", "[]", '"text"', "<html>"])
def test_malformed_body_is_400_with_field_violations(client: httpx.Client, method: Any, verb: str, path: str, body: str) -> None:
    """For every method that takes a body."""
    answer = client.request(verb, path, content=body)

    assert answer.status_code == 400, answer.text
    assert violations(answer)
