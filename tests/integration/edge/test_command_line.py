"""The command line against a real installation: what it stores, shows and explains, as tables and as JSON."""

import json
import os
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from chartly.platform.names import SERVICES

from .conftest import Installation, running

DOMAIN = Path(__file__).parents[3] / "profiles" / "domains" / "sales"


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Generator[Installation]:
    """An installation with all services."""
    with running(tmp_path_factory.mktemp("all"), *SERVICES) as installation:
        yield installation


def chartly(at: Installation, *arguments: str, status: int = 0) -> str:
    """Run the command line against the installation; return its output."""
    command = [sys.executable, "-m", "chartly.cli", *arguments, "--data", str(at.config.data_path)]
    environment = {**os.environ, "COLUMNS": "200"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=environment)
    assert done.returncode == status, done.stderr
    return done.stdout if status == 0 else done.stderr


def as_json(at: Installation, *arguments: str) -> Any:
    """Run a command with JSON output, and return the parsed output."""
    return json.loads(chartly(at, *arguments, "--output", "json"))


def test_contract_is_stored_once_and_read_back(at: Installation, tmp_path: Path) -> None:
    """Storing a contract with the same content a second time reports it as unchanged."""
    file = tmp_path / "thing.json"
    file.write_text('{"type": "object", "properties": {"id": {"type": "string"}}}')

    assert chartly(at, "contract", "put", "thing.seen@1.0.0", str(file)) == "thing.seen@1.0.0 stored\n"
    assert chartly(at, "contract", "put", "thing.seen@1.0.0", str(file)) == "thing.seen@1.0.0 unchanged\n"
    assert json.loads(chartly(at, "contract", "get", "thing.seen@1.0.0"))["properties"] == {"id": {"type": "string"}}
    assert "thing.seen@1.0.0" in {contract["name"] for contract in as_json(at, "contract", "list")}


def test_contract_that_is_no_schema_is_refused_by_file(at: Installation, tmp_path: Path) -> None:
    """The error about an invalid contract names the file and the place in the schema."""
    file = tmp_path / "wrong.json"
    file.write_text('{"type": "nothing"}')

    said = chartly(at, "contract", "put", "thing.wrong@1.0.0", str(file), status=2)

    assert "wrong.json: " in said
    assert "schema.type: " in said


def test_profile_explains_a_record(at: Installation, tmp_path: Path) -> None:
    """The table output shows rows, and the JSON output shows the whole trace."""
    sample = tmp_path / "sale.json"
    sample.write_text('{"id": "sale_1", "timestamp": "2026-02-02T12:00:00Z", "totals": {"amount": "19.99", "currency": "USD"}}')
    stored = as_json(at, "profile", "put", str(DOMAIN / "normalizer-sales-default@1.0.0.yaml"))
    reference = "tenant-demo/proj-sales::normalizer/sales-default@1.0.0"

    (trace,) = as_json(at, "profile", "test", reference, str(sample))

    assert [answer["created"] for answer in stored] == [True]
    assert trace["accepted"] is True
    assert "toNumber 19.99" in chartly(at, "profile", "test", reference, str(sample))


def test_escaped_characters_of_a_path_are_decoded(at: Installation) -> None:
    """Generated clients escape all reserved characters of a path parameter; the profile is found all the same."""
    chartly(at, "profile", "put", str(DOMAIN / "normalizer-sales-default@1.0.0.yaml"))

    for path in (
        "tenant-demo/proj-sales::normalizer/sales-default@1.0.0",
        "tenant-demo%2Fproj-sales%3A%3Anormalizer%2Fsales-default%401.0.0",
    ):
        answer = at.ask("GET", f"/v1/profiles/{path}", headers=at.operator)
        assert answer.status_code == 200
        assert answer.json()["profile"]["ref"] == "tenant-demo/proj-sales::normalizer/sales-default@1.0.0"
    assert at.ask("GET", "/v1/datasets/a+b%2Bc%252Fd", headers=at.operator).json()["message"].endswith("(dataset=a+b+c%2Fd)")


def test_plus_in_a_query_is_a_space(at: Installation) -> None:
    """`+` stands for a space in a query, as forms, browsers and most clients encode it, and `%2B` for a plus."""
    plus = at.ask("GET", "/v1/quarantine?since=2026-01-01T00:00:00%2B01:00", headers=at.operator)
    space = at.ask("GET", "/v1/quarantine?since=2026-01-01T00:00:00+01:00", headers=at.operator)

    assert (plus.status_code, space.status_code) == (200, 400)


@pytest.mark.parametrize(("path", "field"), [("/v1/datasets/%FF", "dataset"), ("/v1/datasets/x/records?filter=%C3%28", "filter")])
def test_path_or_query_that_is_not_utf_8_is_400_with_its_place(at: Installation, path: str, field: str) -> None:
    """Bytes that are no text are refused by the name of their field."""
    answer = at.ask("GET", path, headers=at.operator)

    assert answer.status_code == 400
    facts = {detail["@type"].rpartition(".")[2]: detail for detail in answer.json()["details"]}
    assert facts["ErrorInfo"]["reason"] == "INVALID_REQUEST"
    assert facts["BadRequest"]["field_violations"] == [{"field": field, "description": "must be UTF-8", "reason": ""}]


def test_sources_and_consistency_of_an_empty_installation(at: Installation) -> None:
    """An empty installation lists no source, and its check finds no fault."""
    assert as_json(at, "source", "list") == []
    assert as_json(at, "check")["consistent"] is True
    assert chartly(at, "check") == "consistent: 0 datasets, 0 commits, 0 blobs\n"


def test_unknown_source_is_an_error_with_its_reason(at: Installation) -> None:
    """Each command for a source reports an unknown source with its reason."""
    for verb in ("show", "pause", "resume"):
        assert "SOURCE_UNKNOWN" in chartly(at, "source", verb, "nobody", status=1)
