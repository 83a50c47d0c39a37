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


@pytest.mark.parametrize(("method", "verb", "path"), WRITING, ids=[path for _, _, path in WRITING])
def test_unknown_member_is_400_with_its_place(client: httpx.Client, method: Any, verb: str, path: str) -> None:
    """Every method with a body refuses a misspelt field and names it."""
    answer = client.request(verb, path, json={"no_such_member": 1})

    assert answer.status_code == 400, answer.text
    assert [(each["field"], each["reason"]) for each in violations(answer)] == [("no_such_member", "unknown-key")]


def test_value_of_another_type_is_400_with_its_field(client: httpx.Client) -> None:
    """The violation names the field, not the body as a whole."""
    answer = client.post("/v1/query", json={"sql": 3})

    assert answer.status_code == 400
    assert [(each["field"], each["description"]) for each in violations(answer)] == [("sql", "must be a text")]


def test_long_body_is_looked_through(client: httpx.Client) -> None:
    """On a thread, beyond what the event loop reads itself."""
    answer = client.post("/v1/query", json={"no_such_member": "x" * 1_000_000})

    assert [each["field"] for each in violations(answer)] == ["no_such_member"]


def test_violations_of_one_body_are_bounded(client: httpx.Client) -> None:
    """In number, and in the length of the names that the client made up."""
    answer = client.post("/v1/query", json={f"{number:0200}": 1 for number in range(1_000)})

    assert [each["field"] for each in violations(answer)] == ["0" * 128] * 20


def test_body_beyond_the_bound_goes_to_the_transcoder_unseen(client: httpx.Client) -> None:
    """The edge forwards a long body; the method refuses what is too long for it."""
    answer = client.post("/v1/query", json={"sql": "x" * (4 << 20)})

    assert answer.status_code == 400
    assert [each["field"] for each in violations(answer)] == ["sql"]


def test_without_a_token_no_body_is_read(client: httpx.Client) -> None:
    """401 comes before anything that is wrong with the body."""
    answer = httpx.post(client.base_url.join("/v1/query"), content=b"{", timeout=60)

    assert answer.status_code == 401
